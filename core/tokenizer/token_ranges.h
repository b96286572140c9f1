// Where tokens stand in the text: trimming white space off, and counting in UTF-16 units.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/growing_array.h"
#include "tokenizer/alignment.h"
#include "tokenizer/post_processor.h"

namespace reprise {

// White space at the ends of a token's own text, in characters, where a space may be written as the
// byte alphabet does.
struct TokenSpaces {
  uint32_t leading = 0;
  uint32_t trailing = 0;
  static TokenSpaces Of(std::string_view token);
};

// The tokens of a text and where each stands in it, in bytes, at bounds of characters.
struct TokenizedText {
  GrowingArray<int32_t> ids;
  GrowingArray<TextRange> ranges;
  GrowingArray<TokenSpaces> spaces;  // empty where nothing is to be trimmed

  // Keeps the tokens [first, first + count).
  void Keep(size_t first, size_t count);
};

// Takes white space off the ranges, as process_offsets of the reference library does
// (huggingface/tokenizers, pre_tokenizers/byte_level.rs): a character of the text for each of the
// token's.
void TrimRanges(std::string_view text, PostProcessor::Trim trim, TokenizedText& tokens);

// The ranges in UTF-16 units of the text, which is valid UTF-8. In time linear in the text and the
// ranges where these ascend or nearly do.
GrowingArray<TextRange> Utf16Ranges(std::string_view text, std::span<const TextRange> ranges);

}  // namespace reprise
