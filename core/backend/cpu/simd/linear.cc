// linear: y = x W^T (+ bias) over weights in panels of 16 outputs, in blocks of 256 inputs.
#include "backend/cpu/simd/chunks.h"
#include "backend/cpu/simd/kernels.h"
#include "backend/cpu/simd/tile.h"

namespace reprise::REPRISE_SIMD_LEVEL {
namespace {

// Rows and native vectors of a tile: the fastest of those whose sums, weights of one k and product
// fit the registers (32 of AVX-512 and NEON, 16 of the others). SSE2 has no load that splats a
// factor and overwrites one operand of a product, so there a row has its factors to itself and a
// weight is loaded for the one product that overwrites it. bench/README.md has the figures.
#if REPRISE_SIMD_WIDTH == 16
constexpr int kTileRows = 8, kTileVectors = 2;
#elif defined(__aarch64__)
constexpr int kTileRows = 4, kTileVectors = 4;
#elif REPRISE_SIMD_WIDTH == 8
constexpr int kTileRows = 5, kTileVectors = 2;
#elif defined(__wasm__)
constexpr int kTileRows = 2, kTileVectors = 4;
#else
constexpr int kTileRows = 1, kTileVectors = 8;
#endif
// Panels that one tile spans.
constexpr int kSpan = kTileVectors > kNative ? kTileVectors / kNative : 1;
static_assert(kSpan <= kTilePanels);

// Floats from one packed row to the next: a k block and a line of the cache.
constexpr int64_t kPackedRow = kSumBlock + kLanes;

// One k block of some panels: y (+)= x W^T.
struct Block {
  const float* x;
  int64_t x_stride;
  int64_t rows;
  Panels weight;
  int64_t count;  // inputs
  float* y;
  int64_t y_stride;
  bool is_first;
  const float* bias;  // with the last block, or none
};

template <int kRows, int kVectors>
__attribute__((noinline)) void RunTile(const Block& b, int64_t first_row, int first_float) {
  const float* x[kRows];
  for (int r = 0; r < kRows; ++r) x[r] = b.x + (first_row + r) * b.x_stride;
  const int64_t offset = first_float / kLanes * b.weight.panel_stride + first_float % kLanes;
  const Panels weight = {b.weight.data + offset, kLanes, b.weight.panel_stride};
  NativeF32 sum[kRows][kVectors] = {};
  AddTile<kRows, kVectors>(x, weight, b.count, sum);
  // Read before y is written, which to the compiler might be the block itself.
  const bool is_first = b.is_first;
  const float* bias = b.bias == nullptr ? nullptr : b.bias + first_float;
  float* y = b.y + first_row * b.y_stride + first_float;
  const int64_t y_stride = b.y_stride;
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) {
      const int at = v * REPRISE_SIMD_WIDTH;
      NativeF32 value = sum[r][v];
      if (!is_first) value = LoadNative(y + at) + value;
      if (bias != nullptr) value = value + LoadNative(bias + at);
      StoreNative(y + at, value);
    }
    y += y_stride;
  }
}

template <int kRows, int kVectors>
REPRISE_INLINE void RunTilesOf(const Block& b, int64_t first_row, int floats) {
  for (int at = 0; at < floats; at += kVectors * REPRISE_SIMD_WIDTH) {
    RunTile<kRows, kVectors>(b, first_row, at);
  }
}

// The rows that are left, fewer than kRows.
template <int kRows, int kVectors>
REPRISE_INLINE void RunRest(const Block& b, int64_t first_row, int floats) {
  if constexpr (kRows > 1) {
    if (b.rows - first_row == kRows - 1) {
      RunTilesOf<kRows - 1, kVectors>(b, first_row, floats);
    } else {
      RunRest<kRows - 1, kVectors>(b, first_row, floats);
    }
  }
}

template <int kVectors>
REPRISE_INLINE void RunBlock(const Block& b, int floats) {
  int64_t row = 0;
  for (; row + kTileRows <= b.rows; row += kTileRows) {
    RunTilesOf<kTileRows, kVectors>(b, row, floats);
  }
  RunRest<kTileRows, kVectors>(b, row, floats);
}

// One row: each weight is used once, so it is widened on the way from memory.
template <DType kDtype>
void RunRow(const HostOp& op, int64_t panel) {
  const HostTensor& weight = op.in[1];
  const int64_t outputs = weight.size[0], inputs = weight.size[1];
  const float* x = op.in[0].f32() + op.params.first * inputs;
  f32x16 total = Splat(0.0f);
  for (int64_t block = 0; block < inputs; block += kSumBlock) {
    const int64_t end = block + kSumBlock < inputs ? block + kSumBlock : inputs;
    f32x16 sum = Splat(0.0f);
    for (int64_t k = block; k < end; ++k) {
      sum = sum + Splat(x[k]) * LoadWeights<kDtype>(weight, (panel * inputs + k) * kPanel);
    }
    total = total + sum;
  }
  if (op.in[2]) total = total + LoadWeights(op.in[2], panel * kPanel);
  const int64_t left = outputs - panel * kPanel;
  StoreChunk(op.out[0].f32() + panel * kPanel, left < kLanes ? static_cast<int>(left) : kLanes,
             total);
}

// The weights of a k block of `panels` panels as f32: in place, or widened into `to`.
template <DType kDtype>
REPRISE_INLINE Panels WidenBlock(const HostTensor& weight, int64_t panel, int panels, int64_t k,
                                 int64_t count, float* to) {
  const int64_t inputs = weight.size[1], first = (panel * inputs + k) * kPanel;
  if constexpr (kDtype == DType::kF32) return {weight.f32() + first, kLanes, inputs * kPanel};
  for (int p = 0; p < panels; ++p) {
    for (int64_t i = 0; i < count; ++i) {
      Store(to + (p * kSumBlock + i) * kPanel,
            LoadWeights<kDtype>(weight, first + (p * inputs + i) * kPanel));
    }
  }
  return {to, kLanes, kSumBlock * kPanel};
}

// Whether rows of so many floats are packed before they are read: a page apart, as in many models,
// the rows of a tile would fight for the same lines of the cache.
constexpr bool IsPacked(int64_t inputs) { return inputs % 1024 == 0; }

// Copies `rows` rows of a k block next to each other.
void Pack(const float* x, int64_t stride, int64_t rows, int64_t count, float* to) {
  for (int64_t row = 0; row < rows; ++row) {
    ForChunks(0, count, [&](int64_t k, int chunk) REPRISE_LAMBDA {
      StoreChunk(to + row * kPackedRow + k, chunk, LoadChunk(x + row * stride + k, chunk));
    });
  }
}

// Rows [row, row + rows) of the call, at most kRowBlock, and panels [begin, end). The k blocks are
// outermost: a block of x stays in the cache while the weights pass by.
template <DType kDtype>
void RunRows(const HostOp& op, int64_t row, int64_t rows, int64_t begin, int64_t end,
             float* scratch) {
  const int64_t outputs = op.in[1].size[0], inputs = op.in[1].size[1];
  const float* x = op.in[0].f32() + (op.params.first + row) * inputs;
  float* y = op.out[0].f32() + row * outputs;
  float* widened = scratch;
  float* packed = widened + kTilePanels * kSumBlock * kPanel;
  float* rest = packed + kRowBlock * kPackedRow;  // panels of which y lacks columns
  float bias[kSpan * kLanes];
  for (int64_t k = 0; k < inputs; k += kSumBlock) {
    const int64_t count = k + kSumBlock < inputs ? kSumBlock : inputs - k;
    if (IsPacked(inputs)) Pack(x + k, inputs, rows, count, packed);
    for (int64_t panel = begin; panel < end; panel += kSpan) {
      const int panels = end - panel < kSpan ? static_cast<int>(end - panel) : kSpan;
      const bool is_whole = (panel + panels) * kPanel <= outputs;
      for (int p = 0; p < panels && op.in[2]; ++p) {
        Store(bias + p * kLanes, LoadWeights(op.in[2], (panel + p) * kPanel));
      }
      Block b;
      b.x = IsPacked(inputs) ? packed : x + k;
      b.x_stride = IsPacked(inputs) ? kPackedRow : inputs;
      b.rows = rows;
      b.weight = WidenBlock<kDtype>(op.in[1], panel, panels, k, count, widened);
      b.count = count;
      b.y = is_whole ? y + panel * kPanel : rest;
      b.y_stride = is_whole ? outputs : kSpan * kLanes;
      b.is_first = k == 0;
      b.bias = op.in[2] && k + count == inputs ? bias : nullptr;
      if (panels == kSpan) {
        RunBlock<kTileVectors>(b, panels * kLanes);
      } else {
        RunBlock<1>(b, panels * kLanes);
      }
    }
  }
  if (end * kPanel <= outputs) return;
  const int64_t first = begin + (end - 1 - begin) / kSpan * kSpan;
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; first * kPanel + c < outputs; ++c) {
      y[r * outputs + first * kPanel + c] = rest[r * kSpan * kLanes + c];
    }
  }
}

template <DType kDtype>
void Run(const HostOp& op, int64_t begin, int64_t end, float* scratch) {
  if (op.params.rows == 1) {
    for (int64_t panel = begin; panel < end; ++panel) RunRow<kDtype>(op, panel);
    return;
  }
  for (int64_t row = 0; row < op.params.rows; row += kRowBlock) {
    const int64_t left = op.params.rows - row;
    RunRows<kDtype>(op, row, left < kRowBlock ? left : kRowBlock, begin, end, scratch);
  }
}

}  // namespace

void Linear(const HostOp& op, int64_t begin, int64_t end, float* scratch) {
  switch (op.in[1].dtype) {
    case DType::kF16:
      return Run<DType::kF16>(op, begin, end, scratch);
    case DType::kBF16:
      return Run<DType::kBF16>(op, begin, end, scratch);
    default:
      return Run<DType::kF32>(op, begin, end, scratch);
  }
}

}  // namespace reprise::REPRISE_SIMD_LEVEL
