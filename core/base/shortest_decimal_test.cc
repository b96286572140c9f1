// Against the standard library's digits, and the layouts one by one.
#include "base/shortest_decimal.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "tests/support/random_numbers.h"

namespace reprise {
namespace {

std::string Shortest(double value) {
  std::string text;
  AppendShortestDecimal(value, &text);
  return text;
}

std::string Standard(double value) {
  char digits[64];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

TEST(ShortestDecimal, LayoutsOneByOne) {
  EXPECT_EQ(Shortest(0), "0");
  EXPECT_EQ(Shortest(-0.0), "-0");
  EXPECT_EQ(Shortest(0.001), "0.001");
  EXPECT_EQ(Shortest(0.0001), "1e-04");
  EXPECT_EQ(Shortest(-1.5), "-1.5");
  EXPECT_EQ(Shortest(10000), "10000");
  EXPECT_EQ(Shortest(100000), "1e+05");
  EXPECT_EQ(Shortest(1.2345678901234567e20), "123456789012345667584");
  EXPECT_EQ(Shortest(5e-324), "5e-324");
  EXPECT_EQ(Shortest(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
}

// Powers of two have neighbours at unlike distances; beside them lie ends of intervals.
TEST(ShortestDecimal, IsTheStandardsBesidePowers) {
  for (int power = -1074; power < 1024; ++power) {
    const double value = std::ldexp(1.0, power);
    for (const double near : {std::nextafter(value, 0.0), value, std::nextafter(value, 1e308)}) {
      ASSERT_EQ(Shortest(near), Standard(near)) << power;
    }
  }
  for (int power = -323; power <= 308; ++power) {
    double value = 0;
    const std::string text = "1e" + std::to_string(power);
    std::from_chars(text.data(), text.data() + text.size(), value);
    for (const double near : {std::nextafter(value, 0.0), value, std::nextafter(value, 1e308)}) {
      ASSERT_EQ(Shortest(near), Standard(near)) << power;
    }
  }
}

TEST(ShortestDecimal, IsTheStandardsOfRandomDoubles) {
  uint64_t state = 1;
  const auto random = [&] { return NextRandom(state); };
  for (int i = 0; i < 100'000; ++i) {
    const auto any = std::bit_cast<double>(random());
    if (!std::isfinite(any)) continue;
    ASSERT_EQ(Shortest(any), Standard(any));
    const double score = -static_cast<double>(random() >> 11) * 0x1p-49;  // -16 to 0
    ASSERT_EQ(Shortest(score), Standard(score));
    const double integer = std::floor(std::ldexp(static_cast<double>(random()), i % 16 - 8));
    ASSERT_EQ(Shortest(integer), Standard(integer));
    const auto narrow = static_cast<double>(static_cast<float>(score));
    ASSERT_EQ(Shortest(narrow), Standard(narrow));
  }
}

}  // namespace
}  // namespace reprise
