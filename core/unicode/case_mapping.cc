#include "unicode/case_mapping.h"

#include <algorithm>

#include "base/small_code.h"
#include "base/sort.h"
#include "unicode/case_tables.h"
#include "unicode/packed_table.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

const CodePointMap& Lowercase() {
  static const CodePointMap map(unicode_tables::kLowercase);
  return map;
}

const CodePointMap& Folding() {
  static const CodePointMap map(unicode_tables::kFolding);
  return map;
}

REPRISE_SMALL std::vector<uint64_t> PairsByFolding() {
  std::vector<uint64_t> pairs;
  for (const CodePointMap* map : {&Lowercase(), &Folding()}) {
    for (const CodePointMap::Entry& entry : map->entries()) {
      for (const char32_t c : {entry.from, entry.to}) {
        const char32_t folded = FoldCase(c);
        pairs.push_back(PackPair(folded, c));
        pairs.push_back(PackPair(folded, folded));
      }
    }
  }
  Sort(pairs);
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

}  // namespace

void AppendLowercase(char32_t c, GrowingText& out) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c >= U'A' && c <= U'Z' ? c + 32 : c));
    return;
  }
  const char32_t* lower = Lowercase().Find(c);
  AppendUtf8(lower != nullptr ? *lower : c, out);
  if (c == U'İ') AppendUtf8(0x307, out);
}

char32_t FoldCase(char32_t c) {
  if (const char32_t* folded = Folding().Find(c)) return *folded;
  const char32_t* lower = Lowercase().Find(c);
  return lower != nullptr ? *lower : c;
}

REPRISE_SMALL std::vector<char32_t> CaseVariants(char32_t c) {
  const std::vector<uint64_t>& pairs = CasePairs();
  const char32_t folded = FoldCase(c);
  std::vector<char32_t> variants;
  for (auto at = std::lower_bound(pairs.begin(), pairs.end(), PackPair(folded, 0));
       at != pairs.end() && FirstOfPair(*at) == folded; ++at) {
    variants.push_back(SecondOfPair(*at));
  }
  if (variants.empty()) variants.push_back(c);
  return variants;
}

const std::vector<uint64_t>& CasePairs() {
  static const std::vector<uint64_t> pairs = PairsByFolding();
  return pairs;
}

}  // namespace reprise
