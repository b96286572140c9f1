// y[r, n] = sum over k of x[first + r, k] W[n, k] (+ bias[n]), one invocation an output. The buffer
// holds the outputs from n_begin to n_end and the inputs from k_begin to k_end of the weight. Sums
// go in blocks of 256 k, as on the CPU.
struct Params {
  first: u32,
  outputs: u32,
  inputs: u32,
  n_begin: u32,
  n_end: u32,
  k_begin: u32,
  k_end: u32,
  n_stride: u32,
  k_stride: u32,
  // 1 where an earlier dispatch has summed the inputs before k_begin into y.
  accumulate: u32,
}

// 1 f32, 2 f16, 3 bf16; 0 where there is no bias.
override weight_dtype: u32;
override bias_dtype: u32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<u32>;
@group(0) @binding(2) var<storage, read> bias: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(1) @binding(0) var<uniform> p: Params;

// Half `index` of a pair of 16-bit floats as f32. Exact: a subnormal f16 is a normal f32.
fn widen(pair: u32, index: u32, dtype: u32) -> f32 {
  let half = (pair >> (16u * (index & 1u))) & 0xffffu;
  if (dtype == 3u) {
    return bitcast<f32>(half << 16u);
  }
  let sign = (half & 0x8000u) << 16u;
  let magnitude = half & 0x7fffu;
  if (magnitude < 0x400u) {
    return bitcast<f32>(bitcast<u32>(f32(magnitude) * 0x1p-24f) | sign);
  }
  let rebias = select(0x38000000u, 0x70000000u, magnitude >= 0x7c00u);
  return bitcast<f32>(((magnitude << 13u) + rebias) | sign);
}

fn weight_at(index: u32) -> f32 {
  if (weight_dtype == 1u) {
    return bitcast<f32>(weight[index]);
  }
  return widen(weight[index >> 1u], index, weight_dtype);
}

fn bias_at(index: u32) -> f32 {
  if (bias_dtype == 0u) {
    return 0.0;
  }
  if (bias_dtype == 1u) {
    return bitcast<f32>(bias[index]);
  }
  return widen(bias[index >> 1u], index, bias_dtype);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let n = p.n_begin + id.x;
  let row = id.y;
  if (n >= p.n_end) {
    return;
  }
  let x_row = (p.first + row) * p.inputs;
  let w_row = (n - p.n_begin) * p.n_stride;
  var total = 0.0;
  if (p.accumulate == 1u) {
    total = y[row * p.outputs + n];
  }
  for (var block = p.k_begin; block < p.k_end; block += 256u) {
    let block_end = min(block + 256u, p.k_end);
    var sum = 0.0;
    for (var k = block; k < block_end; k++) {
      sum += x[x_row + k] * weight_at(w_row + (k - p.k_begin) * p.k_stride);
    }
    total += sum;
  }
  if (p.k_end == p.inputs) {
    total += bias_at(n);
  }
  y[row * p.outputs + n] = total;
}
