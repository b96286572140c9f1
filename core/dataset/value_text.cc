#include "dataset/value_text.h"

#include <array>
#include <chrono>
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
  namespace chrono = std::chrono;
  size_t at = 0;
  const auto year = TakeDigits(text, at, 4);
  if (!year || *year == 0 || !Take(text, at, '-')) return std::nullopt;
  const auto month = TakeDigits(text, at, 2);
  if (!month || !Take(text, at, '-')) return std::nullopt;
  const auto day = TakeDigits(text, at, 2);
  if (!day) return std::nullopt;
  const chrono::year_month_day date(chrono::year(*year),
                                    chrono::month(static_cast<unsigned>(*month)),
                                    chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  const int64_t days = chrono::sys_days(date).time_since_epoch().count();
  const int64_t midnight = days * 24 * kHour;
  if (at == text.size()) return midnight;
  if (text[at] != 'T' && text[at] != 't' && text[at] != ' ') return std::nullopt;
  const auto time = TimeOfDay(text.substr(at + 1));
  if (!time) return std::nullopt;
  return midnight + *time;
}

std::string TimestampText(int64_t microseconds) {
  namespace chrono = std::chrono;
  const int64_t day_length = 24 * kHour;
  int64_t days = microseconds / day_length, time = microseconds % day_length;
  if (time < 0) {
    time += day_length;
    --days;
  }
  const chrono::year_month_day date{chrono::sys_days(chrono::days(days))};
  std::string text;
  AppendPadded(static_cast<int>(date.year()), 4, text);
  text += '-';
  AppendPadded(static_cast<unsigned>(date.month()), 2, text);
  text += '-';
  AppendPadded(static_cast<unsigned>(date.day()), 2, text);
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
