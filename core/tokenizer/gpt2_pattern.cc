#include "tokenizer/gpt2_pattern.h"

#include <array>
#include <cstdint>

#include "tokenizer/ascii_letters.h"
#include "unicode/category.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

enum class Class : uint8_t { kLetter, kNumber, kSpace, kOther };

constexpr std::array<Class, 128> kAsciiClasses = [] {
  std::array<Class, 128> classes{};
  for (int c = 0; c < 128; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    const bool digit = c >= '0' && c <= '9';
    classes[static_cast<size_t>(c)] = letter  ? Class::kLetter
                                      : digit ? Class::kNumber
                                      : space ? Class::kSpace
                                              : Class::kOther;
  }
  return classes;
}();

Class ClassOf(char32_t c) {
  if (IsLetter(c)) return Class::kLetter;
  if (IsNumber(c)) return Class::kNumber;
  return IsWhiteSpace(c) ? Class::kSpace : Class::kOther;
}

// Whether a byte is a character of ASCII, and no letter.
bool IsOtherAscii(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x80 && kAsciiClasses[byte] != Class::kLetter;
}

// The class of the character at `at`, and `at` moved behind it.
Class ReadClass(std::string_view text, size_t& at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte >= 0x80) return ClassOf(ReadUtf8(text, at));
  ++at;
  return kAsciiClasses[byte];
}

// The end of the characters of this class from `at` on; `last` is the start of the last of them.
size_t RunEnd(std::string_view text, size_t at, Class wanted, size_t& last) {
  while (at < text.size()) {
    if (wanted == Class::kLetter) {
      const size_t letters = CountAsciiLetters(text, at, /*any_case=*/true);
      at += letters;
      if (letters > 0) last = at - 1;
      if (at == text.size()) break;
    }
    size_t behind = at;
    if (ReadClass(text, behind) != wanted) break;
    last = at;
    at = behind;
  }
  return at;
}

// The length of 's, 't, 're, 've, 'm, 'll or 'd at the start, else 0.
size_t ContractionLength(std::string_view text) {
  if (text.size() < 2 || text[0] != '\'') return 0;
  const std::string_view tail = text.substr(1, 2);
  if (tail[0] == 's' || tail[0] == 't' || tail[0] == 'm' || tail[0] == 'd') return 2;
  return tail == "re" || tail == "ve" || tail == "ll" ? 3 : 0;
}

}  // namespace

size_t Gpt2MatchEnd(std::string_view text, size_t start) {
  // Most words: a space or none, and letters of ASCII, up to something else of ASCII.
  if (const size_t from = start + (text[start] == ' ' ? 1 : 0); from < text.size()) {
    const size_t end = from + CountAsciiLetters(text, from, /*any_case=*/true);
    if (end > from && (end == text.size() || IsOtherAscii(text[end]))) return end;
  }
  if (const size_t length = ContractionLength(text.substr(start)); length > 0) {
    return start + length;
  }
  size_t last = start;
  size_t at = start;
  Class first = ReadClass(text, at);
  if (text[start] == ' ' && at < text.size()) {
    size_t behind = at;
    const Class second = ReadClass(text, behind);
    if (second != Class::kSpace) return RunEnd(text, behind, second, last);
  }
  const size_t end = RunEnd(text, at, first, last);
  // A run of spaces leaves its last one to the word behind it, unless it is the only one.
  const bool leaves_one = first == Class::kSpace && end < text.size() && last > start;
  return leaves_one ? last : end;
}

}  // namespace reprise
