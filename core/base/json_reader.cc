#include "base/json_reader.h"

#include <algorithm>
#include <limits>

#define RAPIDJSON_ASSERT(condition) REPRISE_CHECK(condition, "RapidJSON's own invariant")
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace reprise {

bool JsonValue::boolean() const {
  REPRISE_CHECK(kind_ == Kind::kBool, "not a boolean");
  return boolean_;
}

int64_t JsonValue::integer() const {
  REPRISE_CHECK(kind_ == Kind::kInt, "not an integer");
  return integer_;
}

double JsonValue::number() const {
  REPRISE_CHECK(is_number(), "not a number");
  return kind_ == Kind::kInt ? static_cast<double>(integer_) : number_;
}

const std::string& JsonValue::string() const {
  REPRISE_CHECK(kind_ == Kind::kString, "not a string");
  return string_;
}

std::span<const JsonValue> JsonValue::array() const {
  REPRISE_CHECK(kind_ == Kind::kArray, "not an array");
  return array_;
}

std::span<const JsonMember> JsonValue::object() const {
  REPRISE_CHECK(kind_ == Kind::kObject, "not an object");
  return object_;
}

const JsonValue* JsonValue::Find(std::string_view name) const {
  for (const JsonMember& member : object_) {
    if (member.first == name) return &member.second;
  }
  return nullptr;
}

std::string_view JsonValue::KindName(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return "true or false";
    case Kind::kInt:
      return "an integer";
    case Kind::kDouble:
      return "a number";
    case Kind::kString:
      return "a string";
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
  }
  return "unknown";
}

// RapidJSON's events into a tree. The open containers are kept on a stack of values by value, so
// that no pointer into a growing vector is held.
class JsonTreeBuilder {
 public:
  using Ch = char;
  static constexpr size_t kMaxDepth = 256;

  enum class Refusal { kNone, kDepth, kDuplicateKey };

  bool Null() { return Add(JsonValue()); }
  bool Bool(bool value) {
    JsonValue v;
    v.kind_ = JsonValue::Kind::kBool;
    v.boolean_ = value;
    return Add(std::move(v));
  }
  bool Int(int value) { return Int64(value); }
  bool Uint(unsigned value) { return Int64(value); }
  bool Int64(int64_t value) {
    JsonValue v;
    v.kind_ = JsonValue::Kind::kInt;
    v.integer_ = value;
    return Add(std::move(v));
  }
  bool Uint64(uint64_t value) {
    if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return Int64(static_cast<int64_t>(value));
    }
    return Double(static_cast<double>(value));
  }
  bool Double(double value) {
    JsonValue v;
    v.kind_ = JsonValue::Kind::kDouble;
    v.number_ = value;
    return Add(std::move(v));
  }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    JsonValue v;
    v.kind_ = JsonValue::Kind::kString;
    v.string_.assign(text, length);
    return Add(std::move(v));
  }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    open_.back().key.assign(text, length);
    return true;
  }
  bool StartObject() { return Open(JsonValue::Kind::kObject); }
  bool StartArray() { return Open(JsonValue::Kind::kArray); }
  bool EndArray(rapidjson::SizeType) { return Close(); }
  bool EndObject(rapidjson::SizeType) {
    if (HasDuplicateKey(open_.back().value.object_)) {
      refusal_ = Refusal::kDuplicateKey;
      return false;
    }
    return Close();
  }

  Refusal refusal() const { return refusal_; }
  const std::string& duplicate_key() const { return duplicate_key_; }
  JsonValue Take() && { return std::move(root_); }

 private:
  struct Container {
    JsonValue value;
    std::string key;  // of the member being read
  };

  bool Open(JsonValue::Kind kind) {
    if (open_.size() == kMaxDepth) {
      refusal_ = Refusal::kDepth;
      return false;
    }
    open_.emplace_back().value.kind_ = kind;
    return true;
  }

  bool Close() {
    JsonValue value = std::move(open_.back().value);
    open_.pop_back();
    return Add(std::move(value));
  }

  bool Add(JsonValue&& value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Container& parent = open_.back(); parent.value.is_array()) {
      parent.value.array_.push_back(std::move(value));
    } else {
      parent.value.object_.emplace_back(std::move(parent.key), std::move(value));
    }
    return true;
  }

  bool HasDuplicateKey(const std::vector<JsonMember>& members) {
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const JsonMember& member : members) names.push_back(member.first);
    std::sort(names.begin(), names.end());
    const auto twin = std::adjacent_find(names.begin(), names.end());
    if (twin == names.end()) return false;
    duplicate_key_ = *twin;
    return true;
  }

  std::vector<Container> open_;
  JsonValue root_;
  Refusal refusal_ = Refusal::kNone;
  std::string duplicate_key_;
};

Result<JsonValue> ParseJson(std::string_view text, std::string_view source) {
  constexpr unsigned kFlags = rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag |
                              rapidjson::kParseValidateEncodingFlag;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  JsonTreeBuilder builder;
  const rapidjson::ParseResult parsed = reader.Parse<kFlags>(stream, builder);
  if (!parsed.IsError()) return std::move(builder).Take();

  std::string reason = rapidjson::GetParseError_En(parsed.Code());
  if (builder.refusal() == JsonTreeBuilder::Refusal::kDepth) {
    reason = "Nested deeper than " + std::to_string(JsonTreeBuilder::kMaxDepth) + " levels.";
  } else if (builder.refusal() == JsonTreeBuilder::Refusal::kDuplicateKey) {
    reason = "The object ending here holds the key \"" + builder.duplicate_key() + "\" twice.";
  }
  const auto byte = static_cast<int64_t>(parsed.Offset());
  return Fail(Error(ErrorCode::kInvalidJson,
                    std::string(source) + ", byte " + std::to_string(byte) + ": " + reason)
                  .With("file", source)
                  .With("byte", byte));
}

}  // namespace reprise
