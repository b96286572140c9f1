#include "dataset/json_cursor.h"

#include <algorithm>
#include <bit>

#include "base/byte_block.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The value of a hexadecimal digit, or 16.
uint32_t HexValue(char c) {
  if (IsDigit(c)) return static_cast<uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<uint32_t>(c - 'A' + 10);
  return 16;
}

// Four digits that were checked.
uint32_t HexUnit(std::string_view digits) {
  uint32_t unit = 0;
  for (size_t i = 0; i < 4; ++i) unit = unit << 4 | HexValue(digits[i]);
  return unit;
}

// What an escape of one letter stands for; NUL where there is no such escape.
char PlainEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

}  // namespace

bool JsonCursor::Take(char c, const char* expected) {
  if (Peek() != c || at_ == text_.size()) return Refuse(expected);
  ++at_;
  return true;
}

// To the next quote, backslash or control character.
void JsonCursor::PassPlainText() {
  const auto* const bytes = reinterpret_cast<const uint8_t*>(text_.data());
  while (text_.size() - at_ >= kBlockBytes) {
    const ByteBlock block(bytes + at_);
    const uint64_t found = block.Equal('"') | block.Equal('\\') | block.Control();
    if (found != 0) {
      at_ += static_cast<size_t>(std::countr_zero(found));
      return;
    }
    at_ += kBlockBytes;
  }
  while (at_ < text_.size() && bytes[at_] != '"' && bytes[at_] != '\\' && bytes[at_] >= 0x20) {
    ++at_;
  }
}

bool JsonCursor::TakeString(String* string) {
  if (!Take('"', "a string")) return false;
  const size_t begin = at_;
  string->has_escapes = false;
  while (true) {
    PassPlainText();
    if (at_ == text_.size()) return Refuse("the end of a string");
    if (text_[at_] == '"') break;
    if (text_[at_] != '\\') return Refuse("no control character in a string");
    string->has_escapes = true;
    if (!TakeEscape()) return false;
  }
  string->raw = text_.substr(begin, at_ - begin);
  ++at_;
  return true;
}

bool JsonCursor::TakeEscape() {
  ++at_;
  const char c = at_ < text_.size() ? text_[at_] : '\0';
  if (c != 'u') {
    if (PlainEscape(c) == '\0') return Refuse("an escape of JSON");
    ++at_;
    return true;
  }
  ++at_;
  uint32_t unit = 0;
  if (!TakeHex4(&unit)) return false;
  if (unit < 0xD800 || unit > 0xDFFF) return true;
  uint32_t low = 0;
  if (unit > 0xDBFF || text_.substr(at_, 2) != "\\u") return Refuse("no lone surrogate");
  at_ += 2;
  if (!TakeHex4(&low)) return false;
  if (low < 0xDC00 || low > 0xDFFF) return Refuse("no lone surrogate");
  return true;
}

bool JsonCursor::TakeHex4(uint32_t* unit) {
  *unit = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const uint32_t value = at_ < text_.size() ? HexValue(text_[at_]) : 16;
    if (value == 16) return Refuse("four hexadecimal digits");
    *unit = *unit << 4 | value;
  }
  return true;
}

bool JsonCursor::TakeDigits() {
  if (at_ == text_.size() || !IsDigit(text_[at_])) return Refuse("a digit");
  while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
  return true;
}

bool JsonCursor::TakeNumber(Number* number) {
  Peek();
  const size_t begin = at_;
  const auto is_at = [&](char c) { return at_ < text_.size() && text_[at_] == c; };
  if (is_at('-')) ++at_;
  if (is_at('0')) {
    ++at_;
    if (at_ < text_.size() && IsDigit(text_[at_])) return Refuse("no digit behind a first 0");
  } else if (!TakeDigits()) {
    return false;
  }
  number->is_integer = true;
  if (is_at('.')) {
    ++at_;
    number->is_integer = false;
    if (!TakeDigits()) return false;
  }
  if (is_at('e') || is_at('E')) {
    ++at_;
    number->is_integer = false;
    if (is_at('+') || is_at('-')) ++at_;
    if (!TakeDigits()) return false;
  }
  number->text = text_.substr(begin, at_ - begin);
  return true;
}

bool JsonCursor::TakeWord(std::string_view word) {
  Peek();
  if (text_.substr(at_, word.size()) != word) return Refuse("a JSON value");
  at_ += word.size();
  return true;
}

bool JsonCursor::TakeEnd() {
  SkipSpace();
  return at_ == text_.size() || Refuse("the end");
}

bool JsonCursor::SkipValue(int depth) {
  if (depth == kDeepest) return Refuse("nesting of at most 256 levels");
  String string;
  Number number;
  switch (Peek()) {
    case '"':
      return TakeString(&string);
    case '{':
    case '[':
      return SkipMembers(depth);
    case 't':
      return TakeWord("true");
    case 'f':
      return TakeWord("false");
    case 'n':
      return TakeWord("null");
    default:
      if (at_ < text_.size() && (text_[at_] == '-' || IsDigit(text_[at_]))) {
        return TakeNumber(&number);
      }
      return Refuse("a JSON value");
  }
}

// An object or an array.
bool JsonCursor::SkipMembers(int depth) {
  const bool is_object = text_[at_] == '{';
  const char end = is_object ? '}' : ']';
  ++at_;
  if (Peek() == end) {
    ++at_;
    return true;
  }
  while (true) {
    String name;
    if (is_object) {
      if (Peek() != '"') return Refuse("a name in quotes");
      if (!TakeString(&name) || !Take(':', "a colon")) return false;
    }
    if (!SkipValue(depth + 1)) return false;
    if (Peek() == end) {
      ++at_;
      return true;
    }
    if (!Take(',', is_object ? "a comma or }" : "a comma or ]")) return false;
  }
}

void AppendUnescaped(const JsonCursor::String& string, ByteBuffer& out) {
  if (!string.has_escapes) return out.Append(string.raw);
  const std::string_view raw = string.raw;
  const auto* const bytes = reinterpret_cast<const uint8_t*>(raw.data());
  // Unescaping makes no text longer.
  uint8_t* to = out.Extend(raw.size() + kBlockBytes);
  if (to == nullptr) return;
  size_t at = 0;
  while (true) {
    const size_t plain = CopyBefore('\\', bytes + at, raw.size() - at, to);
    to += plain;
    at += plain;
    if (at == raw.size()) break;
    const char letter = raw[at + 1];
    at += 2;
    if (letter != 'u') {
      *to++ = static_cast<uint8_t>(PlainEscape(letter));
      continue;
    }
    char32_t c = HexUnit(raw.substr(at, 4));
    at += 4;
    if (c >= 0xD800 && c <= 0xDBFF) {
      c = 0x10000 + ((c - 0xD800) << 10) + (HexUnit(raw.substr(at + 2, 4)) - 0xDC00);
      at += 6;
    }
    std::string point;
    AppendUtf8(c, point);
    to = std::copy(point.begin(), point.end(), to);
  }
  out.Truncate(static_cast<size_t>(to - out.data()));
}

std::string Unescaped(const JsonCursor::String& string) {
  ByteBuffer text;
  AppendUnescaped(string, text);
  return std::string(text.text());
}

}  // namespace reprise
