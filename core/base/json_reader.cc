#include "base/json_reader.h"

#include <algorithm>
#include <bit>
#include <charconv>
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
  Payload root;
};

void JsonValue::Release() { delete payload_.memory; }

const JsonValue::Payload& JsonValue::payload() const {
  return is_root_ ? payload_.memory->root : payload_;
}

bool JsonValue::boolean() const {
  REPRISE_CHECK(kind_ == Kind::kBool, "not a boolean");
  return payload().boolean;
}

int64_t JsonValue::integer() const {
  REPRISE_CHECK(kind_ == Kind::kInt, "not an integer");
  return payload().integer;
}

double JsonValue::number() const {
  REPRISE_CHECK(is_number(), "not a number");
  return kind_ == Kind::kInt ? static_cast<double>(payload().integer) : payload().number;
}

std::string_view JsonValue::string() const {
  REPRISE_CHECK(kind_ == Kind::kString, "not a string");
  return {payload().string, size_};
}

std::span<const JsonValue> JsonValue::array() const {
  REPRISE_CHECK(kind_ == Kind::kArray, "not an array");
  return {payload().array, size_};
}

std::span<const JsonMember> JsonValue::object() const {
  REPRISE_CHECK(kind_ == Kind::kObject, "not an object");
  return {payload().object, size_};
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

// Whether text that is UTF-8 but for surrogates holds one: U+D800 to U+DFFF, ED A0 80 to ED BF BF.
bool HasSurrogate(std::string_view text) {
  for (size_t at = text.find('\xED'); at != std::string_view::npos;
       at = text.find('\xED', at + 1)) {
    if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xA0) return true;
  }
  return false;
}

// Whether a number that no double holds is too large, and not too small: its first digit that is
// not zero has a positive power of ten. Requires a number of JSON that is not 0.
bool IsLarge(std::string_view number) {
  const size_t mark = std::min(number.find_first_of("eE"), number.size());
  const std::string_view digits = number.substr(0, mark);
  const auto first = static_cast<int64_t>(digits.find_first_of("123456789"));
  const auto point = static_cast<int64_t>(std::min(digits.find('.'), digits.size()));
  int64_t exponent = 0;
  const size_t sign = mark + 1 < number.size() && number[mark + 1] == '+' ? 1 : 0;
  if (mark < number.size()) {
    const auto read =
        std::from_chars(number.data() + mark + 1 + sign, number.data() + number.size(), exponent);
    if (read.ec != std::errc()) return number[mark + 1] != '-';
  }
  return point - first + exponent > 0;
}

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

  enum class Refusal { kNone, kDepth, kDuplicateKey, kNumber, kSurrogate };

  explicit JsonTreeBuilder(std::string_view text) : memory_(std::make_unique<JsonValue::Memory>()) {
    // The parser takes a NUL for the end, but reads on within a code point that breaks off there.
    constexpr size_t kBehind = 4;
    memory_->text.reserve(text.size() + kBehind);
    memory_->text.append(text).append(kBehind, '\0');
    stack_.reserve(1024);
  }
  // The text, which the parser overwrites with unescaped strings.
  char* text() { return memory_->text.data(); }

  bool Null() { return Push(JsonValue::Kind::kNull, 0) != nullptr; }
  bool Bool(bool value) {
    Push(JsonValue::Kind::kBool, 0)->payload_.boolean = value;
    return true;
  }
  // Numbers come as they are written: RapidJSON's own reading of them is undefined for "0e068".
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    const char* const end = text + length;
    int64_t integer = 0;
    if (const auto read = std::from_chars(text, end, integer);
        read.ec == std::errc() && read.ptr == end) {
      Push(JsonValue::Kind::kInt, 0)->payload_.integer = integer;
      return true;
    }
    double number = 0;
    if (std::from_chars(text, end, number).ec == std::errc::result_out_of_range) {
      if (IsLarge({text, length})) {
        refusal_ = Refusal::kNumber;
        return false;
      }
      number = text[0] == '-' ? -0.0 : 0.0;
    }
    Push(JsonValue::Kind::kDouble, 0)->payload_.number = number;
    return true;
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    // Of the escapes RapidJSON checks the high surrogates only.
    if (HasSurrogate({text, length})) {
      refusal_ = Refusal::kSurrogate;
      return false;
    }
    Push(JsonValue::Kind::kString, length)->payload_.string = text;
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
    Push(JsonValue::Kind::kArray, count)->payload_.array = elements;
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
    Push(JsonValue::Kind::kObject, count)->payload_.object = members;
    return true;
  }

  Refusal refusal() const { return refusal_; }
  const std::string& duplicate_key() const { return duplicate_key_; }
  JsonValue Take() && {
    JsonValue root = std::move(stack_.back());
    memory_->root = root.payload_;
    root.payload_.memory = memory_.release();
    root.is_root_ = true;
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

  std::unique_ptr<JsonValue::Memory> memory_;
  std::byte* next_ = nullptr;  // in the last block
  size_t left_ = 0;
  std::vector<JsonValue> stack_;
  size_t depth_ = 0;
  Refusal refusal_ = Refusal::kNone;
  std::string duplicate_key_;
};

Result<JsonValue> ParseJson(std::string_view text, std::string_view source) {
  constexpr unsigned kFlags = rapidjson::kParseNumbersAsStringsFlag |
                              rapidjson::kParseIterativeFlag |
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
  if (builder.refusal() == JsonTreeBuilder::Refusal::kSurrogate) {
    reason = rapidjson::GetParseError_En(rapidjson::kParseErrorStringUnicodeSurrogateInvalid);
  }
  if (builder.refusal() == JsonTreeBuilder::Refusal::kNumber) {
    reason = rapidjson::GetParseError_En(rapidjson::kParseErrorNumberTooBig);
  }
  return refuse(parsed.Offset(), reason);
}

}  // namespace reprise
