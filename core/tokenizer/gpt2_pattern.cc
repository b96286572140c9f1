#include "tokenizer/gpt2_pattern.h"

#include <array>
#include <bit>
#include <cstdint>

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

Gpt2Block LookAtGpt2Block(std::string_view text, size_t at) {
  const ByteBlock block(reinterpret_cast<const uint8_t*>(text.data()) + at);
  const uint64_t letters = block.Letters(), numbers = block.Between('0', '9');
  const uint64_t blanks = block.Equal(' '), spaces = block.Between('\t', '\r') | blanks;
  uint64_t unknown = block.NotAscii();
  const uint64_t others = ~(letters | numbers | spaces | unknown);
  const auto first_of_runs = [](uint64_t bytes) { return bytes & ~(bytes << 1); };
  // A run starts a word, unless a blank before it does; so does the last space of a run. Of the
  // last byte nobody knows what is behind it.
  const uint64_t words = first_of_runs(letters) | first_of_runs(numbers) | first_of_runs(others) |
                         first_of_runs(unknown);
  const uint64_t before_words = (letters | numbers | others) >> 1;
  uint64_t starts = (words & ~(blanks << 1)) | first_of_runs(spaces) | (spaces & before_words);
  starts |= 1;
  // Apostrophes that start a word may start a contraction.
  for (uint64_t left = block.Equal('\'') & starts; left != 0; left &= left - 1) {
    const auto bit = static_cast<size_t>(std::countr_zero(left));
    const size_t length = ContractionLength(text.substr(at + bit));
    if (length == 0) continue;
    const uint64_t here = uint64_t{1} << bit;
    if ((here >> 1 & unknown) != 0) {
      unknown |= here;
      continue;
    }
    starts &= ~(here << 1);
    if (bit + length < kBlockBytes) starts |= here << length;
  }
  return {starts & ~uint64_t{1}, unknown};
}

}  // namespace reprise
