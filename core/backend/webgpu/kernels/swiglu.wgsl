// gate = silu(gate) up, one invocation an element.
struct Params {
  columns: u32,
}

@group(0) @binding(0) var<storage, read> up: array<f32>;
@group(0) @binding(1) var<storage, read_write> gate: array<f32>;
@group(1) @binding(0) var<uniform> p: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.columns) {
    return;
  }
  let i = id.y * p.columns + id.x;
  let x = gate[i];
  // e^-|x| never overflows: x / (1 + e^-x) = x e^x / (1 + e^x).
  let e = exp(-abs(x));
  gate[i] = x * select(e, 1.0, x >= 0.0) / (1.0 + e) * up[i];
}
