// Rows of floats in pieces of 16, and the sum over them whose order is the same everywhere.
#pragma once

#include <cstdint>

#include "numerics/f32x16.h"

// For lambdas that hold vectors: left as a call, each vector would travel through memory.
#define REPRISE_LAMBDA __attribute__((always_inline))

namespace reprise {
namespace {

// So many elements are summed in their lanes before the lanes join those of the blocks before.
constexpr int64_t kLaneBlock = 1024;

// Calls f(i, count) for i = begin, begin + 16, …; count is 16 but for the last piece.
template <typename F>
REPRISE_INLINE void ForChunks(int64_t begin, int64_t end, F f) {
  int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes) f(i, kLanes);
  if (i < end) f(i, static_cast<int>(end - i));
}

// The lane sum of docs/numerics.md over f(i, count): 16 elements, zeros behind the last. Its lanes
// begin at +0 and never become -0, so that adding the zeros changes nothing.
template <typename F>
REPRISE_INLINE float LaneSum(int64_t count, F f) {
  f32x16 total = Splat(0.0f);
  for (int64_t block = 0; block < count; block += kLaneBlock) {
    const int64_t end = block + kLaneBlock < count ? block + kLaneBlock : count;
    f32x16 sum = Splat(0.0f);
    ForChunks(block, end, [&](int64_t i, int chunk) REPRISE_LAMBDA { sum = sum + f(i, chunk); });
    total = total + sum;
  }
  return SumLanes(total);
}

}  // namespace
}  // namespace reprise
