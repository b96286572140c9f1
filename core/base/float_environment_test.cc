#include "base/float_environment.h"

#include <gtest/gtest.h>

#include <cfenv>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace reprise {
namespace {

// Kept from the compiler, so that it is computed here and now.
float Divide(float a, float b) {
  volatile float x = a, y = b;
  return x / y;
}

#if !defined(__EMSCRIPTEN__)

TEST(ScopedFloatEnvironment, RoundsToNearestAndRestores) {
  const float nearest = Divide(1, 7);
  ASSERT_EQ(std::fesetround(FE_DOWNWARD), 0);
  const float downward = Divide(1, 7);
  EXPECT_LT(downward, nearest);
  {
    ScopedFloatEnvironment environment;
    EXPECT_EQ(Divide(1, 7), nearest);
  }
  EXPECT_EQ(Divide(1, 7), downward);
  std::fesetround(FE_TONEAREST);
}

#endif

#if defined(__x86_64__)

TEST(ScopedFloatEnvironment, KeepsSubnormals) {
  constexpr unsigned kFlush = 0x8040;  // flush-to-zero and denormals-are-zero
  _mm_setcsr(_mm_getcsr() | kFlush);
  EXPECT_EQ(Divide(0x1p-126f, 2), 0.0f);
  {
    ScopedFloatEnvironment environment;
    EXPECT_EQ(Divide(0x1p-126f, 2), 0x1p-127f);
  }
  EXPECT_EQ(_mm_getcsr() & kFlush, kFlush);
  _mm_setcsr(_mm_getcsr() & ~kFlush);
}

#endif

TEST(ScopedFloatEnvironment, IsTheDefaultOne) {
  const float subnormal = Divide(0x1p-126f, 4), third = Divide(1, 3);
  ScopedFloatEnvironment environment;
  EXPECT_EQ(Divide(0x1p-126f, 4), subnormal);
  EXPECT_EQ(Divide(1, 3), third);
}

}  // namespace
}  // namespace reprise
