#include "base/json_scanner.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "base/small_code.h"

namespace reprise {
namespace {

unsigned Byte(char c) { return static_cast<unsigned char>(c); }

// The next byte that is a quote, a backslash, a control character or not ASCII; eight at a time.
const char* PlainAsciiEnd(const char* at, const char* end) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  for (; end - at >= 8; at += 8) {
    uint64_t eight;
    std::memcpy(&eight, at, 8);
    // Where the lowest such byte is, the highest bit is right; above it there may be borrows.
    const auto is_below = [&](uint64_t bytes, uint64_t limit) {
      return (bytes - kOnes * limit) & ~bytes;
    };
    const uint64_t quote = eight ^ kOnes * '"', backslash = eight ^ kOnes * '\\';
    const uint64_t found =
        (is_below(eight, 0x20) | is_below(quote, 1) | is_below(backslash, 1) | eight) & kHigh;
    if (found != 0) return at + std::countr_zero(found) / 8;
  }
  while (at < end && static_cast<unsigned char>(*at) >= 0x20 && *at != '"' && *at != '\\' &&
         static_cast<unsigned char>(*at) < 0x80) {
    ++at;
  }
  return at;
}

// Writes a code point below U+110000 as UTF-8.
REPRISE_SMALL void WriteUtf8(char32_t c, char*& to) {
  const int rest = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  constexpr unsigned kLeads[] = {0, 0xC0, 0xE0, 0xF0};
  *to++ = static_cast<char>(kLeads[rest] | c >> 6 * rest);
  for (int i = rest; i > 0; --i) *to++ = static_cast<char>(0x80 | (c >> 6 * (i - 1) & 0x3F));
}

}  // namespace

bool JsonScanner::Refuse(std::string_view reason) {
  fault_ = reason;
  return false;
}

// The bytes of the code point that stands here, which is not ASCII; 0 where these are not UTF-8
// (The Unicode Standard, table 3-7).
size_t JsonScanner::SequenceSize() const {
  const unsigned lead = Byte(*at_);
  const size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (lead < 0xC2 || lead > 0xF4 || static_cast<size_t>(end_ - at_) < size) return 0;
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (Byte(at_[1]) < low || Byte(at_[1]) > high) return 0;
  for (size_t i = 2; i < size; ++i) {
    if ((Byte(at_[i]) & 0xC0) != 0x80) return 0;
  }
  return size;
}

// To the next byte that is not text: a quote, a backslash, a control character, or what is no
// UTF-8.
void JsonScanner::PassPlainText() {
  while (true) {
    at_ = PlainAsciiEnd(at_, end_);
    if (at_ == end_ || Byte(*at_) < 0x80) return;
    const size_t size = SequenceSize();
    if (size == 0) return;
    at_ += size;
  }
}

bool JsonScanner::String(std::string_view& text) {
  const char* const start = ++at_;
  PassPlainText();
  if (Peek() == '\\') return EscapedString(start, text);
  text = {start, static_cast<size_t>(at_ - start)};
  if (Take('"')) return true;
  return Refuse(done() ? "Missing a closing quotation mark in string."
                       : "Invalid encoding in string.");
}

// A string that started at `start`, from its first backslash on.
REPRISE_SMALL bool JsonScanner::EscapedString(const char* start, std::string_view& text) {
  // Unescaping makes no string longer.
  const char* quote = at_;
  while (quote < end_ && *quote != '"') quote += *quote == '\\' ? 2 : 1;
  const auto most = static_cast<size_t>(std::min(quote, end_) - start) + 7;
  char* const copy = reinterpret_cast<char*>(unescaped_->Allocate(most / 8 * 8));
  char* to = std::copy(start, at_, copy);
  while (Take('\\')) {
    if (!Unescape(to)) return false;
    const char* const plain = at_;
    PassPlainText();
    to = std::copy(plain, at_, to);
  }
  text = {copy, static_cast<size_t>(to - copy)};
  if (Take('"')) return true;
  return Refuse(done() ? "Missing a closing quotation mark in string."
                       : "Invalid encoding in string.");
}

// Writes what an escape stands for, behind its backslash.
REPRISE_SMALL bool JsonScanner::Unescape(char*& to) {
  if (Take('u')) {
    char32_t c = 0;
    if (!HexUnit(c)) return false;
    if (c >= 0xD800 && c <= 0xDFFF) {
      char32_t low = 0;
      if (Take('\\') && Take('u') && !HexUnit(low)) return false;
      if (c > 0xDBFF || low < 0xDC00 || low > 0xDFFF) {
        return Refuse("The surrogate pair in string is invalid.");
      }
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    WriteUtf8(c, to);
    return true;
  }
  constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  const size_t which = done() ? std::string_view::npos : kLetters.find(*at_);
  if (which == std::string_view::npos) return Refuse("Invalid escape character in string.");
  ++at_;
  *to++ = kMeanings[which];
  return true;
}

// The four digits of a UTF-16 unit.
REPRISE_SMALL bool JsonScanner::HexUnit(char32_t& unit) {
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = Peek();
    const char lower = static_cast<char>(c | 0x20);
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && (lower < 'a' || lower > 'f')) {
      return Refuse("Incorrect hex digit after \\u escape in string.");
    }
    unit = unit << 4 | static_cast<char32_t>(is_digit ? c - '0' : lower - 'a' + 10);
  }
  return true;
}

// False where there is no digit.
bool JsonScanner::Digits() {
  const char* const start = at_;
  while (at_ < end_ && *at_ >= '0' && *at_ <= '9') ++at_;
  return at_ > start;
}

bool JsonScanner::Number(std::string_view& text) {
  const char* const start = at_;
  Take('-');
  if (!Take('0') && !Digits()) return Refuse("Invalid value.");
  if (Take('.') && !Digits()) return Refuse("Missing fraction part in number.");
  if (Take('e') || Take('E')) {
    if (!Take('+')) Take('-');
    if (!Digits()) return Refuse("Missing exponent in number.");
  }
  text = {start, static_cast<size_t>(at_ - start)};
  return true;
}

}  // namespace reprise
