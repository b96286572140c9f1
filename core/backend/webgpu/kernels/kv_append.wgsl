// Puts rows of k and v into the caches from `position` on; one invocation an element. Keys lie in
// panels of 16 positions with the positions innermost, values position by position.
struct Params {
  position: u32,
  kv_head_count: u32,
  head_size: u32,
  // Floats of one head's keys, of one position's values, of one head's values.
  key_stride: u32,
  value_size: u32,
  value_stride: u32,
}

@group(0) @binding(0) var<storage, read> k: array<f32>;
@group(0) @binding(1) var<storage, read> v: array<f32>;
@group(0) @binding(2) var<storage, read_write> keys: array<f32>;
@group(0) @binding(3) var<storage, read_write> values: array<f32>;
@group(1) @binding(0) var<uniform> p: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let columns = p.kv_head_count * p.head_size;
  let row = id.y;
  if (id.x >= columns) {
    return;
  }
  let head = id.x / p.head_size;
  let d = id.x % p.head_size;
  let position = p.position + row;
  let panel = position / 16u * p.head_size + d;
  keys[head * p.key_stride + panel * 16u + position % 16u] = k[row * columns + id.x];
  values[head * p.value_stride + position * p.value_size + d] = v[row * columns + id.x];
}
