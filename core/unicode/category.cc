#include "unicode/category.h"

namespace reprise {

std::string_view UnicodeVersion() { return unicode_tables::kVersion; }

}  // namespace reprise
