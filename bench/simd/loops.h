// Loops that find out what the machine can do, compiled once for each SIMD level.
#pragma once

#include <cstdint>

namespace reprise::bench {

struct Loops {
  static constexpr int kPeaks = 4;
  // Ways to keep the arithmetic units busy; each does `count` rounds of peak_sums vector
  // multiplications and additions and gives a positive number that depends on all of them. `unit`
  // is 1, which the compiler must not know: V8 makes a constant vector anew in each round of a
  // loop.
  float (*peak[kPeaks])(int64_t count, float unit);
  int peak_sums[kPeaks];
  // The sum of floats [0, count), count a multiple of 64.
  float (*sum)(const float* values, int64_t count);
  int width;  // floats a vector
};

}  // namespace reprise::bench
