// Sets of code points, as the character classes of regular expressions need them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "unicode/category.h"

namespace reprise {

// A set of code points. Membership is one look-up for ASCII and logarithmic in the number of ranges
// for the rest.
class CharSet {
 public:
  struct Range {
    char32_t first;
    char32_t last;
  };

  CharSet() = default;
  static CharSet Of(char32_t first, char32_t last);
  // In any order, overlaps allowed.
  static CharSet Of(std::vector<Range> ranges);
  static CharSet All() { return Of(0, 0x10FFFF); }
  // The code points for which the predicate holds.
  static CharSet Where(bool (*holds)(char32_t));

  bool Contains(char32_t c) const {
    return c < 128 ? (ascii_[c / 64] >> (c % 64) & 1) != 0 : ContainsAbove(c);
  }
  bool empty() const { return ranges_.empty(); }
  // Ascending; neither touching nor overlapping.
  std::span<const Range> ranges() const { return ranges_; }

  void Add(const CharSet& other);
  void Add(char32_t c) { Add(Of(c, c)); }
  CharSet Complement() const;
  CharSet Intersection(const CharSet& other) const;
  // With every code point that differs from a member in case only (simple case folding).
  CharSet WithCaseVariants() const;

 private:
  bool ContainsAbove(char32_t c) const;
  void Settle();  // sorts and joins the ranges and fills in the ASCII part

  std::vector<Range> ranges_;
  std::array<uint64_t, 2> ascii_{};
};

// The sets of Oniguruma's names, for Unicode text. Nothing where the name is not known.
// \p{…}: general categories ("L", "Lu", "Letter", …), scripts ("Han", …) and the bracket names.
std::optional<CharSet> PropertySet(std::string_view name);
// [:…:]: alpha, digit, alnum, space, blank, punct, cntrl, xdigit, word, ascii, graph, print.
std::optional<CharSet> BracketSet(std::string_view name);
CharSet WordSet();        // \w in a bracket class
CharSet LoneWordSet();    // \w outside, and for \b
CharSet DigitSet();       // \d
CharSet WhiteSpaceSet();  // \s

}  // namespace reprise
