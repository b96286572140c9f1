#include "tokenizer/regex/char_set.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/sort.h"
#include "unicode/case_mapping.h"
#include "unicode/script.h"

namespace reprise {
namespace {

constexpr char32_t kMax = 0x10FFFF;

struct CategoryName {
  std::string_view short_name;
  std::string_view long_name;  // lower case, without separators
  Category first;
  Category last;
};

using enum Category;
constexpr CategoryName kCategoryNames[] = {
    {"c", "other", kCn, kCs},
    {"cc", "control", kCc, kCc},
    {"cf", "format", kCf, kCf},
    {"cn", "unassigned", kCn, kCn},
    {"co", "privateuse", kCo, kCo},
    {"cs", "surrogate", kCs, kCs},
    {"l", "letter", kLl, kLu},
    {"ll", "lowercaseletter", kLl, kLl},
    {"lm", "modifierletter", kLm, kLm},
    {"lo", "otherletter", kLo, kLo},
    {"lt", "titlecaseletter", kLt, kLt},
    {"lu", "uppercaseletter", kLu, kLu},
    {"m", "mark", kMc, kMn},
    {"mc", "spacingmark", kMc, kMc},
    {"me", "enclosingmark", kMe, kMe},
    {"mn", "nonspacingmark", kMn, kMn},
    {"n", "number", kNd, kNo},
    {"nd", "decimalnumber", kNd, kNd},
    {"nl", "letternumber", kNl, kNl},
    {"no", "othernumber", kNo, kNo},
    {"p", "punctuation", kPc, kPs},
    {"punct", "punct", kPc, kPs},  // in brackets as [:punct:] the symbols too
    {"pc", "connectorpunctuation", kPc, kPc},
    {"pd", "dashpunctuation", kPd, kPd},
    {"pe", "closepunctuation", kPe, kPe},
    {"pf", "finalpunctuation", kPf, kPf},
    {"pi", "initialpunctuation", kPi, kPi},
    {"po", "otherpunctuation", kPo, kPo},
    {"ps", "openpunctuation", kPs, kPs},
    {"s", "symbol", kSc, kSo},
    {"sc", "currencysymbol", kSc, kSc},
    {"sk", "modifiersymbol", kSk, kSk},
    {"sm", "mathsymbol", kSm, kSm},
    {"so", "othersymbol", kSo, kSo},
    {"z", "separator", kZl, kZs},
    {"zl", "lineseparator", kZl, kZl},
    {"zp", "paragraphseparator", kZp, kZp},
    {"zs", "spaceseparator", kZs, kZs},
};

bool IsDigit(char32_t c) { return CategoryOf(c) == kNd; }

// Oniguruma's \w leaves out the join controls that UTS #18 counts in.
bool IsWord(char32_t c) {
  return IsAlphabetic(c) || IsMark(c) || IsDigit(c) || CategoryOf(c) == kPc;
}

// Outside of brackets it counts in the superscript digits and fractions of Latin-1.
bool IsLoneWord(char32_t c) { return IsWord(c) || (c <= 0xFF && CategoryOf(c) == kNo); }

bool IsGraphic(char32_t c) {
  const Category category = CategoryOf(c);
  return !IsWhiteSpace(c) && category != kCc && category != kCn && category != kCs;
}

struct BracketName {
  std::string_view name;
  bool (*holds)(char32_t);
};

constexpr BracketName kBracketNames[] = {
    {"alpha", IsAlphabetic},
    {"alnum", [](char32_t c) { return IsAlphabetic(c) || IsDigit(c); }},
    {"ascii", [](char32_t c) { return c < 0x80; }},
    {"blank", [](char32_t c) { return c == U'\t' || CategoryOf(c) == kZs; }},
    {"cntrl", [](char32_t c) { return CategoryOf(c) == kCc; }},
    {"digit", IsDigit},
    {"graph", IsGraphic},
    {"print", [](char32_t c) { return IsGraphic(c) || CategoryOf(c) == kZs; }},
    {"punct",
     [](char32_t c) { return IsPunctuation(c) || (CategoryOf(c) >= kSc && CategoryOf(c) <= kSo); }},
    {"space", IsWhiteSpace},
    {"word", IsWord},
    {"xdigit",
     [](char32_t c) {
       return (c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'f') || (c >= U'A' && c <= U'F');
     }},
};

std::string Simplified(std::string_view name) {
  std::string simple;
  for (const char c : name) {
    if (c == ' ' || c == '_' || c == '-') continue;
    simple.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return simple;
}

template <typename Holds>
std::vector<CharSet::Range> RangesWhere(const Holds& holds) {
  std::vector<CharSet::Range> ranges;
  for (char32_t c = 0; c <= kMax; ++c) {
    if (!holds(c)) continue;
    const char32_t first = c;
    while (c < kMax && holds(c + 1)) ++c;
    ranges.push_back({first, c});
  }
  return ranges;
}

}  // namespace

CharSet CharSet::Of(char32_t first, char32_t last) {
  CharSet set;
  set.ranges_.push_back({first, last});
  set.Settle();
  return set;
}

CharSet CharSet::Of(std::vector<Range> ranges) {
  CharSet set;
  set.ranges_ = std::move(ranges);
  set.Settle();
  return set;
}

CharSet CharSet::Where(bool (*holds)(char32_t)) {
  return Of(RangesWhere([&](char32_t c) { return holds(c); }));
}

void CharSet::Settle() {
  std::vector<uint64_t> sorted;
  for (const Range& range : ranges_) sorted.push_back(PackPair(range.first, range.last));
  Sort(sorted);
  std::vector<Range> joined;
  for (const uint64_t pair : sorted) {
    const Range range{FirstOfPair(pair), SecondOfPair(pair)};
    if (!joined.empty() && range.first <= joined.back().last + 1) {
      joined.back().last = std::max(joined.back().last, range.last);
    } else {
      joined.push_back(range);
    }
  }
  ranges_ = std::move(joined);
  ascii_ = {};
  for (const Range& range : ranges_) {
    for (char32_t c = range.first; c <= range.last && c < 128; ++c) {
      ascii_[c / 64] |= uint64_t{1} << (c % 64);
    }
  }
}

bool CharSet::ContainsAbove(char32_t c) const {
  const auto above =
      std::upper_bound(ranges_.begin(), ranges_.end(), c,
                       [](char32_t x, const Range& range) { return x < range.first; });
  return above != ranges_.begin() && c <= (above - 1)->last;
}

void CharSet::Add(const CharSet& other) {
  ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end());
  Settle();
}

CharSet CharSet::Complement() const {
  CharSet set;
  char32_t next = 0;
  for (const Range& range : ranges_) {
    if (range.first > next) set.ranges_.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= kMax) set.ranges_.push_back({next, kMax});
  set.Settle();
  return set;
}

CharSet CharSet::Intersection(const CharSet& other) const {
  CharSet neither = Complement();
  neither.Add(other.Complement());
  return neither.Complement();
}

CharSet CharSet::WithCaseVariants() const {
  CharSet set = *this;
  const std::vector<uint64_t>& pairs = CasePairs();
  for (size_t first = 0, end = 0; first < pairs.size(); first = end) {
    bool touches = false;
    for (; end < pairs.size() && FirstOfPair(pairs[end]) == FirstOfPair(pairs[first]); ++end) {
      touches |= Contains(SecondOfPair(pairs[end]));
    }
    for (size_t i = first; touches && i < end; ++i) {
      const char32_t c = SecondOfPair(pairs[i]);
      set.ranges_.push_back({c, c});
    }
  }
  set.Settle();
  return set;
}

std::optional<CharSet> PropertySet(std::string_view name) {
  const std::string simple = Simplified(name);
  if (simple == "any") return CharSet::All();
  for (const CategoryName& category : kCategoryNames) {
    if (simple == category.short_name || simple == category.long_name) {
      return CharSet::Of(RangesWhere([&](char32_t c) {
        return CategoryOf(c) >= category.first && CategoryOf(c) <= category.last;
      }));
    }
  }
  if (const std::optional<CharSet> set = BracketSet(simple)) return set;
  if (simple == "alphabetic") return BracketSet("alpha");
  if (simple == "whitespace") return WhiteSpaceSet();
  if (const std::optional<Script> script = ScriptByName(name)) {
    return CharSet::Of(RangesWhere([&](char32_t c) { return ScriptOf(c) == *script; }));
  }
  return std::nullopt;
}

std::optional<CharSet> BracketSet(std::string_view name) {
  for (const BracketName& bracket : kBracketNames) {
    if (name == bracket.name) return CharSet::Where(bracket.holds);
  }
  return std::nullopt;
}

CharSet WordSet() { return CharSet::Where(IsWord); }
CharSet LoneWordSet() { return CharSet::Where(IsLoneWord); }
CharSet DigitSet() { return CharSet::Where(IsDigit); }
CharSet WhiteSpaceSet() { return CharSet::Where(IsWhiteSpace); }

}  // namespace reprise
