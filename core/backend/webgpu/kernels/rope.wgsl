// Rotates each head of x in place by its position; one invocation a pair (i, i + head_size / 2).
struct Params {
  position: u32,
  head_count: u32,
  head_size: u32,
}

// A row a position: head_size / 2 cosines, then as many sines.
@group(0) @binding(0) var<storage, read> table: array<f32>;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(1) @binding(0) var<uniform> p: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let half = p.head_size / 2u;
  let row = id.y;
  if (id.x >= p.head_count * half) {
    return;
  }
  let head = id.x / half;
  let i = id.x % half;
  let cosine = table[(p.position + row) * p.head_size + i];
  let sine = table[(p.position + row) * p.head_size + half + i];
  let first = (row * p.head_count + head) * p.head_size + i;
  let a = x[first];
  let b = x[first + half];
  x[first] = a * cosine - b * sine;
  x[first + half] = b * cosine + a * sine;
}
