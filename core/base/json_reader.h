// Reads JSON text into a tree of values, strictly: what every reader of config, tokenizer,
// safetensors header and request uses.
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
struct JsonMember;

// One JSON value. The root of a parsed text holds the memory of all values in it, which live as
// long as it does. Numbers keep whether they were written as an integer that fits 64 bits.
class JsonValue {
 public:
  enum class Kind : uint8_t { kNull, kBool, kInt, kDouble, kString, kArray, kObject };

  JsonValue() = default;
  // A copy of an inner value would outlive its root unnoticed.
  JsonValue(JsonValue&& other) noexcept { Swap(other); }
  JsonValue& operator=(JsonValue&& other) noexcept {
    Swap(other);
    return *this;
  }
  ~JsonValue() {
    if (is_root_) Release();
  }

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
  std::string_view string() const;
  std::span<const JsonValue> array() const;
  std::span<const JsonMember> object() const;

  // The member of that name, or nullptr; also nullptr where this is no object.
  const JsonValue* Find(std::string_view name) const;

  // "null", "true or false", "an integer", … for error messages.
  static std::string_view KindName(Kind kind);

 private:
  friend class JsonParser;
  struct Memory;

  void Swap(JsonValue& other) noexcept {
    std::swap(kind_, other.kind_);
    std::swap(is_root_, other.is_root_);
    std::swap(size_, other.size_);
    std::swap(payload_, other.payload_);
  }
  void Release();
  union Payload {
    bool boolean;
    int64_t integer = 0;
    double number;
    const char* string;
    const JsonValue* array;
    const JsonMember* object;
    const Memory* memory;
  };
  // What the value holds, wherever it lies.
  const Payload& payload() const;

  // A document of 30 MB has millions of these.
  Kind kind_ = Kind::kNull;
  bool is_root_ = false;  // then the payload is the memory, which holds the root itself
  uint32_t size_ = 0;     // of a string in bytes, of an array or object in elements
  Payload payload_;
};
static_assert(sizeof(JsonValue) == 16);

struct JsonMember {
  std::string_view name;
  JsonValue value;
};

// Parses one JSON text (RFC 8259). `source` names it in errors (a file's name). Refused with
// invalid_json and the fields file and byte: anything after the value, invalid UTF-8, a lone
// surrogate, NaN and Infinity, a number beyond double, a key twice in one object, nesting deeper
// than 256, 4 GiB or more. A leading byte order mark is refused too. Integers beyond 64 bits become
// doubles. `first_byte` is where the text begins in its source.
Result<JsonValue> ParseJson(std::string_view text, std::string_view source, size_t first_byte = 0);
// The same, of a text that outlives the values: these refer to it, which spares a copy.
Result<JsonValue> ParseJsonView(std::string_view text, std::string_view source);

}  // namespace reprise
