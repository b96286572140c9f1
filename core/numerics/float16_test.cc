#include "numerics/float16.h"

#include <gtest/gtest.h>

#include <cmath>

namespace reprise {
namespace {

// The value of a finite half from its definition: sign, exponent, significand.
double HalfValue(uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const double fraction = (half & 1023) / 1024.0;
  const double magnitude =
      exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15);
  return half & 0x8000 ? -magnitude : magnitude;
}

TEST(Float16, EveryHalfWidensExactlyAndComesBack) {
  for (uint32_t h = 0; h < 0x10000; ++h) {
    const auto half = static_cast<uint16_t>(h);
    const float wide = F16ToF32(half);
    if ((half & 0x7fff) > 0x7c00) {
      EXPECT_EQ(std::bit_cast<uint32_t>(wide), 0x7fc00000u);
      EXPECT_EQ(F32ToF16(wide), 0x7e00);
      continue;
    }
    if ((half & 0x7fff) < 0x7c00) {
      EXPECT_EQ(wide, HalfValue(half)) << h;
    }
    EXPECT_EQ(F32ToF16(wide), half) << h;
  }
}

TEST(Float16, RoundsToNearestEvenBetweenNeighbours) {
  for (uint32_t h = 0; h < 0x7bff; ++h) {
    const double low = HalfValue(static_cast<uint16_t>(h));
    const double high = HalfValue(static_cast<uint16_t>(h + 1));
    const auto middle = static_cast<float>((low + high) / 2);  // 12 bits: exact in binary32
    const uint16_t even = static_cast<uint16_t>(h + (h & 1));
    EXPECT_EQ(F32ToF16(middle), even) << h;
    EXPECT_EQ(F32ToF16(std::nextafter(middle, 0.0f)), h) << h;
    EXPECT_EQ(F32ToF16(std::nextafter(middle, 1e9f)), h + 1) << h;
    EXPECT_EQ(F32ToF16(-middle), even | 0x8000) << h;
  }
  EXPECT_EQ(F32ToF16(65519.996f), 0x7bff);
  EXPECT_EQ(F32ToF16(65520.0f), 0x7c00);
  EXPECT_EQ(F32ToF16(INFINITY), 0x7c00);
}

TEST(Bfloat16, WidensAndRounds) {
  for (uint32_t b = 0; b < 0x10000; ++b) {
    const auto bits = static_cast<uint16_t>(b);
    if ((bits & 0x7fff) > 0x7f80) {
      EXPECT_EQ(F32ToBf16(Bf16ToF32(bits)), 0x7fc0);
    } else {
      EXPECT_EQ(F32ToBf16(Bf16ToF32(bits)), bits);
    }
  }
  EXPECT_EQ(F32ToBf16(std::bit_cast<float>(0x3f808000u)), 0x3f80);
  EXPECT_EQ(F32ToBf16(std::bit_cast<float>(0x3f818000u)), 0x3f82);
  EXPECT_EQ(F32ToBf16(std::bit_cast<float>(0x3f808001u)), 0x3f81);
  EXPECT_EQ(F32ToBf16(3.4028235e38f), 0x7f80);
}

}  // namespace
}  // namespace reprise
