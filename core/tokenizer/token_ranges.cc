#include "tokenizer/token_ranges.h"

#include <algorithm>

#include "tokenizer/byte_alphabet.h"
#include "unicode/category.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// Walks over a text in both directions and counts UTF-16 units.
class Utf16Cursor {
 public:
  explicit Utf16Cursor(std::string_view text) : text_(text) {}

  // The units before a byte at which a character starts, or the text ends.
  uint32_t UnitsAt(size_t byte) {
    while (byte_ < byte) {
      const size_t length = Utf8Length(text_[byte_]);
      byte_ += length;
      units_ += length == 4 ? 2 : 1;
    }
    while (byte_ > byte) {
      do {
        --byte_;
      } while (IsContinuation(text_[byte_]));
      units_ -= Utf8Length(text_[byte_]) == 4 ? 2 : 1;
    }
    return units_;
  }

 private:
  const std::string_view text_;
  size_t byte_ = 0;
  uint32_t units_ = 0;
};

// The range without `trailing` characters at its end. One that ends sooner in the text than these
// are many is left as it is.
TextRange TrimEnd(std::string_view text, TextRange range, uint32_t trailing) {
  size_t end = range.end;
  for (uint32_t i = 0; i < trailing; ++i) {
    if (end == 0) return range;
    ReadUtf8Backward(text, end);
  }
  return {range.start, std::max(static_cast<uint32_t>(end), range.start)};
}

}  // namespace

TokenSpaces TokenSpaces::Of(std::string_view token) {
  const auto is_space = [](char32_t c) { return c == kByteAlphabet[' '] || IsWhiteSpace(c); };
  TokenSpaces spaces;
  for (size_t at = 0; at < token.size() && is_space(ReadUtf8(token, at));) ++spaces.leading;
  for (size_t end = token.size(); end > 0 && is_space(ReadUtf8Backward(token, end));) {
    ++spaces.trailing;
  }
  return spaces;
}

void TokenizedText::Keep(size_t first, size_t count) {
  ids.Keep(first, first + count);
  if (!ranges.empty()) ranges.Keep(first, first + count);
  if (!spaces.empty()) spaces.Keep(first, first + count);
}

void TrimRanges(std::string_view text, PostProcessor::Trim trim, TokenizedText& tokens) {
  for (size_t i = 0; i < tokens.ranges.size(); ++i) {
    TextRange& range = tokens.ranges[i];
    uint32_t leading = tokens.spaces[i].leading;
    const bool is_first = i == 0 || range.start == 0;
    if (is_first && trim.keeps_prefix_space && leading == 1) leading = 0;
    size_t start = range.start;
    while (leading > 0 && start < range.end) {
      start += Utf8Length(text[start]);
      --leading;
    }
    range.start = static_cast<uint32_t>(start);
    range = TrimEnd(text, range, tokens.spaces[i].trailing);
  }
}

GrowingArray<TextRange> Utf16Ranges(std::string_view text, std::span<const TextRange> ranges) {
  const bool is_ascii = std::all_of(text.begin(), text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  GrowingArray<TextRange> units(ranges);
  if (is_ascii) return units;
  Utf16Cursor cursor(text);
  for (TextRange& range : units) {
    range.start = cursor.UnitsAt(range.start);
    range.end = cursor.UnitsAt(range.end);
  }
  return units;
}

}  // namespace reprise
