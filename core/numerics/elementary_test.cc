#include "numerics/elementary.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace reprise {
namespace {

// The distance of `value` from `exact` in units in the last place of `exact`.
double Ulps(float value, double exact) {
  int exponent;
  std::frexp(exact, &exponent);
  const double ulp = std::ldexp(1.0, std::max(exponent - 24, -149));
  return std::fabs(static_cast<double>(value) - exact) / ulp;
}

// Each build gives the same bits (./dev exact), so the slow ones need not look at as many floats.
#if !defined(NDEBUG) || defined(__wasm__)
constexpr uint32_t kStep = 1999;
#else
constexpr uint32_t kStep = 97;
#endif

// The worst error over every kStep-th float between two bit patterns.
template <typename Function, typename Exact>
double WorstUlps(Function function, Exact exact, uint32_t first, uint32_t last) {
  double worst = 0;
  for (uint64_t bits = first; bits <= last; bits += kStep) {
    const float x = std::bit_cast<float>(static_cast<uint32_t>(bits));
    worst = std::max(worst, Ulps(function(x), exact(static_cast<double>(x))));
  }
  return worst;
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();
const float kNan = std::bit_cast<float>(0x7fc00000u);

TEST(Elementary, ExpStaysWithinItsUlps) {
  const auto exact = [](double x) { return std::exp(x); };
  EXPECT_LE(WorstUlps(ExpF32, exact, 0x00000000, std::bit_cast<uint32_t>(88.72f)), 1.01);
  EXPECT_LE(WorstUlps(ExpF32, exact, 0x80000000, std::bit_cast<uint32_t>(-87.3f)), 1.01);
  EXPECT_LE(
      WorstUlps(ExpF32, exact, std::bit_cast<uint32_t>(-87.3f), std::bit_cast<uint32_t>(-103.9f)),
      1.1);
  EXPECT_EQ(ExpF32(0.0f), 1.0f);
  EXPECT_EQ(ExpF32(100.0f), kInfinity);
  EXPECT_EQ(ExpF32(kInfinity), kInfinity);
  EXPECT_EQ(ExpF32(-104.0f), 0.0f);
  EXPECT_EQ(ExpF32(-kInfinity), 0.0f);
  EXPECT_TRUE(std::isnan(ExpF32(kNan)));
}

TEST(Elementary, TanhStaysWithinItsUlps) {
  const auto exact = [](double x) { return std::tanh(x); };
  EXPECT_LE(WorstUlps(TanhF32, exact, 0x00000000, std::bit_cast<uint32_t>(20.0f)), 2.5);
  EXPECT_EQ(TanhF32(kInfinity), 1.0f);
  EXPECT_EQ(TanhF32(-3.0f), -TanhF32(3.0f));
  EXPECT_TRUE(std::isnan(TanhF32(kNan)));
}

TEST(Elementary, LogStaysWithinItsUlps) {
  const auto exact = [](double x) { return std::log(x); };
  EXPECT_LE(WorstUlps(LogF32, exact, 0x00000001, 0x7f7fffff), 1.5);
  EXPECT_EQ(LogF32(1.0f), 0.0f);
  EXPECT_EQ(LogF32(0.0f), -kInfinity);
  EXPECT_EQ(LogF32(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(LogF32(-1.0f)));
  EXPECT_TRUE(std::isnan(LogF32(kNan)));
}

TEST(Elementary, DoublesAgreeWithTheLibrary) {
  for (int i = 1; i < 20000; ++i) {
    const double x = i * 0.37;
    EXPECT_NEAR(SinF64(x), std::sin(x), 1e-15) << x;
    EXPECT_NEAR(CosF64(x), std::cos(x), 1e-15) << x;
    EXPECT_NEAR(CosF64(x * 6700), std::cos(x * 6700), 1e-15) << x * 6700;
    EXPECT_NEAR(LogF64(x), std::log(x), 4e-16 * std::fabs(std::log(x)) + 1e-17) << x;
    const double y = i * 0.07 - 700;
    EXPECT_NEAR(ExpF64(y), std::exp(y), 5e-16 * std::exp(y)) << y;
  }
}

TEST(F32x16, SumsAndWidensAlikeEverywhere) {
  float lane[kLanes];
  for (int l = 0; l < kLanes; ++l) lane[l] = static_cast<float>(l + 1);
  EXPECT_EQ(SumLanes(Load(lane)), 136.0f);
  EXPECT_EQ(MaxLanes(Load(lane)), 16.0f);
  const uint16_t halves[kLanes] = {0x3c00, 0xbc00, 0x0001, 0x8001, 0x7c00, 0x0000, 0x8000, 0x03ff,
                                   0x7bff, 0x3555, 0,      0,      0,      0,      0,      0};
  Store(lane, LoadF16(halves));
  EXPECT_EQ(lane[0], 1.0f);
  EXPECT_EQ(lane[1], -1.0f);
  EXPECT_EQ(lane[2], 0x1p-24f);
  EXPECT_EQ(lane[3], -0x1p-24f);
  EXPECT_EQ(lane[4], kInfinity);
  EXPECT_EQ(std::bit_cast<uint32_t>(lane[6]), 0x80000000u);
  EXPECT_EQ(lane[8], 65504.0f);
}

}  // namespace
}  // namespace reprise
