// x[r] = table[ids[first + r]] (+ positions[position + r]), over the table's rows from row_begin to
// row_end, which are what this buffer holds. One invocation an element of x.
struct Params {
  first: u32,
  position: u32,
  columns: u32,
  row_begin: u32,
  row_end: u32,
}

// 1 f32, 2 f16, 3 bf16; 0 where there are no positions.
override table_dtype: u32;
override positions_dtype: u32;

@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read> positions: array<u32>;
@group(0) @binding(3) var<storage, read_write> x: array<f32>;
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

fn table_at(index: u32) -> f32 {
  if (table_dtype == 1u) {
    return bitcast<f32>(table[index]);
  }
  return widen(table[index >> 1u], index, table_dtype);
}

fn position_at(index: u32) -> f32 {
  if (positions_dtype == 0u) {
    return 0.0;
  }
  if (positions_dtype == 1u) {
    return bitcast<f32>(positions[index]);
  }
  return widen(positions[index >> 1u], index, positions_dtype);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  let row = id.y;
  if (column >= p.columns) {
    return;
  }
  let token = ids[p.first + row];
  if (token < p.row_begin || token >= p.row_end) {
    return;
  }
  x[row * p.columns + column] = table_at((token - p.row_begin) * p.columns + column) +
      position_at((p.position + row) * p.columns + column);
}
