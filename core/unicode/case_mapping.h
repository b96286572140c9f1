// Lower case and case folding of single code points.
#pragma once

#include <cstdint>
#include <vector>

#include "base/growing_array.h"

namespace reprise {

// Appends the lower case of one code point, whatever its neighbours are: simple case mappings, and
// İ becomes i and U+0307, the one unconditional entry of SpecialCasing.txt.
void AppendLowercase(char32_t c, GrowingText& out);

// The simple case folding: code points that differ in case only have the same.
char32_t FoldCase(char32_t c);

// All code points with the simple case folding of c, c among them, ascending.
std::vector<char32_t> CaseVariants(char32_t c);

// Each code point that another one has as its folding or that has another one, packed behind its
// folding (base/sort.h), ascending: those of one folding differ in case only.
const std::vector<uint64_t>& CasePairs();

}  // namespace reprise
