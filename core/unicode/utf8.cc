#include "unicode/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/status.h"

namespace reprise {
namespace {

struct Sequence {
  size_t length;  // bytes that belong together
  bool whole;     // they are a code point
  bool cut;       // they end with the text and may still become one
};

// The sequence at the start of bytes, which is not empty (Unicode, table 3-7). Where it is not
// whole, `length` is that of the maximal subpart, at least 1.
Sequence FirstSequence(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, true, false};
  if (lead < 0xC2 || lead > 0xF4) return {1, false, false};
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  for (size_t i = 1; i < length; ++i) {
    if (i == bytes.size()) return {i, false, true};
    if (byte(i) < low || byte(i) > high) return {i, false, false};
    low = 0x80;
    high = 0xBF;
  }
  return {length, true, false};
}

// Bytes at the start that are ASCII, counted eight at a time.
size_t AsciiPrefix(std::string_view text) {
  size_t at = 0;
  while (at + 8 <= text.size()) {
    uint64_t eight;
    std::memcpy(&eight, text.data() + at, 8);
    if ((eight & 0x8080808080808080u) != 0) break;
    at += 8;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Whether the bytes from padded[3] on are valid UTF-8 behind the three before them, which are, as
// far as one can tell without the bytes behind them. Without branches, so that the compiler makes
// vectors of it.
constexpr size_t kBlock = 64;
bool IsValidBlock(const uint8_t (&padded)[3 + kBlock]) {
  uint8_t wrong = 0;
  for (size_t i = 3; i < sizeof(padded); ++i) {
    const uint8_t byte = padded[i], before = padded[i - 1];
    const bool is_tail = (byte & 0xC0) == 0x80;
    const bool needs_tail = (before >= 0xC0) | (padded[i - 2] >= 0xE0) | (padded[i - 3] >= 0xF0);
    wrong |= is_tail != needs_tail;
    // Leads of no code point; overlong forms; surrogates; what lies above U+10FFFF.
    wrong |= (byte == 0xC0) | (byte == 0xC1) | (byte >= 0xF5);
    wrong |= ((before == 0xE0) & (byte < 0xA0)) | ((before == 0xED) & (byte >= 0xA0));
    wrong |= ((before == 0xF0) & (byte < 0x90)) | ((before == 0xF4) & (byte >= 0x90));
  }
  return wrong == 0;
}

bool IsValidUtf8(std::string_view text) {
  uint8_t padded[3 + kBlock] = {};
  for (size_t at = 0; at < text.size(); at += kBlock) {
    const size_t size = std::min(kBlock, text.size() - at);
    std::memcpy(padded + 3, text.data() + at, size);
    std::memset(padded + 3 + size, 0, kBlock - size);
    if (!IsValidBlock(padded)) return false;
    std::memcpy(padded, padded + kBlock, 3);
  }
  // Nothing is left to come.
  return padded[2] < 0xC0 && padded[1] < 0xE0 && padded[0] < 0xF0;
}

// The number of bytes that are written.
size_t WriteUtf8(char32_t c, char* bytes) {
  REPRISE_CHECK(c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF), "not a scalar value");
  const auto put = [&](size_t i, char32_t byte) { bytes[i] = static_cast<char>(byte); };
  if (c < 0x80) {
    put(0, c);
    return 1;
  }
  if (c < 0x800) {
    put(0, 0xC0 | c >> 6);
    put(1, 0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    put(0, 0xE0 | c >> 12);
    put(1, 0x80 | (c >> 6 & 0x3F));
    put(2, 0x80 | (c & 0x3F));
    return 3;
  }
  put(0, 0xF0 | c >> 18);
  put(1, 0x80 | (c >> 12 & 0x3F));
  put(2, 0x80 | (c >> 6 & 0x3F));
  put(3, 0x80 | (c & 0x3F));
  return 4;
}

}  // namespace

std::optional<size_t> FindInvalidUtf8(std::string_view text) {
  size_t at = AsciiPrefix(text);
  if (at == text.size() || IsValidUtf8(text.substr(at))) return std::nullopt;
  while (at < text.size()) {
    const Sequence sequence = FirstSequence(text.substr(at));
    if (!sequence.whole) return at;
    at += sequence.length;
  }
  return std::nullopt;
}

size_t Utf16Length(std::string_view text) {
  size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += (byte & 0xC0) != 0x80 ? (byte < 0xF0 ? 1 : 2) : 0;
  }
  return units;
}

char32_t ReadUtf8Backward(std::string_view text, size_t& end) {
  do {
    --end;
  } while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80);
  size_t at = end;
  return ReadUtf8(text, at);
}

void AppendUtf8(char32_t c, std::string& out) {
  char bytes[4];
  out.append(bytes, WriteUtf8(c, bytes));
}

void AppendUtf8(char32_t c, GrowingText& out) {
  if (c < 0x80) return out.push_back(static_cast<char>(c));
  if (char* const bytes = out.Extend(Utf8Size(c))) WriteUtf8(c, bytes);
}

void LossyUtf8Stream::Push(std::string_view bytes, std::string& out) {
  std::string joined;
  if (!held_.empty()) {
    joined = held_;
    joined += bytes;
    bytes = joined;
    held_.clear();
  }
  while (!bytes.empty()) {
    const size_t ascii = AsciiPrefix(bytes);
    out += bytes.substr(0, ascii);
    bytes.remove_prefix(ascii);
    if (bytes.empty()) break;
    const Sequence sequence = FirstSequence(bytes);
    if (sequence.cut) {
      held_ = bytes;
      break;
    }
    out += sequence.whole ? bytes.substr(0, sequence.length) : kReplacement;
    bytes.remove_prefix(sequence.length);
  }
}

void LossyUtf8Stream::Finish(std::string& out) {
  if (!held_.empty()) out += kReplacement;
  held_.clear();
}

}  // namespace reprise
