// Values of fields from their texts in CSV and JSON: whole, or not at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dataset/byte_buffer.h"

namespace reprise {

// An integer in decimal, a sign before it or not; nothing where it does not fit 64 bits.
std::optional<int64_t> IntegerFromText(std::string_view text);

// Whether float64 has the integer, and all between it and 0: those beyond 2^53 it lacks some of.
constexpr bool IsExactFloat64(int64_t integer) {
  constexpr int64_t kMost = int64_t{1} << 53;
  return -kMost <= integer && integer <= kMost;
}

// Whether digits write the float that is no integer, since no integer has its sign.
constexpr bool IsNegativeZero(std::string_view text) { return text == "-0"; }

// A number as JSON writes it (RFC 8259, section 6), a plus sign before it and a point first or last
// as well, or NaN, inf or infinity in any case with a sign or without. Nothing for a number beyond
// the largest double, which would be another one.
std::optional<double> FloatFromText(std::string_view text);

// The float nearest to the number that a text writes, by way of the nearest double. Nothing beyond
// the largest float.
std::optional<float> Float32From(double value);

// true or false, in small letters, capitals or with a capital first.
std::optional<bool> BoolFromText(std::string_view text);

// A time of ISO 8601 as RFC 3339 profiles it, in microseconds since 1970-01-01T00:00:00Z: a date
// alone, or with a T or a space and a time of hours and minutes, seconds or not, at most six digits
// of a second, and Z or an offset from UTC; without one it is taken as UTC. Years have four digits,
// or a sign and six (ECMA-262, Expanded Years), of the proleptic Gregorian calendar with a year 0.
// Nothing for leap seconds and for a time whose microseconds do not fit 64 bits.
std::optional<int64_t> TimestampFromText(std::string_view text);
// "2012-01-01T00:00:00Z", with as many digits of a second as it needs, and six of the year and a
// sign before 0000 and after 9999; TimestampFromText reads each as the same time.
std::string TimestampText(int64_t microseconds);

// Appends the bytes that base64 (RFC 4648, section 4, with its padding) stands for; false where it
// is none, and then something may have been appended.
bool AppendBase64(std::string_view text, ByteBuffer& out);
std::string Base64Text(std::string_view bytes);

}  // namespace reprise
