// attention: rows that read the same keys and values are computed together, so that a cache line
// is used by all of them.
#include "backend/cpu/simd/chunks.h"
#include "backend/cpu/simd/kernels.h"
#include "backend/cpu/simd/tile.h"
#include "numerics/elementary.h"

namespace reprise::REPRISE_SIMD_LEVEL {
namespace {

// Rows and native vectors of a tile, and the panels that it spans.
constexpr int kTileRows = REPRISE_SIMD_WIDTH == 16 ? 8 : 4, kTileVectors = 2;
constexpr int kSpan = kTileVectors > kNative ? kTileVectors / kNative : 1;
static_assert(kTileRows <= kAttentionRows);

// Up to kAttentionRows rows of q that share a head of keys and values.
struct Group {
  int rows;
  int64_t head_size;
  const float* q[kAttentionRows];
  float* y[kAttentionRows];
  int64_t count[kAttentionRows];  // positions that the row sees; ascending
  float* score[kAttentionRows];   // of each position, whole panels
};

// to[r] (+)= sum over k of x[r][k] panels[k].
template <int kRows, int kVectors>
void RunTile(const float* const* x, const Panels& panels, int64_t count, bool adds,
             float* const* to, int first_float) {
  NativeF32 sum[kRows][kVectors] = {};
  AddTile<kRows, kVectors>(x, panels, count, sum);
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) {
      float* p = to[r] + first_float + v * REPRISE_SIMD_WIDTH;
      StoreNative(p, adds ? LoadNative(p) + sum[r][v] : sum[r][v]);
    }
  }
}

// As RunTile, for any number of rows up to kRows.
template <int kRows, int kVectors>
REPRISE_INLINE void RunRows(int rows, const float* const* x, const Panels& panels, int64_t count,
                            bool adds, float* const* to, int first_float) {
  if constexpr (kRows > 0) {
    if (rows == kRows) {
      RunTile<kRows, kVectors>(x, panels, count, adds, to, first_float);
    } else {
      RunRows<kRows - 1, kVectors>(rows, x, panels, count, adds, to, first_float);
    }
  }
}

// As RunTile, for the rows of a group and `span` panels, at most kSpan.
void RunSpan(int rows, const float* const* x, const Panels& panels, int span, int64_t count,
             bool adds, float* const* to) {
  constexpr int kStep = kTileVectors * REPRISE_SIMD_WIDTH;
  for (int r = 0; r < rows; r += kTileRows) {
    const int left = rows - r < kTileRows ? rows - r : kTileRows;
    if (span == kSpan) {
      for (int at = 0; at < kSpan * kLanes; at += kStep) {
        const Panels from = {panels.data + at, panels.stride, panels.panel_stride};
        RunRows<kTileRows, kTileVectors>(left, x + r, from, count, adds, to + r, at);
      }
    } else {
      RunRows<kTileRows, kNative>(left, x + r, panels, count, adds, to + r, 0);
    }
  }
}

// Scores of whole panels of positions, those behind the last one included.
void Score(const Group& g, const float* keys) {
  const int64_t panels = (g.count[g.rows - 1] + kPanel - 1) / kPanel;
  for (int64_t p = 0; p < panels; p += kSpan) {
    const int span = panels - p < kSpan ? static_cast<int>(panels - p) : kSpan;
    float* to[kAttentionRows] = {};
    for (int r = 0; r < g.rows; ++r) to[r] = g.score[r] + p * kPanel;
    for (int64_t d = 0; d < g.head_size; d += kSumBlock) {
      const float* q[kAttentionRows] = {};
      for (int r = 0; r < g.rows; ++r) q[r] = g.q[r] + d;
      const int64_t block = d + kSumBlock < g.head_size ? kSumBlock : g.head_size - d;
      const Panels from = {keys + (p * g.head_size + d) * kPanel, kPanel, g.head_size * kPanel};
      RunSpan(g.rows, q, from, span, block, d > 0, to);
    }
  }
}

// e^(score - largest) of the positions that the row sees, and their sum.
float Softmax(float* score, int64_t count, float scale) {
  f32x16 top = Splat(-__builtin_inff());
  ForChunks(0, count, [&](int64_t j, int chunk) REPRISE_LAMBDA {
    const f32x16 a = Load(score + j) * Splat(scale);
    Store(score + j, a);
    top = Max(top, chunk == kLanes ? a : LoadPartial(score + j, chunk, -__builtin_inff()));
  });
  const f32x16 largest = Splat(MaxLanes(top));
  return LaneSum(count, [&](int64_t j, int chunk) REPRISE_LAMBDA {
    const f32x16 e = KeepChunk(Exp(Load(score + j) - largest), chunk);
    Store(score + j, e);
    return e;
  });
}

// Panels of 16 columns of y = score V, from column d. The rows share the positions that all of them
// see; what a row sees beyond them it adds by itself, so that it never meets a later token's
// values.
void Mix(const Group& g, const float* values, int64_t value_size, int64_t d, int span,
         const float* sum) {
  float block_sum[kAttentionRows][kSpan * kLanes];
  float* to[kAttentionRows] = {};
  for (int r = 0; r < g.rows; ++r) to[r] = block_sum[r];
  f32x16 total[kAttentionRows][kSpan];
  for (int r = 0; r < g.rows; ++r) {
    for (int s = 0; s < kSpan; ++s) total[r][s] = Splat(0.0f);
  }
  for (int64_t j = 0; j < g.count[g.rows - 1]; j += kSumBlock) {
    const int64_t shared = g.count[0] - j < 0 ? 0 : g.count[0] - j;
    const int64_t common = shared < kSumBlock ? shared : kSumBlock;
    const float* score[kAttentionRows] = {};
    for (int r = 0; r < g.rows; ++r) score[r] = g.score[r] + j;
    const float* from = values + j * value_size + d;
    RunSpan(g.rows, score, {from, value_size, kLanes}, span, common, false, to);
    for (int r = 0; r < g.rows; ++r) {
      const int64_t own = g.count[r] - j < kSumBlock ? g.count[r] - j : kSumBlock;
      for (int s = 0; s < span; ++s) {
        f32x16 a = Load(block_sum[r] + s * kLanes);
        for (int64_t i = common; i < own; ++i) {
          a = a + Splat(score[r][i]) * Load(from + i * value_size + s * kLanes);
        }
        total[r][s] = total[r][s] + a;
      }
    }
  }
  for (int s = 0; s < span; ++s) {
    const int64_t left = g.head_size - d - s * kLanes;
    const int columns = left < kLanes ? static_cast<int>(left) : kLanes;
    for (int r = 0; r < g.rows; ++r) {
      StoreChunk(g.y[r] + d + s * kLanes, columns, total[r][s] / Splat(sum[r]));
    }
  }
}

}  // namespace

void Attention(const HostOp& op, int64_t begin, int64_t end, float* scratch) {
  const OpParams& p = op.params;
  const int64_t key_stride = op.in[1].size[1] * op.in[1].size[2];
  const int64_t value_size = op.in[2].size[2], value_stride = op.in[2].size[1] * value_size;
  const int64_t score_floats = (p.position + p.rows + kPanel - 1) / kPanel * kPanel;
  const float scale = 1.0f / __builtin_sqrtf(static_cast<float>(p.head_size));
  while (begin < end) {
    Group g = {};
    g.head_size = p.head_size;
    const int64_t kv_head = AttentionItem(p, begin).kv_head;
    for (g.rows = 0; g.rows < kAttentionRows && begin < end; ++g.rows, ++begin) {
      const RowHead at = AttentionItem(p, begin);
      if (at.kv_head != kv_head) break;
      const int64_t offset = (at.row * p.head_count + at.head) * p.head_size;
      g.q[g.rows] = op.in[0].f32() + offset;
      g.y[g.rows] = op.out[0].f32() + offset;
      g.count[g.rows] = p.position + at.row + 1;
      g.score[g.rows] = scratch + g.rows * score_floats;
    }
    Score(g, op.in[1].f32() + kv_head * key_stride);
    float sum[kAttentionRows] = {};
    for (int r = 0; r < g.rows; ++r) sum[r] = Softmax(g.score[r], g.count[r], scale);
    for (int64_t d = 0; d < value_size; d += kSpan * kLanes) {
      const int64_t left = (value_size - d) / kLanes;
      Mix(g, op.in[2].f32() + kv_head * value_stride, value_size, d,
          left < kSpan ? static_cast<int>(left) : kSpan, sum);
    }
  }
}

}  // namespace reprise::REPRISE_SIMD_LEVEL
