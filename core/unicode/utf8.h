// UTF-8 (RFC 3629): checking, reading and writing code points, and the lossy reading of bytes that
// may be no text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/growing_array.h"

namespace reprise {

// Where the first byte stands that does not belong to valid UTF-8; nothing where all is valid.
// Overlong forms, surrogates and code points above U+10FFFF are invalid.
std::optional<size_t> FindInvalidUtf8(std::string_view text);

// The length in bytes, 1 to 4, of the code point that starts with this byte in valid UTF-8.
constexpr size_t Utf8Length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// The number of bytes of a code point in UTF-8.
constexpr size_t Utf8Size(char32_t c) { return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; }

// Reads the code point at `at` and moves `at` behind it. Requires valid UTF-8 and at < text.size().
inline char32_t ReadUtf8(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[i]));
  };
  const char32_t lead = byte(at);
  const size_t length = Utf8Length(text[at]);
  const size_t start = at;
  at += length;
  switch (length) {
    case 1:
      return lead;
    case 2:
      return (lead & 0x1F) << 6 | (byte(start + 1) & 0x3F);
    case 3:
      return (lead & 0x0F) << 12 | (byte(start + 1) & 0x3F) << 6 | (byte(start + 2) & 0x3F);
    default:
      return (lead & 0x07) << 18 | (byte(start + 1) & 0x3F) << 12 | (byte(start + 2) & 0x3F) << 6 |
             (byte(start + 3) & 0x3F);
  }
}

// The number of UTF-16 units of valid UTF-8.
size_t Utf16Length(std::string_view text);

// The code point that ends just before `end`, and `end` moved to its start. Requires valid UTF-8
// and end > 0.
char32_t ReadUtf8Backward(std::string_view text, size_t& end);

// Appends a code point up to U+10FFFF that is no surrogate.
void AppendUtf8(char32_t c, std::string& out);
void AppendUtf8(char32_t c, GrowingText& out);

// Turns bytes that come in pieces into valid UTF-8: a maximal part of a code point that breaks off
// becomes one U+FFFD (Unicode, section 3.9, "substitution of maximal subparts"). A part that may
// still become whole is held back.
class LossyUtf8Stream {
 public:
  void Push(std::string_view bytes, std::string& out);
  // The end: a part held back becomes U+FFFD.
  void Finish(std::string& out);

 private:
  std::string held_;  // at most 3 bytes
};

}  // namespace reprise
