// For tests: random input from a seed.
#pragma once

#include <cstdint>

namespace reprise {

// The next number of a sequence, by Steele, Lea and Flood (2014), SplitMix64.
inline uint64_t NextRandom(uint64_t& state) {
  uint64_t z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

}  // namespace reprise
