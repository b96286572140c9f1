#include "random/philox.h"

namespace reprise {

PhiloxCounter Philox4x32(PhiloxCounter c, PhiloxKey k) {
  // Multipliers and key increments (the golden ratio, sqrt(3) - 1) are those of the paper.
  constexpr uint64_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = kMultiplier0 * c[0], p1 = kMultiplier1 * c[2];
    c = {static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<uint32_t>(p1),
         static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ k[1], static_cast<uint32_t>(p0)};
    k[0] += kWeyl0;
    k[1] += kWeyl1;
  }
  return c;
}

Result<RandomSource> RandomSource::Create(int64_t seed, RandomStream stream, uint32_t sequence) {
  if (seed < 0 || seed > kMaxSeed) {
    return Fail(
        Error(ErrorCode::kInvalidArgument,
              "seed must be an integer from 0 to 9007199254740991, found " + std::to_string(seed))
            .With("argument", "seed")
            .With("expected", "an integer from 0 to 9007199254740991")
            .With("found", seed));
  }
  const auto bits = static_cast<uint64_t>(seed);
  return RandomSource({static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32)}, stream,
                      sequence);
}

uint32_t RandomSource::Bits(uint64_t position) const {
  // One counter gives four numbers; its words are the block of four (64 bits), the sequence and
  // the stream.
  const uint64_t block = position / 4;
  const PhiloxCounter counter = {static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32),
                                 sequence_, static_cast<uint32_t>(stream_)};
  return Philox4x32(counter, key_)[position % 4];
}

float RandomSource::Uniform(uint64_t position) const {
  return static_cast<float>(Bits(position) >> 8) * 0x1p-24f;
}

}  // namespace reprise
