// Writes JSON text piece by piece. It owns commas and escapes, not the meaning; canonical JSON
// (RFC 8785) is hash/'s matter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace reprise {

// Appends JSON (RFC 8259) to a string. The caller balances Begin and End; Key stands before each
// member's value. Text is taken to be UTF-8 and is written as it is but for the escapes.
class JsonWriter {
 public:
  // kIndented: a line each member and element, two spaces a level, as serde_json's pretty printer.
  enum class Layout : uint8_t { kCompact, kIndented };
  explicit JsonWriter(Layout layout = Layout::kCompact) : layout_(layout) {}

  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }
  JsonWriter& Key(std::string_view name);
  JsonWriter& String(std::string_view text);
  JsonWriter& Int(int64_t value);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  // As AppendShortestDecimal writes it; a non-finite value becomes null.
  JsonWriter& Double(double value);
  // A value that is JSON already.
  JsonWriter& Raw(std::string_view json);

  std::string Take() && { return std::move(text_); }

 private:
  JsonWriter& Open(char bracket);
  JsonWriter& Close(char bracket);
  void Separate();
  void BreakLine();
  void Quote(std::string_view text);

  Layout layout_;
  std::string text_;
  int depth_ = 0;
  bool needs_comma_ = false;
  bool follows_key_ = false;
};

}  // namespace reprise
