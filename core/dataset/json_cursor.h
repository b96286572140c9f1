// Reads JSON from left to right, strictly (RFC 8259), without making values of what nobody asked
// for. It is another reader than base/json_scanner.h since rows ask for the opposite of what trees
// do: texts as they are written, UTF-8 that was checked for a whole row at once, places to go back
// to, and what was expected in words. JSONTestSuite holds both to one grammar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dataset/byte_buffer.h"

namespace reprise {

// Every Take… moves behind what it reads and is false where the text does not go on so; then
// expected() says what should have stood at at(). Requires valid UTF-8. Lone surrogates in escapes
// and nesting deeper than 256 are refused; names may repeat, which is for the caller to look at.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : text_(text) {}

  size_t at() const { return at_; }
  std::string_view text() const { return text_; }
  const char* expected() const { return expected_; }

  // The next byte behind white space, or NUL at the end.
  char Peek() {
    SkipSpace();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool Take(char c, const char* expected);

  struct String {
    std::string_view raw;  // between the quotes
    bool has_escapes = false;
  };
  bool TakeString(String* string);

  struct Number {
    std::string_view text;
    bool is_integer = false;  // no point and no exponent
  };
  bool TakeNumber(Number* number);
  // true, false or null.
  bool TakeWord(std::string_view word);
  // Any value.
  bool SkipValue() { return SkipValue(0); }
  // White space and then the end.
  bool TakeEnd();

 private:
  static constexpr int kDeepest = 256;

  void SkipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  bool Refuse(const char* expected) {
    expected_ = expected;
    return false;
  }
  bool TakeDigits();
  bool TakeEscape();
  bool TakeHex4(uint32_t* unit);
  void PassPlainText();
  bool SkipValue(int depth);
  bool SkipMembers(int depth);

  std::string_view text_;
  size_t at_ = 0;
  const char* expected_ = nullptr;
};

// Appends the text of a string that TakeString gave.
void AppendUnescaped(const JsonCursor::String& string, ByteBuffer& out);
std::string Unescaped(const JsonCursor::String& string);

}  // namespace reprise
