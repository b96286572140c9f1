// How the host runs an op: which items it splits into, what one costs, and the table of functions
// that compute them.
#pragma once

#include <cstdint>
#include <string_view>

#include "backend/backend.h"

namespace reprise {

// A tensor's memory. Matrices of N outputs and K inputs lie in panels of 16 outputs, [N/16][K][16],
// the last one padded with zeros.
struct HostTensor {
  void* data = nullptr;
  DType dtype = DType::kF32;
  Layout layout = Layout::kRowMajor;
  int64_t size[3] = {1, 1, 1};  // the shape; a matrix's [outputs, inputs]

  float* f32() const { return static_cast<float*>(data); }
  const uint16_t* u16() const { return static_cast<const uint16_t*>(data); }
  const int32_t* i32() const { return static_cast<const int32_t*>(data); }
  explicit operator bool() const { return data != nullptr; }
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
  Kernel kernels[kOpCount];
};

// Items that may run in any order or at once: rows, panels of outputs, or (row, head) pairs.
int64_t ItemCount(const HostOp& op);
// About how many multiply-adds an item takes.
int64_t ItemCost(const HostOp& op);
int64_t ScratchFloats(const HostOp& op);

// The k blocks of every matrix product: each is summed ascending by itself, then the block sums.
inline constexpr int64_t kSumBlock = 256;
// Rows of the key and value caches come in panels of this many positions.
inline constexpr int64_t kPanel = 16;

}  // namespace reprise
