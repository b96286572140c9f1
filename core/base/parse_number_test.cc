// Against the standard library, beside and on the numbers halfway between doubles above all.
#include "base/parse_number.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/random_numbers.h"

namespace reprise {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The standard library tells too large from too small by nothing; `beyond` is what is expected
// then.
void ExpectStandard(const std::string& text, double beyond = 0) {
  double expected = beyond;
  std::from_chars(text.data(), text.data() + text.size(), expected);
  const double found = ParseDouble(text);
  ASSERT_EQ(std::bit_cast<uint64_t>(found), std::bit_cast<uint64_t>(expected))
      << text << ": " << found << ", expected " << expected;
}

// The digits of significand * 2^exponent, all of them.
std::string ExactDecimal(uint64_t significand, int exponent) {
  std::vector<int> digits;  // the last one first
  for (; significand > 0; significand /= 10) digits.push_back(static_cast<int>(significand % 10));
  for (int i = 0; i < std::abs(exponent); ++i) {
    int carry = 0;
    for (int& digit : digits) {
      carry += digit * (exponent > 0 ? 2 : 5);
      digit = carry % 10;
      carry /= 10;
    }
    if (carry > 0) digits.push_back(carry);
  }
  std::string text;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    text += static_cast<char>('0' + *digit);
  }
  return exponent < 0 ? text + "e" + std::to_string(exponent) : text;
}

// A text of digits with another one behind them, and one with the last of them less by one.
void ExpectStandardAround(const std::string& exact, double beyond = 0) {
  const size_t mark = std::min(exact.find('e'), exact.size());
  const std::string digits = exact.substr(0, mark), power = exact.substr(mark);
  ExpectStandard(exact, beyond);
  ExpectStandard(digits + ".000000000000000000001" + power, beyond);
  ExpectStandard(digits + ".000" + power, beyond);
  std::string less = digits;
  size_t at = less.find_last_not_of('0');
  --less[at];
  std::fill(less.begin() + static_cast<std::ptrdiff_t>(at) + 1, less.end(), '9');
  ExpectStandard(less + ".9" + power, beyond);
}

TEST(ParseDouble, OneByOne) {
  EXPECT_EQ(ParseDouble("0"), 0);
  EXPECT_TRUE(std::signbit(ParseDouble("-0")));
  EXPECT_EQ(ParseDouble("0.000e99999999999999999999"), 0);
  EXPECT_EQ(ParseDouble("0e068"), 0);
  EXPECT_EQ(ParseDouble("-1.5"), -1.5);
  EXPECT_EQ(ParseDouble("12345678901234567890"), 12345678901234567890.0);
  EXPECT_EQ(ParseDouble("9007199254740993"), 9007199254740992);
  EXPECT_EQ(ParseDouble("9007199254740993.0000000000000000000000001"), 9007199254740994);
  EXPECT_EQ(ParseDouble("1E+2"), 100);
  EXPECT_EQ(ParseDouble("2.5e-3"), 0.0025);
  EXPECT_EQ(ParseDouble("1.7976931348623157e308"), std::numeric_limits<double>::max());
  EXPECT_EQ(ParseDouble("1.7976931348623158e308"), std::numeric_limits<double>::max());
  EXPECT_EQ(ParseDouble("1.7976931348623159e308"), kInfinity);
  EXPECT_EQ(ParseDouble("-1e999999999999999999999999"), -kInfinity);
  EXPECT_EQ(ParseDouble("1e-999999999999999999999999"), 0);
  EXPECT_EQ(ParseDouble("4.9e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(ParseDouble("2.4703282292062328e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(ParseDouble("2.4703282292062327e-324"), 0);
  EXPECT_EQ(ParseDouble("1e-324"), 0);
  // Digits and exponent that make up for each other.
  EXPECT_EQ(ParseDouble("0." + std::string(5000, '0') + "1e5001"), 1);
  EXPECT_EQ(ParseDouble("1" + std::string(5000, '0') + "e-5000"), 1);
}

TEST(ParseDouble, IsTheStandardsOfRandomDigits) {
  uint64_t state = 1;
  const auto random = [&](uint64_t below) { return NextRandom(state) % below; };
  for (int i = 0; i < 300'000; ++i) {
    std::string text(1, static_cast<char>('1' + random(9)));
    const size_t point = random(12);
    for (size_t length = random(25), at = 0; at < length; ++at) {
      if (at == point) text += '.';
      text += static_cast<char>('0' + random(10));
    }
    if (text.back() == '.') text += '0';
    const auto exponent = static_cast<int>(random(700)) - 360;
    if (random(3) != 0) text += "e" + std::to_string(random(2) == 0 ? exponent : exponent % 20);
    ExpectStandard(text, exponent > 0 ? kInfinity : 0);
  }
}

TEST(ParseDouble, ReadsBackWhatIsWritten) {
  uint64_t state = 1;
  for (int i = 0; i < 300'000; ++i) {
    const auto value = std::bit_cast<double>(NextRandom(state));
    if (!std::isfinite(value)) continue;
    char text[64];
    const char* const end = std::to_chars(text, std::end(text), value).ptr;
    ASSERT_EQ(std::bit_cast<uint64_t>(ParseDouble({text, end})), std::bit_cast<uint64_t>(value));
  }
}

TEST(ParseDouble, IsTheStandardsHalfwayBetweenDoubles) {
  uint64_t state = 1;
  for (int exponent = -1075; exponent <= 971;
       exponent += exponent < -300 || exponent > 300 ? 83 : 3) {
    const uint64_t hidden = exponent == -1075 ? 0 : uint64_t{1} << 52;
    for (int i = 0; i < 2; ++i) {
      const uint64_t random = NextRandom(state) >> 12;
      for (const uint64_t kept : {hidden, hidden | random, (uint64_t{2} << 52) - 1}) {
        if (exponent == 971 && kept == (uint64_t{2} << 52) - 1) continue;
        ExpectStandardAround(ExactDecimal(2 * kept + 1, exponent - (exponent == -1075 ? 0 : 1)));
      }
    }
  }
  // Halfway to what would be the next double.
  ExpectStandardAround(ExactDecimal((uint64_t{4} << 52) - 1, 970), kInfinity);
}

TEST(ParseInteger, OneByOne) {
  EXPECT_EQ(ParseInteger("0"), 0);
  EXPECT_EQ(ParseInteger("-0"), 0);
  EXPECT_EQ(ParseInteger("007"), 7);
  EXPECT_EQ(ParseInteger("-12"), -12);
  EXPECT_EQ(ParseInteger("9223372036854775807"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(ParseInteger("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(ParseInteger("9223372036854775808"), std::nullopt);
  EXPECT_EQ(ParseInteger("-9223372036854775809"), std::nullopt);
  EXPECT_EQ(ParseInteger("99999999999999999999"), std::nullopt);
  for (const char* text : {"", "-", "+1", "1.0", "1e3", " 1", "1a"}) {
    EXPECT_EQ(ParseInteger(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace reprise
