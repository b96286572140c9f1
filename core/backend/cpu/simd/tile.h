// The inner loop of every matrix product: a tile of rows and native vectors of outputs whose sums
// stay in registers.
#pragma once

#include "numerics/f32x16.h"

// Natively four k at a time; in WebAssembly LLVM would mix the four, and V8 then keeps sums in
// memory.
#if defined(__wasm__)
#define REPRISE_UNROLL
#else
#define REPRISE_UNROLL _Pragma("GCC unroll 4")
#endif

namespace reprise {
namespace {

// A matrix whose row k begins at data + k * stride; columns come in panels of 16 that lie
// panel_stride floats apart.
struct Panels {
  const float* data;
  int64_t stride;
  int64_t panel_stride;
};

// The cast stands in one expression: g++ forgets a vector type's alignment where `auto` deduces it.
REPRISE_INLINE NativeF32 LoadNative(const float* p) {
  return *reinterpret_cast<const LooseF32*>(p);
}
REPRISE_INLINE void StoreNative(float* p, NativeF32 a) { *reinterpret_cast<LooseF32*>(p) = a; }

// sum[r][v] += x[r][k] * panels[k][vector v] for k = 0 … count - 1, ascending, each product rounded
// before it is added.
template <int kRows, int kVectors>
REPRISE_INLINE void AddTile(const float* const* x, const Panels& panels, int64_t count,
                            NativeF32 (&sum)[kRows][kVectors]) {
  const float* row[kRows];
  for (int r = 0; r < kRows; ++r) row[r] = x[r];
  const float* end = panels.data + count * panels.stride;
  REPRISE_UNROLL
  for (const float* w = panels.data; w != end; w += panels.stride) {
    NativeF32 weight[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      weight[v] =
          LoadNative(w + v / kNative * panels.panel_stride + v % kNative * REPRISE_SIMD_WIDTH);
    }
    for (int r = 0; r < kRows; ++r) {
      const NativeF32 factor = *row[r]++ - NativeF32{};
      for (int v = 0; v < kVectors; ++v) sum[r][v] += factor * weight[v];
    }
  }
}

}  // namespace
}  // namespace reprise
