#include "base/json_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/json_keys.h"
#include "base/json_stream.h"
#include "base/parse_number.h"

namespace reprise {

// A copy of the text, or nothing where the values may refer to the caller's, strings that had
// escapes, and the arrays and objects. None of the values in them owns anything.
struct JsonValue::Memory {
  std::string text;
  BlockMemory blocks;
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

// Values, of which the last ones go first. It grows without moving any.
class ValueStack {
 public:
  size_t size() const { return size_; }
  JsonValue& operator[](size_t i) { return blocks_[i / kBlock][i % kBlock]; }
  JsonValue& Push() {
    if (size_ == blocks_.size() * kBlock) {
      blocks_.push_back(std::make_unique<JsonValue[]>(kBlock));
    }
    return (*this)[size_++];
  }
  // Of those that were moved away.
  void Shrink(size_t size) { size_ = size; }

 private:
  static constexpr size_t kBlock = 4096;
  std::vector<std::unique_ptr<JsonValue[]>> blocks_;
  size_t size_ = 0;
};

}  // namespace

// RapidJSON's events into a tree. The values of containers that are still open wait on a stack; a
// container that ends takes its own from there.
class JsonTreeBuilder {
 public:
  using Ch = char;
  static constexpr size_t kMaxDepth = 256;

  enum class Refusal { kNone, kDepth, kDuplicateKey, kNumber, kSurrogate };

  // The values refer to `text`, or else to a copy that they hold.
  JsonTreeBuilder(std::string_view text, bool copies)
      : memory_(new JsonValue::Memory{std::string(copies ? text : ""), {}, {}}),
        stream_(copies ? memory_->text : text, &memory_->blocks) {}
  JsonTextStream& stream() { return stream_; }

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
  bool RawNumber(const char*, rapidjson::SizeType length, bool) {
    const std::string_view text = stream_.Number(length);
    if (const std::optional<int64_t> integer = ParseInteger(text)) {
      Push(JsonValue::Kind::kInt, 0)->payload_.integer = *integer;
      return true;
    }
    const double number = ParseDouble(text);
    if (std::isinf(number)) {
      refusal_ = Refusal::kNumber;
      return false;
    }
    Push(JsonValue::Kind::kDouble, 0)->payload_.number = number;
    return true;
  }
  bool String(const char*, rapidjson::SizeType length, bool) {
    const std::string_view text = stream_.String(length);
    // Of the escapes RapidJSON checks the high surrogates only.
    if (stream_.has_escapes() && HasSurrogate(text)) {
      refusal_ = Refusal::kSurrogate;
      return false;
    }
    Push(JsonValue::Kind::kString, length)->payload_.string = text.data();
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType length, bool copy) {
    return String(text, length, copy);
  }
  bool StartObject() { return Open(); }
  bool StartArray() { return Open(); }
  bool EndArray(rapidjson::SizeType count) {
    --depth_;
    auto* elements = Allocate<JsonValue>(count);
    const size_t first = stack_.size() - count;
    for (size_t i = 0; i < count; ++i) new (elements + i) JsonValue(std::move(stack_[first + i]));
    stack_.Shrink(first);
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
    stack_.Shrink(first);
    if (const auto twin = FindDuplicateName({members, count}).twin) {
      duplicate_key_ = members[*twin].name;
      refusal_ = Refusal::kDuplicateKey;
      return false;
    }
    Push(JsonValue::Kind::kObject, count)->payload_.object = members;
    return true;
  }

  Refusal refusal() const { return refusal_; }
  const std::string& duplicate_key() const { return duplicate_key_; }
  JsonValue Take() && {
    JsonValue root = std::move(stack_[0]);
    memory_->root = root.payload_;
    root.payload_.memory = memory_.release();
    root.is_root_ = true;
    return root;
  }

 private:
  JsonValue* Push(JsonValue::Kind kind, uint32_t size) {
    JsonValue& value = stack_.Push();
    value.kind_ = kind;
    value.size_ = size;
    value.payload_.integer = 0;
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
    return reinterpret_cast<T*>(memory_->blocks.Allocate(count * sizeof(T)));
  }

  std::unique_ptr<JsonValue::Memory> memory_;
  JsonTextStream stream_;
  ValueStack stack_;
  size_t depth_ = 0;
  Refusal refusal_ = Refusal::kNone;
  std::string duplicate_key_;
};

namespace {

Result<JsonValue> ParseTree(std::string_view text, std::string_view source, size_t first_byte,
                            bool copies) {
  constexpr unsigned kFlags = rapidjson::kParseNumbersAsStringsFlag |
                              rapidjson::kParseIterativeFlag |
                              rapidjson::kParseValidateEncodingFlag | rapidjson::kParseInsituFlag;
  const auto refuse = [&](size_t offset, const std::string& reason) {
    const size_t byte = first_byte + offset;
    return Fail(Error(ErrorCode::kInvalidJson,
                      std::string(source) + ", byte " + std::to_string(byte) + ": " + reason)
                    .With("file", source)
                    .With("byte", static_cast<int64_t>(byte)));
  };
  // Sizes within the tree have 32 bits.
  if (text.size() > std::numeric_limits<uint32_t>::max()) {
    return refuse(std::numeric_limits<uint32_t>::max(), "The text has 4 GiB or more.");
  }
  JsonTreeBuilder builder(text, copies);
  JsonTextStream& stream = builder.stream();
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

}  // namespace

Result<JsonValue> ParseJson(std::string_view text, std::string_view source, size_t first_byte) {
  return ParseTree(text, source, first_byte, /*copies=*/true);
}

Result<JsonValue> ParseJsonView(std::string_view text, std::string_view source) {
  return ParseTree(text, source, /*first_byte=*/0, /*copies=*/false);
}

}  // namespace reprise
