// x = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 in place, one invocation an element.
struct Params {
  columns: u32,
}

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(1) @binding(0) var<uniform> p: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.columns) {
    return;
  }
  let i = id.y * p.columns + id.x;
  let value = x[i];
  let inner = 0.797884561 * (value + 0.044715 * value * value * value);
  // WGSL's tanh may be 1e-5 off, and overflow; 1 + tanh(u) = 2 / (1 + e^-2u), by e^-2|u|.
  let e = exp(-2.0 * abs(inner));
  x[i] = value * select(e, 1.0, inner >= 0.0) / (1.0 + e);
}
