// Doubles as text. Standard libraries do it by tables of about 120 KB, which no file that a page
// loads has room for.
#pragma once

#include <string>

namespace reprise {

// 0.d1 d2 d3… times 10^point.
struct Decimal {
  std::string digits;  // the first and the last are not 0
  int point = 0;
};

// The fewest digits that read back as the same double, of these the closest. Requires a finite
// value above 0. Takes about a microsecond. Source: Burger, Dybvig, Printing Floating-Point Numbers
// Quickly and Accurately (PLDI 1996), figure 3.
Decimal ShortestDecimal(double value);

// Appends the shortest decimal as std::to_chars(value) lays it out: without an exponent where that
// is no longer; an integer has all its digits then. Requires a finite value.
void AppendShortestDecimal(double value, std::string* text);

}  // namespace reprise
