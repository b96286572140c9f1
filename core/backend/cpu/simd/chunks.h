// Pieces of at most 16 floats and of weights.
#pragma once

#include "backend/host/kernel_table.h"
#include "numerics/f32x16.h"
#include "numerics/lane_sum.h"

namespace reprise {
namespace {

REPRISE_INLINE f32x16 LoadChunk(const float* p, int count) {
  return count == kLanes ? Load(p) : LoadPartial(p, count, 0.0f);
}
REPRISE_INLINE void StoreChunk(float* p, int count, f32x16 a) {
  if (count == kLanes) {
    Store(p, a);
  } else {
    StorePartial(p, count, a);
  }
}

// Zeros in the lanes from `count` on.
REPRISE_INLINE f32x16 KeepChunk(f32x16 a, int count) {
  if (count == kLanes) return a;
  float lane[kLanes];
  Store(lane, a);
  return LoadPartial(lane, count, 0.0f);
}

// Elements [at, at + 16) of a weight as its storage orders them, whose size is a multiple of 16.
template <DType kDtype>
REPRISE_INLINE f32x16 LoadWeights(const HostTensor& weight, int64_t at) {
  if constexpr (kDtype == DType::kF16) {
    return LoadF16(weight.u16() + at);
  } else if constexpr (kDtype == DType::kBF16) {
    return LoadBf16(weight.u16() + at);
  } else {
    return Load(weight.f32() + at);
  }
}
REPRISE_INLINE f32x16 LoadWeights(const HostTensor& weight, int64_t at) {
  switch (weight.dtype) {
    case DType::kF16:
      return LoadWeights<DType::kF16>(weight, at);
    case DType::kBF16:
      return LoadWeights<DType::kBF16>(weight, at);
    default:
      return LoadWeights<DType::kF32>(weight, at);
  }
}

}  // namespace
}  // namespace reprise
