// y = (x - mean(x)) / sqrt(var(x) + epsilon) * weight + bias, one workgroup a row.
struct Params {
  columns: u32,
  epsilon: f32,
}

// 1 f32, 2 f16, 3 bf16.
override weight_dtype: u32;
override bias_dtype: u32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<u32>;
@group(0) @binding(2) var<storage, read> bias: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(1) @binding(0) var<uniform> p: Params;

var<workgroup> partial: array<f32, 64>;

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

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x * p.columns;
  var values = 0.0;
  for (var i = lane; i < p.columns; i += 64u) {
    values += x[row + i];
  }
  let mean = sum_lanes(values, lane) / f32(p.columns);
  var squares = 0.0;
  for (var i = lane; i < p.columns; i += 64u) {
    let centred = x[row + i] - mean;
    squares += centred * centred;
  }
  let variance = sum_lanes(squares, lane) / f32(p.columns);
  let scale = 1.0 / sqrt(variance + p.epsilon);
  for (var i = lane; i < p.columns; i += 64u) {
    y[row + i] = (x[row + i] - mean) * scale * weight_at(i) + bias_at(i);
  }
}
