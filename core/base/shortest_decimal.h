// Doubles as text. Standard libraries do it by tables of about 120 KB, which no file that a page
// loads has room for.
#pragma once

#include <string>

namespace reprise {

// Appends the fewest digits that read back as the same double, of these the closest, as
// std::to_chars(value) lays them out: without an exponent where that is no longer; an integer has
// all its digits then. Requires a finite value. Takes about a microsecond. Source: Burger, Dybvig,
// Printing Floating-Point Numbers Quickly and Accurately (PLDI 1996), figure 3.
void AppendShortestDecimal(double value, std::string* text);

}  // namespace reprise
