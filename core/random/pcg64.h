// NumPy's numpy.random.default_rng(seed), for what has to be dealt out as Python programs deal it:
// O'Neill's PCG64 (XSL-RR 128/64: "PCG: A family of simple fast space-efficient statistically good
// algorithms for random number generation", 2014), seeded as NumPy's SeedSequence seeds it
// (O'Neill: "Developing a seed_seq alternative", 2015). Everything else draws from philox.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace reprise {

// The generator of one seed. Its numbers come in order, each once.
class Pcg64 {
 public:
  explicit Pcg64(uint64_t seed);

  // 64 bits, each value equally likely.
  uint64_t Next64();

  // 32 bits: the lower half of the next 64, and in the call after that their upper half.
  uint32_t Next32();

  // An integer from 0 to `most`, as Generator.shuffle draws it: as many bits of Next32 as `most`
  // has, drawn anew while they are above it.
  uint32_t UpTo(uint32_t most);

 private:
  struct U128 {
    uint64_t high;
    uint64_t low;
  };

  static U128 Add(U128 a, U128 b);
  void Step();

  U128 state_ = {0, 0};
  U128 increment_;
  uint32_t half_ = 0;
  bool has_half_ = false;
};

// numpy.random.default_rng(seed).permutation(count).
std::vector<uint32_t> NumpyPermutation(uint64_t seed, uint32_t count);
// A part of that: elements left - 1 down to `until` change places. Of 0 … count - 1 in their order
// and a new generator, from count down to 0, it makes the permutation.
void DrawNumpyPlaces(Pcg64& generator, uint32_t left, uint32_t until, std::span<uint32_t> order);

}  // namespace reprise
