// logprobs[position + r] = log_softmax(logits[r])[ids[position + r + 1]], one workgroup a row; NaN
// where a logit of the row is NaN or inf. WGSL may assume that floats are neither, so they are looked
// for, and NaN is written, as bits.
struct Params {
  position: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read_write> logprobs: array<u32>;
@group(1) @binding(0) var<uniform> p: Params;

var<workgroup> partial: array<f32, 64>;

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
  let row = group.x * p.columns;
  var mine = -3.0e38;
  var broken = 0.0;
  for (var i = lane; i < p.columns; i += 64u) {
    let bits = bitcast<u32>(logits[row + i]);
    if (bits == 0x7f800000u || (bits & 0x7fffffffu) > 0x7f800000u) {
      broken = 1.0;
    }
    mine = max(mine, logits[row + i]);
  }
  let is_broken = max_lanes(broken, lane) > 0.0;
  let largest = max_lanes(mine, lane);
  // In blocks of 4,096 logits, so that the rounding errors of a large vocabulary stay small.
  var total = 0.0;
  for (var block = 0u; block < p.columns; block += 4096u) {
    var sum = 0.0;
    for (var i = block + lane; i < min(block + 4096u, p.columns); i += 64u) {
      sum += exp(logits[row + i] - largest);
    }
    total += sum;
  }
  total = sum_lanes(total, lane);
  if (lane == 0u) {
    let position = p.position + group.x;
    let next = ids[position + 1u];
    let logprob = logits[row + next] - largest - log(total);
    logprobs[position] = select(bitcast<u32>(logprob), 0x7fc00000u, is_broken);
  }
}
