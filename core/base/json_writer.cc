#include "base/json_writer.h"

#include <cmath>

#include "base/shortest_decimal.h"

namespace reprise {

void JsonWriter::BreakLine() {
  if (layout_ == Layout::kCompact) return;
  text_ += '\n';
  text_.append(static_cast<size_t>(2 * depth_), ' ');
}

// Before a member or a value: what goes between it and the one before.
void JsonWriter::Separate() {
  if (follows_key_) {
    follows_key_ = false;
  } else {
    if (needs_comma_) text_ += ',';
    if (depth_ > 0) BreakLine();
  }
  needs_comma_ = true;
}

JsonWriter& JsonWriter::Open(char bracket) {
  Separate();
  text_ += bracket;
  needs_comma_ = false;
  ++depth_;
  return *this;
}

JsonWriter& JsonWriter::Close(char bracket) {
  --depth_;
  if (needs_comma_) BreakLine();
  text_ += bracket;
  needs_comma_ = true;
  return *this;
}

void JsonWriter::Quote(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  text_ += '"';
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += c;
    } else if (c >= '\b' && c <= '\r' && c != '\v') {
      text_ += '\\';
      text_ += "btn?fr"[c - '\b'];
    } else if (byte < 0x20) {
      text_ += "\\u00";
      text_ += kHex[byte >> 4];
      text_ += kHex[byte & 15];
    } else {
      text_ += c;
    }
  }
  text_ += '"';
}

JsonWriter& JsonWriter::Key(std::string_view name) {
  Separate();
  Quote(name);
  text_ += layout_ == Layout::kCompact ? ":" : ": ";
  follows_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view text) {
  Separate();
  Quote(text);
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  Separate();
  text_ += json;
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t value) {
  Separate();
  text_ += std::to_string(value);
  return *this;
}

JsonWriter& JsonWriter::Bool(bool value) {
  Separate();
  text_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::Null() {
  Separate();
  text_ += "null";
  return *this;
}

JsonWriter& JsonWriter::Double(double value) {
  if (!std::isfinite(value)) return Null();
  Separate();
  AppendShortestDecimal(value, &text_);
  return *this;
}

}  // namespace reprise
