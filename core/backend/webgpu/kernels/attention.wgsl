// y[r, h] = softmax(q[r, h] K^T / sqrt(D)) V over positions 0 to position + r; one workgroup a row
// and head. Positions are taken 64 at a time with a running maximum (Milakov and Gimelshein 2018),
// always from position 0 on: a row's bits do not depend on which rows are computed with it.
struct Params {
  position: u32,
  head_count: u32,
  head_size: u32,
  // Query heads that share one key-value head.
  group_size: u32,
  key_stride: u32,
  value_size: u32,
  value_stride: u32,
}

@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> keys: array<f32>;
@group(0) @binding(2) var<storage, read> values: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(1) @binding(0) var<uniform> p: Params;

var<workgroup> weights: array<f32, 64>;
var<workgroup> partial: array<f32, 64>;

// Finite, below every score.
const lowest = -3.0e38;

// Sum of one value a lane, in a fixed tree.
fn sum_lanes(value: f32, lane: u32) -> f32 {
  partial[lane] = value;
  workgroupBarrier();
  for (var width = 32u; width > 0u; width >>= 1u) {
    if (lane < width) {
      partial[lane] += partial[lane + width];
    }
    workgroupBarrier();
  }
  let sum = partial[0];
  workgroupBarrier();
  return sum;
}

fn max_lanes(value: f32, lane: u32) -> f32 {
  partial[lane] = value;
  workgroupBarrier();
  for (var width = 32u; width > 0u; width >>= 1u) {
    if (lane < width) {
      partial[lane] = max(partial[lane], partial[lane + width]);
    }
    workgroupBarrier();
  }
  let largest = partial[0];
  workgroupBarrier();
  return largest;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let head = group.x;
  let row = group.y;
  let count = p.position + row + 1u;
  let kv_head = head / p.group_size;
  let key_base = kv_head * p.key_stride;
  let value_base = kv_head * p.value_stride;
  let base = (row * p.head_count + head) * p.head_size;
  let scale = 1.0 / sqrt(f32(p.head_size));

  var largest = lowest;
  var total = 0.0;
  for (var begin = 0u; begin < count; begin += 64u) {
    let j = begin + lane;
    var score = lowest;
    if (j < count) {
      let key = key_base + j / 16u * p.head_size * 16u + j % 16u;
      var sum = 0.0;
      for (var d = 0u; d < p.head_size; d++) {
        sum += q[base + d] * keys[key + d * 16u];
      }
      score = sum * scale;
    }
    let before = largest;
    largest = max(largest, max_lanes(score, lane));
    let keep = exp(before - largest);
    let weight = select(0.0, exp(score - largest), j < count);
    weights[lane] = weight;
    total = select(total * keep, 0.0, begin == 0u) + sum_lanes(weight, lane);
    let tile = min(64u, count - begin);
    // y holds the weighted sum until the end; each lane has elements of its own.
    for (var d = lane; d < p.head_size; d += 64u) {
      var sum = 0.0;
      for (var t = 0u; t < tile; t++) {
        sum += weights[t] * values[value_base + (begin + t) * p.value_size + d];
      }
      if (begin == 0u) {
        y[base + d] = sum;
      } else {
        y[base + d] = y[base + d] * keep + sum;
      }
    }
    workgroupBarrier();
  }
  for (var d = lane; d < p.head_size; d += 64u) {
    y[base + d] /= total;
  }
}
