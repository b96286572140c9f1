// Reads JSON text into a tree of values, strictly: the glue over RapidJSON that every reader of
// config, tokenizer, safetensors header and request uses.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace reprise {

class JsonValue;
using JsonMember = std::pair<std::string, JsonValue>;

// One JSON value. Numbers keep whether they were written as an integer that fits 64 bits.
class JsonValue {
 public:
  enum class Kind : uint8_t { kNull, kBool, kInt, kDouble, kString, kArray, kObject };

  JsonValue() = default;

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_array() const { return kind_ == Kind::kArray; }
  bool is_object() const { return kind_ == Kind::kObject; }
  bool is_number() const { return kind_ == Kind::kInt || kind_ == Kind::kDouble; }

  // Each requires the kind it is named for (number() takes both kinds of number).
  bool boolean() const;
  int64_t integer() const;
  double number() const;
  const std::string& string() const;
  std::span<const JsonValue> array() const;
  std::span<const JsonMember> object() const;

  // The member of that name, or nullptr; also nullptr where this is no object.
  const JsonValue* Find(std::string_view name) const;

  // "null", "true or false", "an integer", … for error messages.
  static std::string_view KindName(Kind kind);

 private:
  friend class JsonTreeBuilder;

  Kind kind_ = Kind::kNull;
  bool boolean_ = false;
  int64_t integer_ = 0;
  double number_ = 0;
  std::string string_;
  std::vector<JsonValue> array_;
  std::vector<JsonMember> object_;
};

// Parses one JSON text (RFC 8259). `source` names it in errors (a file's name). Refused with
// invalid_json and the fields file and byte: anything after the value, invalid UTF-8, a lone
// surrogate, NaN and Infinity, a number beyond double, a key twice in one object, nesting deeper
// than 256. A leading byte order mark is refused too. Integers beyond 64 bits become doubles.
Result<JsonValue> ParseJson(std::string_view text, std::string_view source);

}  // namespace reprise
