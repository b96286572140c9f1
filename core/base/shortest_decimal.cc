#include "base/shortest_decimal.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>

#include "base/natural.h"

namespace reprise {
namespace {

Natural Sum(Natural one, const Natural& other) {
  one.Add(other);
  return one;
}

// significand * 2^exponent.
struct Parts {
  uint64_t significand;
  int exponent;
};

constexpr uint64_t kHiddenBit = uint64_t{1} << 52;
constexpr int kLeastExponent = -1074;

Parts Split(double value) {
  const auto bits = std::bit_cast<uint64_t>(value);
  const uint64_t fraction = bits & (kHiddenBit - 1);
  const int exponent = static_cast<int>(bits >> 52 & 0x7ff);
  if (exponent == 0) return {fraction, kLeastExponent};
  return {fraction | kHiddenBit, exponent - 1 + kLeastExponent};
}

// The value is rest / unit; whatever lies within `below` under it and `above` over it, in the same
// units, reads back as it.
struct Interval {
  Natural rest, unit, below, above;
  bool takes_ends;
};

Interval IntervalOf(const Parts& parts) {
  const auto [significand, exponent] = parts;
  // Below a power of two the doubles lie half as far apart.
  const bool is_uneven = significand == kHiddenBit && exponent > kLeastExponent;
  Interval interval{Natural(significand), Natural(1), Natural(1), Natural(1), significand % 2 == 0};
  interval.rest.MultiplyByPowerOf2(std::max(exponent, 0) + (is_uneven ? 2 : 1));
  interval.unit.MultiplyByPowerOf2(std::max(-exponent, 0) + (is_uneven ? 2 : 1));
  interval.below.MultiplyByPowerOf2(std::max(exponent, 0));
  interval.above.MultiplyByPowerOf2(std::max(exponent, 0) + (is_uneven ? 1 : 0));
  return interval;
}

// Scales until the value and all that reads back as it is below 1; the power of ten.
int Scale(const Parts& parts, Interval* interval) {
  auto& [rest, unit, below, above, takes_ends] = *interval;
  const int bits = parts.exponent + std::bit_width(parts.significand) - 1;
  int power =
      bits * 1233 >> 12;  // 1233 / 4096 is about log10(2); it may be too small, not too large
  if (power >= 0) {
    unit.MultiplyByPowerOf10(power);
  } else {
    for (Natural* number : {&rest, &below, &above}) number->MultiplyByPowerOf10(-power);
  }
  while (Sum(rest, above).Compare(unit) >= (takes_ends ? 0 : 1)) {
    unit.Multiply(10);
    ++power;
  }
  return power;
}

Decimal Generate(const Parts& parts) {
  Interval interval = IntervalOf(parts);
  Decimal decimal;
  decimal.point = Scale(parts, &interval);
  auto& [rest, unit, below, above, takes_ends] = interval;
  for (;;) {
    for (Natural* number : {&rest, &below, &above}) number->Multiply(10);
    char digit = '0';
    for (; rest.Compare(unit) >= 0; ++digit) rest.Subtract(unit);
    const bool may_stop = rest.Compare(below) < (takes_ends ? 1 : 0);
    const bool may_round_up = Sum(rest, above).Compare(unit) >= (takes_ends ? 0 : 1);
    if (may_stop || may_round_up) {
      const int half = Sum(rest, rest).Compare(unit);
      const bool is_nearer_above = half > 0 || (half == 0 && digit % 2 != 0);
      if (may_round_up && (!may_stop || is_nearer_above)) ++digit;
      decimal.digits += digit;
      return decimal;
    }
    decimal.digits += digit;
  }
}

void AppendInteger(const Parts& parts, std::string* text) {
  // Doubles that are integers and short enough for this have exponents below 32.
  Natural rest(parts.exponent < 0 ? parts.significand >> -parts.exponent : parts.significand);
  rest.MultiplyByPowerOf2(std::max(parts.exponent, 0));
  const size_t begin = text->size();
  while (!rest.is_zero()) *text += static_cast<char>('0' + rest.DivideBy10());
  std::reverse(text->begin() + static_cast<std::ptrdiff_t>(begin), text->end());
}

void AppendScientific(const Decimal& decimal, std::string* text) {
  *text += decimal.digits[0];
  if (decimal.digits.size() > 1) text->append(".").append(decimal.digits, 1);
  const int exponent = decimal.point - 1;
  *text += exponent < 0 ? "e-" : "e+";
  const std::string power = std::to_string(exponent < 0 ? -exponent : exponent);
  if (power.size() == 1) *text += '0';
  *text += power;
}

}  // namespace

Decimal ShortestDecimal(double value) { return Generate(Split(value)); }

void AppendShortestDecimal(double value, std::string* text) {
  if (std::bit_cast<uint64_t>(value) >> 63 != 0) *text += '-';
  const Parts parts = Split(value);
  if (parts.significand == 0) {
    *text += '0';
    return;
  }
  const Decimal decimal = Generate(parts);
  const int count = static_cast<int>(decimal.digits.size());
  const int exponent = decimal.point - 1;
  const int scientific =
      count + (count > 1 ? 1 : 0) + (exponent >= 100 || exponent <= -100 ? 5 : 4);
  if (decimal.point >= count) {
    if (decimal.point > scientific) return AppendScientific(decimal, text);
    return AppendInteger(parts, text);
  }
  if (decimal.point > 0) {
    text->append(decimal.digits, 0, static_cast<size_t>(decimal.point)).append(".");
    text->append(decimal.digits, static_cast<size_t>(decimal.point));
    return;
  }
  if (2 - decimal.point + count > scientific) return AppendScientific(decimal, text);
  text->append("0.").append(static_cast<size_t>(-decimal.point), '0').append(decimal.digits);
}

}  // namespace reprise
