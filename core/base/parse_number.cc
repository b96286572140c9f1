#include "base/parse_number.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>

#include "base/natural.h"
#include "base/small_code.h"
#include "base/wide_product.h"

namespace reprise {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// 0.d1 d2 d3… * 10^point with d1 != 0, or zero.
struct Decimal {
  std::string_view digits;  // from d1 on, with a point among them or not; empty for zero
  int64_t point = 0;
  uint64_t first = 0;    // the first digits as a number, at most 19
  int64_t exponent = 0;  // such that first * 10^exponent is the number, or a little less …
  bool is_cut = false;   // … where there are more digits
};

// Of a number without a sign.
Decimal ReadDecimal(std::string_view number) {
  constexpr int kMostDigits = 19;  // that 64 bits hold
  Decimal decimal;
  int count = 0;
  bool is_fraction = false;
  size_t at = 0;
  for (; at < number.size() && (IsDigit(number[at]) || number[at] == '.'); ++at) {
    if (number[at] == '.') {
      is_fraction = true;
      continue;
    }
    const auto digit = static_cast<uint64_t>(number[at] - '0');
    if (count == 0 && digit != 0) decimal.digits = number.substr(at);
    if (is_fraction) --decimal.exponent;
    if (decimal.digits.empty()) continue;
    if (count < kMostDigits) {
      decimal.first = decimal.first * 10 + digit;
      ++count;
    } else {
      ++decimal.exponent;
      decimal.is_cut |= digit != 0;
    }
  }
  if (decimal.digits.empty()) return decimal;
  decimal.digits.remove_suffix(number.size() - at);
  if (at < number.size()) {
    const bool is_negative = number[++at] == '-';
    if (!IsDigit(number[at])) ++at;
    constexpr int64_t kMost = int64_t{1} << 40;  // beyond which no digits make up for it
    int64_t exponent = 0;
    for (; at < number.size(); ++at) exponent = std::min(exponent * 10 + (number[at] - '0'), kMost);
    decimal.exponent += is_negative ? -exponent : exponent;
  }
  decimal.point = decimal.exponent + count;
  return decimal;
}

// significand * 2^exponent, where the significand has its highest bit.
struct Float64 {
  uint64_t significand;
  int exponent;
};

Float64 Normalized(uint64_t value, int exponent) {
  const int shift = std::countl_zero(value);
  return {value << shift, exponent - shift};
}

// Less than one unit of the last place below the product.
Float64 Multiply(const Float64& a, const Float64& b) {
  const auto [high, low] = MultiplyWide(a.significand, b.significand);
  const int exponent = a.exponent + b.exponent + 64;
  if (high >> 63 != 0) return {high, exponent};
  return {high << 1 | low >> 63, exponent - 1};
}

// The largest power of ten that 64 bits times a power of two hold is 10^27, since 5^27 < 2^63.
constexpr int kExactPower = 27;
constexpr Float64 k10ToThe27{0xcecb8f27f4200f3a, 26};
constexpr Float64 k10ToTheMinus27{0x9e74d1b791e07e48, -153};  // the nearest

// A number and by how many units of its last place it may be wrong.
struct Approximation {
  Float64 value;
  uint64_t error;
};

Approximation Approximate(const Decimal& decimal) {
  const auto exponent = static_cast<int>(decimal.exponent);
  const int rest = ((exponent % kExactPower) + kExactPower) % kExactPower;
  const int steps = (exponent - rest) / kExactPower;
  uint64_t power_of_5 = 1;
  for (int i = 0; i < rest; ++i) power_of_5 *= 5;
  Float64 value = Multiply(Normalized(decimal.first, 0), Normalized(power_of_5, rest));
  for (int i = 0; i < std::abs(steps); ++i) {
    value = Multiply(value, steps > 0 ? k10ToThe27 : k10ToTheMinus27);
  }
  // In units of 2^-63 of the number: one each product, a half each constant that is not exact.
  // Digits cut off are less than 10^-18 of it, that is 9.3 such units. A unit of the last place is
  // at least half as much.
  const auto count = static_cast<uint64_t>(std::abs(steps));
  return {value, 2 + 3 * count + (decimal.is_cut ? 19 : 0)};
}

// Below 0, 0 or above 0 as the decimal is less than significand * 2^exponent, the same or more.
// Both are of the same size, more or less.
REPRISE_SMALL int Compare(const Decimal& decimal, uint64_t significand, int exponent) {
  const auto point = static_cast<int>(decimal.point);
  Natural rest(significand), unit(1);
  (exponent > 0 ? rest : unit).MultiplyByPowerOf2(std::abs(exponent));
  (point > 0 ? unit : rest).MultiplyByPowerOf10(std::abs(point));
  for (const char c : decimal.digits) {
    if (c == '.') continue;
    if (rest.is_zero()) {
      if (c != '0') return 1;
      continue;
    }
    rest.Multiply(10);
    int digit = 0;
    for (; rest.Compare(unit) >= 0; ++digit) rest.Subtract(unit);
    if (c - '0' != digit) return c - '0' - digit;
  }
  return rest.is_zero() ? 0 : -1;
}

double NearestTo(const Decimal& decimal) {
  constexpr int kLeastExponent = -1074;
  constexpr uint64_t kInfinity = uint64_t{0x7ff} << 52;
  // 2^-1075, half the least double, is more than 10^-324; the largest is less than 10^309.
  if (decimal.digits.empty() || decimal.point <= -324) return 0;
  if (decimal.point > 309) return std::numeric_limits<double>::infinity();
  const auto [value, error] = Approximate(decimal);
  // A double has 53 bits, or as many as lie above its least exponent.
  const int dropped = std::max(64 - 53, kLeastExponent - value.exponent);
  const int exponent = value.exponent + dropped;
  uint64_t kept = dropped < 64 ? value.significand >> dropped : 0;
  // What was dropped, in units of its own highest bit, which is the half of the last bit kept.
  const uint64_t half = dropped <= 64 ? uint64_t{1} << (dropped - 1) : 0;
  const uint64_t rest = dropped < 64 ? value.significand & (2 * half - 1) : value.significand;
  bool rounds_up = false;
  if (half == 0 || rest - half + error <= 2 * error) {
    const int order = Compare(decimal, 2 * kept + 1, exponent - 1);
    rounds_up = order > 0 || (order == 0 && kept % 2 != 0);
  } else {
    rounds_up = rest > half;
  }
  kept += rounds_up ? 1 : 0;
  // The bit 2^52 of the significand, where it is there, adds one to the exponent's field.
  const uint64_t bits = (static_cast<uint64_t>(exponent - kLeastExponent) << 52) + kept;
  return std::bit_cast<double>(std::min(bits, kInfinity));
}

}  // namespace

std::optional<int64_t> ParseInteger(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 19) return std::nullopt;
  uint64_t value = 0;
  for (const char c : text) {
    if (!IsDigit(c)) return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (value > kMost + (is_negative ? 1 : 0)) return std::nullopt;
  return static_cast<int64_t>(is_negative ? -value : value);
}

double ParseDouble(std::string_view number) {
  const bool is_negative = number.starts_with('-');
  const double size = NearestTo(ReadDecimal(number.substr(is_negative ? 1 : 0)));
  return is_negative ? -size : size;
}

}  // namespace reprise
