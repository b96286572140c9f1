// Rows of floats in pieces of 16, and the sum over them.
#pragma once

#include "backend/host/kernel_table.h"
#include "numerics/f32x16.h"

// For lambdas that hold vectors: left as a call, each vector would travel through memory.
#define REPRISE_LAMBDA __attribute__((always_inline))

namespace reprise {
namespace {

// Calls f(i, count) for i = begin, begin + 16, …; count is 16 but for the last piece.
template <typename F>
REPRISE_INLINE void ForChunks(int64_t begin, int64_t end, F f) {
  int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes) f(i, kLanes);
  if (i < end) f(i, static_cast<int>(end - i));
}

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

// The lane sum of docs/numerics.md over f(i, count): 16 elements, zeros behind the last. Its lanes
// begin at +0 and never become -0, so that adding the zeros changes nothing.
template <typename F>
REPRISE_INLINE float LaneSum(int64_t count, F f) {
  constexpr int64_t kBlock = 1024;
  f32x16 total = Splat(0.0f);
  for (int64_t block = 0; block < count; block += kBlock) {
    const int64_t end = block + kBlock < count ? block + kBlock : count;
    f32x16 sum = Splat(0.0f);
    ForChunks(block, end, [&](int64_t i, int chunk) REPRISE_LAMBDA { sum = sum + f(i, chunk); });
    total = total + sum;
  }
  return SumLanes(total);
}

}  // namespace
}  // namespace reprise
