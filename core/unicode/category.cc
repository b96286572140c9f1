#include "unicode/category.h"

#include "unicode/packed_table.h"

namespace reprise {

std::string_view UnicodeVersion() { return unicode_tables::kVersion; }

UnicodeAge AgeOf(char32_t c) {
  static const RangeTable table(unicode_tables::kAge);
  switch (table.Find(c)) {
    case 0:
      return UnicodeAge::kUpTo8;
    case 1:
      return UnicodeAge::k9;
    default:
      return UnicodeAge::kLater;
  }
}

}  // namespace reprise
