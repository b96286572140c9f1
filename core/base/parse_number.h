// Numbers from text. The standard library reads doubles by a table of 11 KB, which no file that a
// page loads has room for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace reprise {

// The number of a text of digits, behind a minus or not; nothing where there is anything else in it
// or it does not fit.
std::optional<int64_t> ParseInteger(std::string_view text);

// The double nearest to a number, of two that are equally near the even one; an infinity where that
// is beyond the largest double. Requires a number as JSON writes it (RFC 8259, section 6).
//
// It multiplies the first 19 digits and a power of ten in 64 bits and knows how wrong the product
// may be; where that matters, every digit is compared with those of the number halfway between the
// two doubles. Source: Clinger, How to Read Floating Point Numbers Accurately (PLDI 1990), which
// does the same by another comparison.
double ParseDouble(std::string_view number);

}  // namespace reprise
