// The words of JSON text: what lies between brackets, commas and colons. Made for trees: every
// string comes unescaped, and its UTF-8 is checked on the way, in little code, since this is in
// every module. What dataset/json_cursor.h reads rows with would bring that what it is made
// without: blocks of bytes and a check of UTF-8 that stands above this folder.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "base/block_memory.h"

namespace reprise {

// Goes through a text, which it leaves as it is. Each method that answers false has refused the
// text (see Refuse).
class JsonScanner {
 public:
  // Strings with escapes go to `unescaped`, whose blocks keep 8-byte alignment; any other string
  // refers to the text.
  JsonScanner(std::string_view text, BlockMemory* unescaped)
      : begin_(text.data()),
        at_(text.data()),
        end_(text.data() + text.size()),
        unescaped_(unescaped) {}

  bool done() const { return at_ == end_; }
  // Where it stands, in bytes from the start.
  size_t at() const { return static_cast<size_t>(at_ - begin_); }

  // The next byte, or NUL at the end.
  char Peek() const { return at_ < end_ ? *at_ : '\0'; }
  // Requires that it is not at the end.
  void Pass() { ++at_; }
  // Passes over the next byte if it is this one.
  bool Take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  void SkipWhiteSpace() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) {
      ++at_;
      // Indentation.
      while (end_ - at_ >= 8 && std::memcmp(at_, "        ", 8) == 0) at_ += 8;
    }
  }

  // A string from its opening quote on, unescaped.
  bool String(std::string_view& text);
  // A number as it is written.
  bool Number(std::string_view& text);

  // Refuses the text at the place where it stands.
  bool Refuse(std::string_view reason);
  const std::string& fault() const { return fault_; }

 private:
  void PassPlainText();
  size_t SequenceSize() const;
  bool EscapedString(const char* start, std::string_view& text);
  bool Unescape(char*& to);
  bool HexUnit(char32_t& unit);
  bool Digits();

  const char* begin_;
  const char* at_;
  const char* end_;
  BlockMemory* unescaped_;
  std::string fault_;
};

}  // namespace reprise
