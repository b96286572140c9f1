// Reads Oniguruma's syntax (its own dialect, for UTF-8) into a tree.
#pragma once

#include <string_view>

#include "tokenizer/regex/regex.h"
#include "tokenizer/regex/syntax_tree.h"

namespace reprise {

Result<RegexNode> ParseRegex(std::string_view pattern);

}  // namespace reprise
