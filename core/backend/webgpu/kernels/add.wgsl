// y = y + x, one invocation an element.
struct Params {
  columns: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(1) @binding(0) var<uniform> p: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.columns) {
    return;
  }
  let i = id.y * p.columns + id.x;
  y[i] = y[i] + x[i];
}
