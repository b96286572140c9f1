// How the host runs an op: which items it splits into, what one costs, and the table of functions
// that compute them.
#pragma once

#include <cstdint>
#include <string_view>

#include "backend/backend.h"

// Of functions that the kernels of a SIMD level use: a shared copy might be compiled for a level
// that the machine lacks.
#define REPRISE_ALWAYS_INLINE inline __attribute__((always_inline))

namespace reprise {

// A tensor's memory. Matrices of N outputs and K inputs lie in panels of 16 outputs, [N/16][K][16],
// the last one padded with zeros.
struct HostTensor {
  void* data = nullptr;
  DType dtype = DType::kF32;
  Layout layout = Layout::kRowMajor;
  int64_t size[3] = {1, 1, 1};  // the shape; a matrix's [outputs, inputs]

  REPRISE_ALWAYS_INLINE float* f32() const { return static_cast<float*>(data); }
  REPRISE_ALWAYS_INLINE const uint16_t* u16() const { return static_cast<const uint16_t*>(data); }
  REPRISE_ALWAYS_INLINE const int32_t* i32() const { return static_cast<const int32_t*>(data); }
  REPRISE_ALWAYS_INLINE explicit operator bool() const { return data != nullptr; }
};

struct HostOp {
  OpId id = OpId::kAdd;
  HostTensor in[4];
  HostTensor out[2];
  OpParams params;
};

// Computes items [begin, end). `scratch` has ScratchFloats(op) floats of this worker's own.
using Kernel = void (*)(const HostOp& op, int64_t begin, int64_t end, float* scratch);

struct KernelTable {
  std::string_view backend_name;
  int simd_width;  // floats a native vector as the kernels were compiled; 1 for scalar loops
  Kernel kernels[kOpCount];
};

// An item of attention: a row of q and its head, in such an order that the rows and heads that read
// the same keys and values follow each other.
struct RowHead {
  int64_t row, head, kv_head;
};
REPRISE_ALWAYS_INLINE RowHead AttentionItem(const OpParams& p, int64_t item) {
  const int64_t group = p.head_count / p.kv_head_count;
  const int64_t kv_head = item / (p.rows * group), rest = item % (p.rows * group);
  return {rest / group, kv_head * group + rest % group, kv_head};
}

// Items that may run in any order or at once: rows, panels of outputs, or (row, head) pairs.
int64_t ItemCount(const HostOp& op);
// About how many multiply-adds an item takes.
int64_t ItemCost(const HostOp& op);
// Items in a row that a kernel computes together, where it is given them together.
int64_t ItemGroup(const HostOp& op);
int64_t ScratchFloats(const HostOp& op);

// The k blocks of every matrix product: each is summed ascending by itself, then the block sums.
inline constexpr int64_t kSumBlock = 256;
// Weights come in panels of this many outputs, cached keys in panels of this many positions.
inline constexpr int64_t kPanel = 16;
// The most panels of outputs that a tile of a matrix product spans.
inline constexpr int64_t kTilePanels = 2;
// The most rows that a matrix product takes through its panels at once.
inline constexpr int64_t kRowBlock = 128;
// The most items of attention that a kernel computes together, each with scores of its own.
inline constexpr int64_t kAttentionRows = 8;

}  // namespace reprise
