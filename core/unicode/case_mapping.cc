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

REPRISE_SMALL std::vector<std::vector<char32_t>> GroupByFolding() {
  // A code point behind what it is folded to.
  std::vector<uint64_t> by_folding;
  for (const CodePointMap* map : {&Lowercase(), &Folding()}) {
    for (const CodePointMap::Entry& entry : map->entries()) {
      for (const char32_t c : {entry.from, entry.to}) {
        const char32_t folded = FoldCase(c);
        by_folding.push_back(PackPair(folded, c));
        by_folding.push_back(PackPair(folded, folded));
      }
    }
  }
  Sort(by_folding);
  std::vector<std::vector<char32_t>> groups;
  for (size_t i = 0; i < by_folding.size(); ++i) {
    const bool is_new = i == 0 || FirstOfPair(by_folding[i]) != FirstOfPair(by_folding[i - 1]);
    if (is_new) groups.emplace_back();
    if (is_new || by_folding[i] != by_folding[i - 1]) {
      groups.back().push_back(SecondOfPair(by_folding[i]));
    }
  }
  std::erase_if(groups, [](const auto& group) { return group.size() == 1; });
  return groups;
}

}  // namespace

void AppendLowercase(char32_t c, std::string& out) {
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

std::vector<char32_t> CaseVariants(char32_t c) {
  for (const std::vector<char32_t>& variants : AllCaseVariants()) {
    if (std::binary_search(variants.begin(), variants.end(), c)) return variants;
  }
  return {c};
}

const std::vector<std::vector<char32_t>>& AllCaseVariants() {
  static const std::vector<std::vector<char32_t>> groups = GroupByFolding();
  return groups;
}

}  // namespace reprise
