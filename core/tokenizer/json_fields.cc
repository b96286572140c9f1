#include "tokenizer/json_fields.h"

#include <utility>

#include "base/fill_in.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

std::string Describe(const JsonValue* value) {
  if (value == nullptr) return "nothing";
  switch (value->kind()) {
    case JsonValue::Kind::kInt:
      return std::to_string(value->integer());
    case JsonValue::Kind::kString:
      return FillIn("\"{}\"", {value->string()});
    case JsonValue::Kind::kBool:
      return value->boolean() ? "true" : "false";
    default:
      return std::string(JsonValue::KindName(value->kind()));
  }
}

// Whether a name is one of those that spaces separate.
bool IsAmong(std::string_view name, std::string_view names) {
  while (!names.empty()) {
    const size_t end = names.find(' ');
    if (names.substr(0, end) == name) return true;
    if (end == std::string_view::npos) return false;
    names.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace

JsonFields::JsonFields(const JsonFields* parent, std::string_view name, size_t index,
                       const JsonValue* value, JsonSource& source)
    : parent_(parent), name_(name), index_(index), source_(&source) {
  if (value != nullptr && value->is_object()) {
    object_ = value;
  } else if (ok()) {
    Fault(ErrorCode::kInvalidTokenizer, Path(),
          FillIn("expected an object, found {}", {Describe(value)}));
  }
}

void JsonFields::OnlyFields(std::string_view known) const {
  if (object_ == nullptr) return;
  for (const JsonMember& member : object_->object()) {
    if (!IsAmong(member.name, known)) {
      return Unsupported(member.name, "this option is not supported");
    }
  }
}

const JsonValue* JsonFields::FindOrNull(std::string_view name) const {
  return object_ == nullptr ? nullptr : object_->Find(name);
}

const JsonValue* JsonFields::Find(std::string_view name) const {
  const JsonValue* value = FindOrNull(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool JsonFields::Boolean(std::string_view name) const {
  const JsonValue* value = Find(name);
  if (value != nullptr && value->kind() == JsonValue::Kind::kBool) return value->boolean();
  Expected(name, "true or false");
  return false;
}

bool JsonFields::Boolean(std::string_view name, bool absent) const {
  return Has(name) ? Boolean(name) : absent;
}

int64_t JsonFields::Integer(std::string_view name, int64_t low, int64_t high) const {
  const JsonValue* value = Find(name);
  if (value != nullptr && value->kind() == JsonValue::Kind::kInt && value->integer() >= low &&
      value->integer() <= high) {
    return value->integer();
  }
  Expected(name, FillIn("an integer from {} to {}", {std::to_string(low), std::to_string(high)}));
  return low;
}

std::string_view JsonFields::String(std::string_view name) const {
  const JsonValue* value = Find(name);
  if (value != nullptr && value->is_string()) return value->string();
  Expected(name, "a string");
  return {};
}

std::string_view JsonFields::Character(std::string_view name) const {
  const std::string_view text = String(name);
  if (!text.empty() && Utf8Length(text[0]) == text.size()) return text;
  Expected(name, "one character");
  return "?";
}

std::span<const JsonValue> JsonFields::Array(std::string_view name) const {
  const JsonValue* value = Find(name);
  if (value != nullptr && value->is_array()) return value->array();
  Expected(name, "an array");
  return {};
}

JsonFields JsonFields::Object(std::string_view name) const {
  const JsonValue* value = Find(name);
  if (value == nullptr) Expected(name, "an object");
  return JsonFields(this, name, kNoIndex, value, *source_);
}

JsonFields JsonFields::Element(std::string_view name, size_t i) const {
  return JsonFields(this, name, i, &Array(name)[i], *source_);
}

void JsonFields::Expected(std::string_view name, std::string_view what) const {
  if (!ok()) return;
  Invalid(name, FillIn("expected {}, found {}", {what, Describe(FindOrNull(name))}));
}

void JsonFields::Invalid(std::string_view name, std::string_view reason) const {
  if (ok()) Fault(ErrorCode::kInvalidTokenizer, FillIn("{}.{}", {Path(), name}), reason);
}

void JsonFields::Unsupported(std::string_view name, std::string_view reason) const {
  if (ok()) Fault(ErrorCode::kUnsupported, FillIn("{}.{}", {Path(), name}), reason);
}

void JsonFields::UnknownType() const {
  if (!ok()) return;
  Unsupported("type", FillIn("{} is not supported", {Describe(FindOrNull("type"))}));
}

std::string JsonFields::Path() const {
  if (parent_ == nullptr) return "$";
  std::string path = FillIn("{}.{}", {parent_->Path(), name_});
  if (index_ == kNoIndex) return path;
  return FillIn("{}[{}]", {path, std::to_string(index_)});
}

void JsonFields::Fault(ErrorCode code, const std::string& path, std::string_view reason) const {
  source_->failure = Fail(Error(code, FillIn("{}, {}: {}", {source_->name, path, reason}))
                              .With("file", source_->name)
                              .With("path", path));
}

}  // namespace reprise
