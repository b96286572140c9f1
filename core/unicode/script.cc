#include "unicode/script.h"

#include <iterator>

#include "unicode/packed_table.h"

namespace reprise {
namespace {

bool IsIgnored(char c) { return c == ' ' || c == '_' || c == '-'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameName(std::string_view a, std::string_view b) {
  size_t i = 0;
  size_t j = 0;
  while (true) {
    while (i < a.size() && IsIgnored(a[i])) ++i;
    while (j < b.size() && IsIgnored(b[j])) ++j;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (Lower(a[i++]) != Lower(b[j++])) return false;
  }
}

}  // namespace

Script ScriptOf(char32_t c) {
  static const RangeTable table(unicode_tables::kScripts);
  return static_cast<Script>(table.Find(c));
}

std::optional<Script> ScriptByName(std::string_view name) {
  for (size_t i = 0; i < std::size(unicode_tables::kScriptNames); ++i) {
    if (SameName(name, unicode_tables::kScriptNames[i]) ||
        SameName(name, unicode_tables::kScriptCodes[i])) {
      return static_cast<Script>(i + 1);
    }
  }
  return std::nullopt;
}

std::string_view ScriptName(Script script) {
  return script == kNoScript ? "" : unicode_tables::kScriptNames[script - 1];
}

}  // namespace reprise
