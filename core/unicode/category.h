// Properties of single code points from the Unicode character database (docs: UAX #44). Sequences
// of code points (normalisation, case) are not this file's matter.
#pragma once

#include <cstdint>
#include <string_view>

#include "unicode/category_tables.h"

namespace reprise {

// The general category, in the order of tools/gen/unicode.mjs: C, L, M, N, P, S, Z by their ranges.
enum class Category : uint8_t {
  // clang-format off
  kCn, kCc, kCf, kCo, kCs, kLl, kLm, kLo, kLt, kLu, kMc, kMe, kMn, kNd, kNl, kNo,
  kPc, kPd, kPe, kPf, kPi, kPo, kPs, kSc, kSk, kSm, kSo, kZl, kZp, kZs,
  // clang-format on
};

// The version of the Unicode database, such as "15.0.0".
std::string_view UnicodeVersion();

namespace internal {
// Above U+10FFFF a code point counts as unassigned.
inline uint8_t PropertyByte(char32_t c) {
  if (c > 0x10FFFF) return 0;
  const uint32_t block = unicode_tables::kPropertyBlockOf[c / unicode_tables::kPropertyBlockSize];
  return unicode_tables::kPropertyBlocks[block * unicode_tables::kPropertyBlockSize +
                                         c % unicode_tables::kPropertyBlockSize];
}
}  // namespace internal

inline Category CategoryOf(char32_t c) {
  return static_cast<Category>(internal::PropertyByte(c) & unicode_tables::kCategoryMask);
}

// \p{L}
inline bool IsLetter(char32_t c) {
  const Category category = CategoryOf(c);
  return category >= Category::kLl && category <= Category::kLu;
}

// \p{N}: decimal digits, letter numbers (Ⅷ) and other numbers (½).
inline bool IsNumber(char32_t c) {
  const Category category = CategoryOf(c);
  return category >= Category::kNd && category <= Category::kNo;
}

// \s: the property White_Space.
inline bool IsWhiteSpace(char32_t c) {
  return (internal::PropertyByte(c) & unicode_tables::kWhiteSpaceBit) != 0;
}

// The property Alphabetic: letters, letter numbers and what spells like them.
inline bool IsAlphabetic(char32_t c) {
  return (internal::PropertyByte(c) & unicode_tables::kAlphabeticBit) != 0;
}

// \p{M}: marks that combine with the character before them.
inline bool IsMark(char32_t c) {
  const Category category = CategoryOf(c);
  return category >= Category::kMc && category <= Category::kMn;
}

// \p{P}
inline bool IsPunctuation(char32_t c) {
  const Category category = CategoryOf(c);
  return category >= Category::kPc && category <= Category::kPs;
}

// \w of UTS #18, annex C: Alphabetic, marks, decimal digits, connector punctuation, join controls.
inline bool IsWordCharacter(char32_t c) {
  const Category category = CategoryOf(c);
  return IsAlphabetic(c) || IsMark(c) || category == Category::kNd || category == Category::kPc ||
         c == 0x200C || c == 0x200D;
}

// When a code point came into the database; kUpTo8 where it is not in it at all.
enum class UnicodeAge : uint8_t { kUpTo8, k9, kLater };
UnicodeAge AgeOf(char32_t c);

}  // namespace reprise
