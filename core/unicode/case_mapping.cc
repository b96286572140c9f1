#include "unicode/case_mapping.h"

#include <algorithm>
#include <map>
#include <set>

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

std::vector<std::vector<char32_t>> GroupByFolding() {
  std::map<char32_t, std::set<char32_t>> by_folding;
  for (const CodePointMap* map : {&Lowercase(), &Folding()}) {
    for (const CodePointMap::Entry& entry : map->entries()) {
      for (const char32_t c : {entry.from, entry.to}) {
        const char32_t folded = FoldCase(c);
        by_folding[folded].insert({c, folded});
      }
    }
  }
  std::vector<std::vector<char32_t>> groups;
  for (const auto& [folded, group] : by_folding) {
    if (group.size() > 1) groups.emplace_back(group.begin(), group.end());
  }
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
