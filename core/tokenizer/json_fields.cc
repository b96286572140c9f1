#include "tokenizer/json_fields.h"

#include <algorithm>

#include "unicode/utf8.h"

namespace reprise {
namespace {

std::string Describe(const JsonValue* value) {
  if (value == nullptr) return "nothing";
  switch (value->kind()) {
    case JsonValue::Kind::kInt:
      return std::to_string(value->integer());
    case JsonValue::Kind::kString:
      return "\"" + std::string(value->string()) + "\"";
    case JsonValue::Kind::kBool:
      return value->boolean() ? "true" : "false";
    default:
      return std::string(JsonValue::KindName(value->kind()));
  }
}

Failure FaultAt(ErrorCode code, std::string_view file, const std::string& path,
                std::string_view reason) {
  return Fail(Error(code, std::string(file) + ", " + path + ": " + std::string(reason))
                  .With("file", file)
                  .With("path", path));
}

}  // namespace

Result<JsonFields> JsonFields::FromValue(const JsonValue& value, std::string path,
                                         std::string_view file) {
  if (!value.is_object()) {
    return FaultAt(ErrorCode::kInvalidTokenizer, file, path,
                   "expected an object, found " + Describe(&value));
  }
  return JsonFields(value, std::move(path), file);
}

Status JsonFields::OnlyFields(std::initializer_list<std::string_view> known) const {
  for (const JsonMember& member : object_->object()) {
    if (std::find(known.begin(), known.end(), member.name) == known.end()) {
      return Unsupported(member.name, "this option is not supported");
    }
  }
  return {};
}

const JsonValue* JsonFields::Find(std::string_view name) const {
  const JsonValue* value = object_->Find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

Result<bool> JsonFields::Boolean(std::string_view name, std::optional<bool> absent) const {
  const JsonValue* value = Find(name);
  if (value == nullptr && absent) return *absent;
  if (value == nullptr || value->kind() != JsonValue::Kind::kBool) {
    return Expected(name, "true or false");
  }
  return value->boolean();
}

Result<int64_t> JsonFields::Integer(std::string_view name, int64_t low, int64_t high) const {
  const JsonValue* value = Find(name);
  if (value == nullptr || value->kind() != JsonValue::Kind::kInt || value->integer() < low ||
      value->integer() > high) {
    return Expected(name, "an integer from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return value->integer();
}

Result<std::string> JsonFields::String(std::string_view name) const {
  const JsonValue* value = Find(name);
  if (value == nullptr || !value->is_string()) return Expected(name, "a string");
  return std::string(value->string());
}

Result<char32_t> JsonFields::Character(std::string_view name) const {
  REPRISE_ASSIGN(const std::string text, String(name));
  if (text.empty() || Utf8Length(text[0]) != text.size()) return Expected(name, "one character");
  size_t at = 0;
  return ReadUtf8(text, at);
}

Result<std::span<const JsonValue>> JsonFields::Array(std::string_view name) const {
  const JsonValue* value = Find(name);
  if (value == nullptr || !value->is_array()) return Expected(name, "an array");
  return value->array();
}

Result<JsonFields> JsonFields::Object(std::string_view name) const {
  const JsonValue* value = Find(name);
  if (value == nullptr) return Expected(name, "an object");
  return FromValue(*value, path_ + "." + std::string(name), file_);
}

Result<JsonFields> JsonFields::Element(std::string_view name, size_t i) const {
  REPRISE_ASSIGN(const auto elements, Array(name));
  return FromValue(elements[i], path_ + "." + std::string(name) + "[" + std::to_string(i) + "]",
                   file_);
}

Failure JsonFields::Expected(std::string_view name, std::string_view what) const {
  return Invalid(name,
                 "expected " + std::string(what) + ", found " + Describe(object_->Find(name)));
}

Failure JsonFields::Invalid(std::string_view name, std::string_view reason) const {
  return Fault(ErrorCode::kInvalidTokenizer, name, reason);
}

Failure JsonFields::Unsupported(std::string_view name, std::string_view reason) const {
  return Fault(ErrorCode::kUnsupported, name, reason);
}

Failure JsonFields::UnknownType() const {
  return Unsupported("type", Describe(object_->Find("type")) + " is not supported");
}

Failure JsonFields::Fault(ErrorCode code, std::string_view name, std::string_view reason) const {
  return FaultAt(code, file_, path_ + "." + std::string(name), reason);
}

}  // namespace reprise
