#include "hash/canonical_json.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/byte_view.h"
#include "base/json_words.h"
#include "base/shortest_decimal.h"
#include "hash/sha256.h"

namespace reprise {
namespace {

void Append(const JsonValue& value, std::string* text);

void AppendArray(std::span<const JsonValue> elements, std::string* text) {
  *text += '[';
  for (const JsonValue& element : elements) {
    if (&element != elements.data()) *text += ',';
    Append(element, text);
  }
  *text += ']';
}

void AppendObject(std::span<const JsonMember> members, std::string* text) {
  std::vector<const JsonMember*> sorted;
  for (const JsonMember& member : members) sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(), [](const JsonMember* one, const JsonMember* other) {
    return ComesBeforeInUtf16(one->name, other->name);
  });
  *text += '{';
  for (const JsonMember* member : sorted) {
    if (member != sorted.front()) *text += ',';
    *text += QuotedJson(member->name) + ':';
    Append(member->value, text);
  }
  *text += '}';
}

// As deep as the reader lets a text nest.
void Append(const JsonValue& value, std::string* text) {
  switch (value.kind()) {
    case JsonValue::Kind::kNull:
      *text += "null";
      return;
    case JsonValue::Kind::kBool:
      *text += value.boolean() ? "true" : "false";
      return;
    case JsonValue::Kind::kInt:
    case JsonValue::Kind::kDouble:
      *text += EcmaScriptNumber(value.number());
      return;
    case JsonValue::Kind::kString:
      *text += QuotedJson(value.string());
      return;
    case JsonValue::Kind::kArray:
      return AppendArray(value.array(), text);
    case JsonValue::Kind::kObject:
      return AppendObject(value.object(), text);
  }
}

}  // namespace

std::string EcmaScriptNumber(double value) {
  if (value == 0) return "0";
  std::string text = value < 0 ? "-" : "";
  const auto [digits, point] = ShortestDecimal(value < 0 ? -value : value);
  const int count = static_cast<int>(digits.size());
  if (point > 21 || point <= -6) {
    text += digits[0];
    if (count > 1) text.append(".").append(digits, 1);
    return text + (point > 0 ? "e+" : "e-") + std::to_string(point > 0 ? point - 1 : 1 - point);
  }
  if (point <= 0) return text + "0." + std::string(static_cast<size_t>(-point), '0') + digits;
  if (point >= count) return text + digits + std::string(static_cast<size_t>(point - count), '0');
  const auto whole = static_cast<size_t>(point);
  return text + digits.substr(0, whole) + "." + digits.substr(whole);
}

// That is the order of bytes, but that surrogates, of which characters of four bytes are made, come
// before U+E000 to U+FFFF, whose first byte is 0xEE or 0xEF.
bool ComesBeforeInUtf16(std::string_view one, std::string_view other) {
  const auto rank = [](char c) {
    const auto byte = static_cast<uint8_t>(c);
    return byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte;
  };
  const size_t common = std::min(one.size(), other.size());
  for (size_t i = 0; i < common; ++i) {
    if (one[i] != other[i]) return rank(one[i]) < rank(other[i]);
  }
  return one.size() < other.size();
}

std::string CanonicalJson(const JsonValue& value) {
  std::string text;
  Append(value, &text);
  return text;
}

Result<std::string> HashJson(std::string_view json, std::string_view source) {
  REPRISE_ASSIGN(const JsonValue value, ParseJsonView(json, source));
  const std::string text = CanonicalJson(value);
  Sha256 hash;
  hash.Update(BytesOf(text));
  return ToHex(hash.Finish());
}

}  // namespace reprise
