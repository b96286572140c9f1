// Reads what stands for one code point in a pattern: escapes and bracket classes. What is wrong is
// told to the reader.
#pragma once

#include <optional>

#include "tokenizer/regex/char_set.h"
#include "tokenizer/regex/pattern_reader.h"

namespace reprise {

// A single character, or else a set.
struct EscapedChars {
  std::optional<char32_t> character;
  CharSet set;
};

// Behind a \ that is not the end. In a class \b is the backspace.
EscapedChars ParseEscape(PatternReader& in, bool in_class);

// Behind a [, up to and with its ].
CharSet ParseCharClass(PatternReader& in, bool ignores_case);

}  // namespace reprise
