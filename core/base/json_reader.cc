#include "base/json_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <limits>
#include <optional>

#define RAPIDJSON_ASSERT(condition) REPRISE_CHECK(condition, "RapidJSON's own invariant")
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

namespace reprise {

// The text, in which strings are unescaped in place, and the arrays and objects. None of the values
// in them owns anything.
struct JsonValue::Memory {
  std::string text;
  std::vector<std::unique_ptr<std::byte[]>> blocks;
};

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

std::string_view JsonValue::string() const {
  REPRISE_CHECK(kind_ == Kind::kString, "not a string");
  return {string_, size_};
}

std::span<const JsonValue> JsonValue::array() const {
  REPRISE_CHECK(kind_ == Kind::kArray, "not an array");
  return {array_, size_};
}

std::span<const JsonMember> JsonValue::object() const {
  REPRISE_CHECK(kind_ == Kind::kObject, "not an object");
  return {object_, size_};
}

const JsonValue* JsonValue::Find(std::string_view name) const {
  if (kind_ != Kind::kObject) return nullptr;
  for (const JsonMember& member : object()) {
    if (member.name == name) return &member.value;
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

namespace {

std::optional<std::string_view> DuplicateOfFew(std::span<const JsonMember> members) {
  for (size_t i = 0; i < members.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (members[i].name == members[j].name) return members[i].name;
    }
  }
  return std::nullopt;
}

// By a hash table of places, open addressing.
std::optional<std::string_view> DuplicateOfMany(std::span<const JsonMember> members) {
  std::vector<uint32_t> table(std::bit_ceil(members.size() * 2), 0);  // places from 1 on
  for (size_t i = 0; i < members.size(); ++i) {
    size_t at = std::hash<std::string_view>()(members[i].name) & (table.size() - 1);
    for (; table[at] != 0; at = (at + 1) & (table.size() - 1)) {
      if (members[table[at] - 1].name == members[i].name) return members[i].name;
    }
    table[at] = static_cast<uint32_t>(i + 1);
  }
  return std::nullopt;
}

}  // namespace

// RapidJSON's events into a tree. The values of containers that are still open wait on a stack; a
// container that ends takes its own from there.
class JsonTreeBuilder {
 public:
  using Ch = char;
  static constexpr size_t kMaxDepth = 256;

  enum class Refusal { kNone, kDepth, kDuplicateKey };

  explicit JsonTreeBuilder(std::string_view text) : memory_(std::make_shared<JsonValue::Memory>()) {
    memory_->text = text;
    constexpr size_t kWaiting = 1024;
    stack_.reserve(kWaiting);
  }
  // The text, which the parser overwrites with unescaped strings.
  char* text() { return memory_->text.data(); }

  bool Null() { return Push(JsonValue::Kind::kNull, 0) != nullptr; }
  bool Bool(bool value) {
    Push(JsonValue::Kind::kBool, 0)->boolean_ = value;
    return true;
  }
  bool Int(int value) { return Int64(value); }
  bool Uint(unsigned value) { return Int64(value); }
  bool Int64(int64_t value) {
    Push(JsonValue::Kind::kInt, 0)->integer_ = value;
    return true;
  }
  bool Uint64(uint64_t value) {
    if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return Int64(static_cast<int64_t>(value));
    }
    return Double(static_cast<double>(value));
  }
  bool Double(double value) {
    Push(JsonValue::Kind::kDouble, 0)->number_ = value;
    return true;
  }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    Push(JsonValue::Kind::kString, length)->string_ = text;
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    return String(text, length, false);
  }
  bool StartObject() { return Open(); }
  bool StartArray() { return Open(); }
  bool EndArray(rapidjson::SizeType count) {
    --depth_;
    auto* elements = Allocate<JsonValue>(count);
    std::uninitialized_move(stack_.end() - count, stack_.end(), elements);
    stack_.resize(stack_.size() - count);
    Push(JsonValue::Kind::kArray, count)->array_ = elements;
    return true;
  }
  bool EndObject(rapidjson::SizeType count) {
    --depth_;
    auto* members = Allocate<JsonMember>(count);
    const size_t first = stack_.size() - size_t{2} * count;
    for (size_t i = 0; i < count; ++i) {
      const std::string_view name = stack_[first + 2 * i].string();
      new (members + i) JsonMember{name, std::move(stack_[first + 2 * i + 1])};
    }
    stack_.resize(first);
    constexpr size_t kFew = 16;
    const std::span<const JsonMember> all(members, count);
    const auto twin = count <= kFew ? DuplicateOfFew(all) : DuplicateOfMany(all);
    if (twin) {
      duplicate_key_ = *twin;
      refusal_ = Refusal::kDuplicateKey;
      return false;
    }
    Push(JsonValue::Kind::kObject, count)->object_ = members;
    return true;
  }

  Refusal refusal() const { return refusal_; }
  const std::string& duplicate_key() const { return duplicate_key_; }
  JsonValue Take() && {
    JsonValue root = std::move(stack_.back());
    root.memory_ = std::move(memory_);
    return root;
  }

 private:
  JsonValue* Push(JsonValue::Kind kind, uint32_t size) {
    JsonValue& value = stack_.emplace_back();
    value.kind_ = kind;
    value.size_ = size;
    return &value;
  }

  bool Open() {
    if (depth_ == kMaxDepth) {
      refusal_ = Refusal::kDepth;
      return false;
    }
    ++depth_;
    return true;
  }

  template <typename T>
  T* Allocate(size_t count) {
    constexpr size_t kBlockBytes = 1 << 16;
    const size_t bytes = count * sizeof(T);
    if (bytes > left_) {
      left_ = std::max(bytes, kBlockBytes);
      memory_->blocks.push_back(std::make_unique_for_overwrite<std::byte[]>(left_));
      next_ = memory_->blocks.back().get();
    }
    std::byte* const here = next_;
    next_ += bytes;
    left_ -= bytes;
    return reinterpret_cast<T*>(here);
  }

  std::shared_ptr<JsonValue::Memory> memory_;
  std::byte* next_ = nullptr;  // in the last block
  size_t left_ = 0;
  std::vector<JsonValue> stack_;
  size_t depth_ = 0;
  Refusal refusal_ = Refusal::kNone;
  std::string duplicate_key_;
};

Result<JsonValue> ParseJson(std::string_view text, std::string_view source) {
  constexpr unsigned kFlags = rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag |
                              rapidjson::kParseValidateEncodingFlag | rapidjson::kParseInsituFlag;
  const auto refuse = [&](size_t byte, const std::string& reason) {
    return Fail(Error(ErrorCode::kInvalidJson,
                      std::string(source) + ", byte " + std::to_string(byte) + ": " + reason)
                    .With("file", source)
                    .With("byte", static_cast<int64_t>(byte)));
  };
  // Sizes within the tree have 32 bits.
  if (text.size() > std::numeric_limits<uint32_t>::max()) {
    return refuse(std::numeric_limits<uint32_t>::max(), "The text has 4 GiB or more.");
  }
  JsonTreeBuilder builder(text);
  rapidjson::InsituStringStream stream(builder.text());
  rapidjson::Reader reader;
  const rapidjson::ParseResult parsed = reader.Parse<kFlags>(stream, builder);
  // The parser takes a NUL for the end.
  if (!parsed.IsError() && stream.Tell() == text.size()) return std::move(builder).Take();
  if (!parsed.IsError()) {
    return refuse(stream.Tell(),
                  rapidjson::GetParseError_En(rapidjson::kParseErrorDocumentRootNotSingular));
  }
  std::string reason = rapidjson::GetParseError_En(parsed.Code());
  if (builder.refusal() == JsonTreeBuilder::Refusal::kDepth) {
    reason = "Nested deeper than " + std::to_string(JsonTreeBuilder::kMaxDepth) + " levels.";
  } else if (builder.refusal() == JsonTreeBuilder::Refusal::kDuplicateKey) {
    reason = "The object ending here holds the key \"" + builder.duplicate_key() + "\" twice.";
  }
  return refuse(parsed.Offset(), reason);
}

}  // namespace reprise
