#include "dataset/value_text.h"

#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "base/parse_number.h"

namespace reprise {
namespace {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// How many digits stand from `at` on.
size_t CountDigits(std::string_view text, size_t at) {
  size_t count = 0;
  while (at + count < text.size() && IsDigit(text[at + count])) ++count;
  return count;
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

// Powers of ten that a double holds exactly.
constexpr double kExactPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// Reads `count` digits at `at`, which moves behind them.
std::optional<int> TakeDigits(std::string_view text, size_t& at, size_t count) {
  if (CountDigits(text.substr(0, at + count), at) < count) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < count; ++i) value = 10 * value + (text[at + i] - '0');
  at += count;
  return value;
}

bool Take(std::string_view text, size_t& at, char c) {
  if (at >= text.size() || text[at] != c) return false;
  ++at;
  return true;
}

constexpr int64_t kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute;

// The part of a timestamp behind its date, in microseconds.
std::optional<int64_t> TimeOfDay(std::string_view text) {
  size_t at = 0;
  const auto hour = TakeDigits(text, at, 2);
  if (!hour || *hour > 23 || !Take(text, at, ':')) return std::nullopt;
  const auto minute = TakeDigits(text, at, 2);
  if (!minute || *minute > 59) return std::nullopt;
  int64_t time = *hour * kHour + *minute * kMinute;
  if (Take(text, at, ':')) {
    const auto second = TakeDigits(text, at, 2);
    if (!second || *second > 59) return std::nullopt;
    time += *second * kSecond;
    if (Take(text, at, '.')) {
      const size_t digits = CountDigits(text, at);
      if (digits == 0 || digits > 6) return std::nullopt;
      int64_t fraction = *TakeDigits(text, at, digits);
      for (size_t i = digits; i < 6; ++i) fraction *= 10;
      time += fraction;
    }
  }
  if (at == text.size() || (at + 1 == text.size() && (text[at] == 'Z' || text[at] == 'z'))) {
    return time;
  }
  const bool is_east = text[at] == '+';
  if (!is_east && text[at] != '-') return std::nullopt;
  ++at;
  const auto hours = TakeDigits(text, at, 2);
  Take(text, at, ':');
  const auto minutes = TakeDigits(text, at, 2);
  if (!hours || *hours > 23 || !minutes || *minutes > 59 || at != text.size()) return std::nullopt;
  const int64_t offset = *hours * kHour + *minutes * kMinute;
  return is_east ? time - offset : time + offset;
}

void AppendPadded(int64_t value, int digits, std::string& out) {
  const std::string text = std::to_string(value);
  for (int i = static_cast<int>(text.size()); i < digits; ++i) out += '0';
  out += text;
}

// Days since 1970-01-01 of dates of the proleptic Gregorian calendar, and back: chrono's own years
// end at 32767. Years are counted from March, so that the leap day is the last, in eras of 400
// years, which are of one length.
constexpr int64_t kDaysOfEra = 146'097;
constexpr int64_t kDaysTo1970 = 719'468;  // from 0000-03-01

struct Date {
  int64_t year = 0;
  int64_t month = 1, day = 1;
};

constexpr int64_t FloorDivide(int64_t value, int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

constexpr int64_t DaysOf(const Date& date) {
  const int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const int64_t era = FloorDivide(year, 400), year_of_era = year - 400 * era;
  const int64_t months = (date.month + 9) % 12;  // since March
  const int64_t day_of_year = (153 * months + 2) / 5 + date.day - 1;
  const int64_t day_of_era = 365 * year_of_era + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return kDaysOfEra * era + day_of_era - kDaysTo1970;
}

constexpr Date DateOf(int64_t days) {
  const int64_t era = FloorDivide(days + kDaysTo1970, kDaysOfEra);
  const int64_t day_of_era = days + kDaysTo1970 - kDaysOfEra * era;
  // Of the leap days before it: one each 4 years, none each 100, one at the end of the 400.
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t months = (5 * day_of_year + 2) / 153;
  const int64_t month = months < 10 ? months + 3 : months - 9;
  return {400 * era + year_of_era + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * months + 2) / 5 + 1};
}

// Four digits, or a sign and six; -000000 is no year (ECMA-262, Expanded Years).
std::optional<int64_t> TakeYear(std::string_view text, size_t& at) {
  const bool is_negative = Take(text, at, '-');
  const bool is_expanded = is_negative || Take(text, at, '+');
  const auto year = TakeDigits(text, at, is_expanded ? 6 : 4);
  if (!year || (is_negative && *year == 0)) return std::nullopt;
  return is_negative ? -*year : *year;
}

// In the same forms.
void AppendYear(int64_t year, std::string& out) {
  if (year >= 0 && year <= 9999) return AppendPadded(year, 4, out);
  out += year < 0 ? '-' : '+';
  AppendPadded(year < 0 ? -year : year, 6, out);
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::optional<int64_t> IntegerFromText(std::string_view text) {
  size_t at = 0;
  const bool is_negative = !text.empty() && text[0] == '-';
  if (is_negative || (!text.empty() && text[0] == '+')) at = 1;
  if (at == text.size()) return std::nullopt;
  if (text.size() - at <= 18) {  // cannot overflow
    int64_t value = 0;
    for (; at < text.size(); ++at) {
      if (!IsDigit(text[at])) return std::nullopt;
      value = 10 * value + (text[at] - '0');
    }
    return is_negative ? -value : value;
  }
  // ParseInteger knows no plus sign, and a sign only.
  if (!IsDigit(text[at])) return std::nullopt;
  return ParseInteger(is_negative ? text : text.substr(at));
}

std::optional<double> FloatFromText(std::string_view text) {
  size_t at = 0;
  const bool is_negative = !text.empty() && text[0] == '-';
  if (is_negative || (!text.empty() && text[0] == '+')) at = 1;
  const size_t start = at;
  // Up to 2^53 of digits, and a power of ten that is exact: one correctly rounded division gives
  // the nearest double (Clinger 1990).
  uint64_t digits = 0;
  size_t count = 0, behind = 0;
  for (; at < text.size() && IsDigit(text[at]); ++at, ++count)
    digits = 10 * digits + static_cast<uint64_t>(text[at] - '0');
  if (at < text.size() && text[at] == '.') {
    for (++at; at < text.size() && IsDigit(text[at]); ++at, ++count, ++behind) {
      digits = 10 * digits + static_cast<uint64_t>(text[at] - '0');
    }
  }
  if (at == text.size() && count >= 1 && count <= 15) {
    const double value = static_cast<double>(digits) / kExactPowers[behind];
    return is_negative ? -value : value;
  }
  const std::string_view unsigned_text = text.substr(start);
  if (count == 0) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (EqualsIgnoringCase(unsigned_text, "nan")) return std::numeric_limits<double>::quiet_NaN();
    if (EqualsIgnoringCase(unsigned_text, "inf") || EqualsIgnoringCase(unsigned_text, "infinity")) {
      return is_negative ? -kInfinity : kInfinity;
    }
    return std::nullopt;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    const size_t exponent = CountDigits(text, at);
    if (exponent == 0) return std::nullopt;
    at += exponent;
  }
  if (at != text.size()) return std::nullopt;
  // As JSON has it: a digit on both sides of the point, and no zeros first.
  std::string number;
  size_t first = start;
  while (first + 1 < text.size() && text[first] == '0' && IsDigit(text[first + 1])) ++first;
  if (text[first] == '.') number += '0';
  for (size_t i = first; i < text.size(); ++i) {
    number += text[i];
    if (text[i] == '.' && (i + 1 == text.size() || !IsDigit(text[i + 1]))) number += '0';
  }
  const double value = ParseDouble(number);
  if (std::isinf(value)) return std::nullopt;
  return is_negative ? -value : value;
}

std::optional<float> Float32From(double value) {
  // Beyond this, which lies halfway between the largest float and the next power of two, rounding
  // would give an infinity.
  constexpr double kLimit = 0x1.ffffffp127;
  if (std::isfinite(value) && std::abs(value) >= kLimit) return std::nullopt;
  return static_cast<float>(value);
}

std::optional<bool> BoolFromText(std::string_view text) {
  if (text.size() == 4) {
    if (text == "true" || text == "True" || text == "TRUE") return true;
  } else if (text.size() == 5) {
    if (text == "false" || text == "False" || text == "FALSE") return false;
  }
  return std::nullopt;
}

std::optional<int64_t> TimestampFromText(std::string_view text) {
  size_t at = 0;
  const auto year = TakeYear(text, at);
  if (!year || !Take(text, at, '-')) return std::nullopt;
  const auto month = TakeDigits(text, at, 2);
  if (!month || !Take(text, at, '-')) return std::nullopt;
  const auto day = TakeDigits(text, at, 2);
  if (!day) return std::nullopt;
  const Date date{*year, *month, *day};
  // What is no date becomes another one.
  const int64_t days = DaysOf(date);
  const Date same = DateOf(days);
  if (same.month != date.month || same.day != date.day) return std::nullopt;
  int64_t time = 0;
  if (at < text.size()) {
    if (text[at] != 'T' && text[at] != 't' && text[at] != ' ') return std::nullopt;
    const auto of_day = TimeOfDay(text.substr(at + 1));
    if (!of_day) return std::nullopt;
    time = *of_day;
  }
  // Whole days and the rest have one sign, so that no sum on the way is beyond 64 bits.
  constexpr int64_t kDay = 24 * kHour;
  int64_t whole = days + FloorDivide(time, kDay);
  int64_t rest = time - kDay * FloorDivide(time, kDay);
  if (whole < 0 && rest > 0) {
    ++whole;
    rest -= kDay;
  }
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  if (whole > kMost / kDay || whole < kLeast / kDay) return std::nullopt;
  const int64_t midnight = kDay * whole;
  if (rest > 0 ? midnight > kMost - rest : midnight < kLeast - rest) return std::nullopt;
  return midnight + rest;
}

std::string TimestampText(int64_t microseconds) {
  constexpr int64_t kDay = 24 * kHour;
  const int64_t days = FloorDivide(microseconds, kDay);
  const int64_t remainder = microseconds % kDay;
  const int64_t time = remainder < 0 ? remainder + kDay : remainder;
  const Date date = DateOf(days);
  std::string text;
  AppendYear(date.year, text);
  text += '-';
  AppendPadded(date.month, 2, text);
  text += '-';
  AppendPadded(date.day, 2, text);
  text += 'T';
  AppendPadded(time / kHour, 2, text);
  text += ':';
  AppendPadded(time / kMinute % 60, 2, text);
  text += ':';
  AppendPadded(time / kSecond % 60, 2, text);
  if (const int64_t fraction = time % kSecond; fraction != 0) {
    text += '.';
    AppendPadded(fraction, 6, text);
    while (text.back() == '0') text.pop_back();
  }
  return text + 'Z';
}

bool AppendBase64(std::string_view text, ByteBuffer& out) {
  if (text.size() % 4 != 0) return false;
  size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  uint32_t bits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_padding = i >= text.size() - padding;
    const size_t digit = is_padding ? 0 : kBase64.find(text[i]);
    if (digit == std::string_view::npos) return false;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    if (i % 4 != 3) continue;
    const bool is_last = i + 1 == text.size();
    const size_t bytes = is_last ? 3 - padding : 3;
    // Bits that no byte has must be zero, else two texts would stand for the same bytes.
    if (is_last && (bits & ((1u << 8 * padding) - 1)) != 0) return false;
    for (size_t b = 0; b < bytes; ++b) out.Add(static_cast<uint8_t>(bits >> (16 - 8 * b)));
    bits = 0;
  }
  return true;
}

std::string Base64Text(std::string_view bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t bits = 0;
    for (size_t b = 0; b < 3; ++b) {
      const size_t at = i + b;
      bits = bits << 8 | (at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u);
    }
    for (size_t d = 0; d < 4; ++d) {
      const bool is_padding = i + d > bytes.size();
      text += is_padding ? '=' : kBase64[bits >> (18 - 6 * d) & 63];
    }
  }
  return text;
}

}  // namespace reprise
