#include "base/json_reader.h"

#include <cmath>
#include <limits>
#include <optional>

#include "base/block_memory.h"
#include "base/fill_in.h"
#include "base/json_keys.h"
#include "base/json_scanner.h"
#include "base/parse_number.h"
#include "base/small_code.h"

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

// Reads a text by recursive descent. The values of containers that are still open wait on a stack;
// a container that ends takes its own from there.
class JsonParser {
 public:
  // The values refer to `text`, or else to a copy that they hold.
  JsonParser(std::string_view text, bool copies)
      : memory_(new JsonValue::Memory{std::string(copies ? text : ""), {}, {}}),
        scanner_(copies ? memory_->text : text, &memory_->blocks) {}

  // False where the text is refused.
  bool Parse() {
    scanner_.SkipWhiteSpace();
    if (scanner_.done()) return scanner_.Refuse("The document is empty.");
    if (!Value()) return false;
    scanner_.SkipWhiteSpace();
    return scanner_.done() ||
           scanner_.Refuse("The document root must not be followed by other values.");
  }

  JsonValue Take() && {
    JsonValue root = std::move(stack_[0]);
    memory_->root = root.payload_;
    root.payload_.memory = memory_.release();
    root.is_root_ = true;
    return root;
  }

  // Of a text that was refused: where, and why.
  size_t at() const { return scanner_.at(); }
  const std::string& fault() const { return scanner_.fault(); }

 private:
  static constexpr size_t kMaxDepth = 256;  // which a message names

  bool Value() {
    switch (scanner_.Peek()) {
      case '{':
        return Object();
      case '[':
        return Array();
      case '"':
        return String();
      case 't':
        return Word("true", JsonValue::Kind::kBool, true);
      case 'f':
        return Word("false", JsonValue::Kind::kBool, false);
      case 'n':
        return Word("null", JsonValue::Kind::kNull, false);
      default:
        return Number();
    }
  }

  REPRISE_SMALL bool Word(std::string_view word, JsonValue::Kind kind, bool value) {
    for (const char letter : word) {
      if (!scanner_.Take(letter)) return scanner_.Refuse("Invalid value.");
    }
    Push(kind, 0)->payload_.boolean = value;
    return true;
  }

  bool String() {
    std::string_view text;
    if (!scanner_.String(text)) return false;
    Push(JsonValue::Kind::kString, text.size())->payload_.string = text.data();
    return true;
  }

  bool Number() {
    std::string_view text;
    if (!scanner_.Number(text)) return false;
    if (const std::optional<int64_t> integer = ParseInteger(text)) {
      Push(JsonValue::Kind::kInt, 0)->payload_.integer = *integer;
      return true;
    }
    const double number = ParseDouble(text);
    if (std::isinf(number)) return scanner_.Refuse("Number too big to be stored in double.");
    Push(JsonValue::Kind::kDouble, 0)->payload_.number = number;
    return true;
  }

  bool Array() {
    const size_t first = stack_.size();
    if (!Open()) return false;
    scanner_.SkipWhiteSpace();
    if (!scanner_.Take(']')) {
      do {
        scanner_.SkipWhiteSpace();
        if (!Value()) return false;
        scanner_.SkipWhiteSpace();
      } while (scanner_.Take(','));
      if (!scanner_.Take(']')) {
        return scanner_.Refuse("Missing a comma or ']' after an array element.");
      }
    }
    --depth_;
    const size_t count = stack_.size() - first;
    auto* elements = Allocate<JsonValue>(count);
    for (size_t i = 0; i < count; ++i) new (elements + i) JsonValue(std::move(stack_[first + i]));
    stack_.Shrink(first);
    Push(JsonValue::Kind::kArray, count)->payload_.array = elements;
    return true;
  }

  bool Object() {
    const size_t first = stack_.size();
    if (!Open()) return false;
    scanner_.SkipWhiteSpace();
    if (!scanner_.Take('}')) {
      do {
        if (!Member()) return false;
        scanner_.SkipWhiteSpace();
      } while (scanner_.Take(','));
      if (!scanner_.Take('}')) {
        return scanner_.Refuse("Missing a comma or '}' after an object member.");
      }
    }
    --depth_;
    const size_t count = (stack_.size() - first) / 2;
    auto* members = Allocate<JsonMember>(count);
    for (size_t i = 0; i < count; ++i) {
      const std::string_view name = stack_[first + 2 * i].string();
      new (members + i) JsonMember{name, std::move(stack_[first + 2 * i + 1])};
    }
    stack_.Shrink(first);
    if (const auto twin = FindDuplicateName({members, count}).twin) {
      return RefuseTwin(members[*twin].name);
    }
    Push(JsonValue::Kind::kObject, count)->payload_.object = members;
    return true;
  }

  REPRISE_SMALL bool RefuseTwin(std::string_view name) {
    return scanner_.Refuse(FillIn("The object ending here holds the key \"{}\" twice.", {name}));
  }

  bool Member() {
    scanner_.SkipWhiteSpace();
    if (scanner_.Peek() != '"') return scanner_.Refuse("Missing a name for object member.");
    if (!String()) return false;
    scanner_.SkipWhiteSpace();
    if (!scanner_.Take(':')) {
      return scanner_.Refuse("Missing a colon after a name of object member.");
    }
    scanner_.SkipWhiteSpace();
    return Value();
  }

  // Passes over the bracket that opens a container.
  REPRISE_SMALL bool Open() {
    if (depth_ == kMaxDepth) {
      return scanner_.Refuse("Nested deeper than 256 levels.");
    }
    ++depth_;
    scanner_.Pass();
    return true;
  }

  JsonValue* Push(JsonValue::Kind kind, size_t size) {
    JsonValue& value = stack_.Push();
    value.kind_ = kind;
    value.size_ = static_cast<uint32_t>(size);
    value.payload_.integer = 0;
    return &value;
  }

  template <typename T>
  T* Allocate(size_t count) {
    return reinterpret_cast<T*>(memory_->blocks.Allocate(count * sizeof(T)));
  }

  std::unique_ptr<JsonValue::Memory> memory_;
  JsonScanner scanner_;
  ValueStack stack_;
  size_t depth_ = 0;
};

namespace {

REPRISE_SMALL Result<JsonValue> ParseTree(std::string_view text, std::string_view source,
                                          size_t first_byte, bool copies) {
  const auto refuse = [&](size_t offset, std::string_view reason) {
    const size_t byte = first_byte + offset;
    return Fail(Error(ErrorCode::kInvalidJson,
                      FillIn("{}, byte {}: {}", {source, std::to_string(byte), reason}))
                    .With("file", source)
                    .With("byte", static_cast<int64_t>(byte)));
  };
  // Sizes within the tree have 32 bits.
  if (text.size() > std::numeric_limits<uint32_t>::max()) {
    return refuse(std::numeric_limits<uint32_t>::max(), "The text has 4 GiB or more.");
  }
  JsonParser parser(text, copies);
  if (!parser.Parse()) return refuse(parser.at(), parser.fault());
  return std::move(parser).Take();
}

}  // namespace

Result<JsonValue> ParseJson(std::string_view text, std::string_view source, size_t first_byte) {
  return ParseTree(text, source, first_byte, /*copies=*/true);
}

Result<JsonValue> ParseJsonView(std::string_view text, std::string_view source) {
  return ParseTree(text, source, /*first_byte=*/0, /*copies=*/false);
}

}  // namespace reprise
