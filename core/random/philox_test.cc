#include "random/philox.h"

#include <gtest/gtest.h>

namespace reprise {
namespace {

// Random123's published known answers for philox4x32, 10 rounds.
TEST(Philox4x32, GivesKnownAnswers) {
  EXPECT_EQ(Philox4x32({0, 0, 0, 0}, {0, 0}),
            (PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(Philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomSource, RefusesSeedsOutOfRange) {
  EXPECT_TRUE(RandomSource::Create(0, RandomStream::kSample).has_value());
  EXPECT_TRUE(RandomSource::Create(kMaxSeed, RandomStream::kSample).has_value());
  for (int64_t seed : {int64_t{-1}, kMaxSeed + 1}) {
    const auto source = RandomSource::Create(seed, RandomStream::kSample);
    ASSERT_FALSE(source.has_value());
    EXPECT_EQ(source.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(RandomSource, IsAFunctionOfItsPosition) {
  const RandomSource sample = *RandomSource::Create(42, RandomStream::kSample);
  const RandomSource again = *RandomSource::Create(42, RandomStream::kSample);
  const RandomSource other_seed = *RandomSource::Create(43, RandomStream::kSample);
  const RandomSource other_stream = *RandomSource::Create(42, RandomStream::kShuffle);
  const RandomSource other_sequence = *RandomSource::Create(42, RandomStream::kSample, 1);
  int same = 0;
  for (uint64_t p = 1000; p-- > 0;) {
    EXPECT_EQ(sample.Bits(p), again.Bits(p));
    same += sample.Bits(p) == other_seed.Bits(p);
    same += sample.Bits(p) == other_stream.Bits(p);
    same += sample.Bits(p) == other_sequence.Bits(p);
    same += sample.Bits(p) == sample.Bits(p + (uint64_t{1} << 34));
  }
  EXPECT_LT(same, 3);
}

TEST(RandomSource, UniformLiesInTheUnitIntervalEvenly) {
  const RandomSource source = *RandomSource::Create(7, RandomStream::kInit);
  double sum = 0;
  for (uint64_t p = 0; p < 100000; ++p) {
    const float u = source.Uniform(p);
    ASSERT_GE(u, 0.0f);
    ASSERT_LT(u, 1.0f);
    sum += u;
  }
  EXPECT_NEAR(sum / 100000, 0.5, 0.005);
}

}  // namespace
}  // namespace reprise
