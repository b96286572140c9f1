// Reads Oniguruma's syntax (its own dialect, for UTF-8) into a tree.
#pragma once

#include <expected>
#include <string_view>

#include "tokenizer/regex/regex.h"
#include "tokenizer/regex/syntax_tree.h"

namespace reprise {

std::expected<RegexNode, RegexFault> ParseRegex(std::string_view pattern);

}  // namespace reprise
