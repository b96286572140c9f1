// Loops that find out what the machine can do, compiled once for each SIMD level.
#pragma once

#include <cstdint>

namespace reprise::bench {

struct Loops {
  // Two ways to keep the arithmetic units busy; each runs `count` rounds of peak_flops operations
  // and gives a positive number that depends on all of them.
  float (*peak[2])(int64_t count);
  int64_t peak_flops[2];
  // The sum of floats [0, count), count a multiple of 64.
  float (*sum)(const float* values, int64_t count);
};

}  // namespace reprise::bench
