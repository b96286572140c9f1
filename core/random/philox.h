// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC
// 2011) and the named streams by which one seed feeds every consumer of randomness.
#pragma once

#include <array>
#include <cstdint>

#include "base/status.h"

namespace reprise {

using PhiloxCounter = std::array<uint32_t, 4>;
using PhiloxKey = std::array<uint32_t, 2>;

// Ten rounds of Philox4x32: 128 random bits that depend on counter and key alone.
PhiloxCounter Philox4x32(PhiloxCounter counter, PhiloxKey key);

// Who draws. The values are part of every recorded run and never change.
enum class RandomStream : uint32_t {
  kInit = 1,
  kShuffle = 2,
  kSplit = 3,
  kSample = 4,
  kDropout = 5
};

// The largest seed, 2^53 - 1: the largest integer that every JSON reader keeps.
inline constexpr int64_t kMaxSeed = (int64_t{1} << 53) - 1;

// Random numbers of one stream by absolute position: the same (seed, stream, sequence, position)
// gives the same number on every machine, whatever was drawn before. `sequence` tells apart users
// of one stream (an epoch, an item of a batch).
class RandomSource {
 public:
  // Errors: invalid_argument unless 0 <= seed <= kMaxSeed.
  static Result<RandomSource> Create(int64_t seed, RandomStream stream, uint32_t sequence = 0);

  // 32 bits, each value equally likely.
  uint32_t Bits(uint64_t position) const;

  // A float in [0, 1): the upper 24 bits over 2^24, so every result is exact.
  float Uniform(uint64_t position) const;

 private:
  RandomSource(PhiloxKey key, RandomStream stream, uint32_t sequence)
      : key_(key), stream_(stream), sequence_(sequence) {}

  PhiloxKey key_;
  RandomStream stream_;
  uint32_t sequence_;
};

}  // namespace reprise
