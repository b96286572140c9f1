#include "base/json_words.h"

#include <algorithm>
#include <utility>

#include "base/fill_in.h"
#include "base/json_writer.h"

namespace reprise {

std::string InWords(const JsonValue* value) {
  if (value == nullptr) return "nothing";
  JsonWriter text;
  switch (value->kind()) {
    case JsonValue::Kind::kInt:
      text.Int(value->integer());
      break;
    case JsonValue::Kind::kDouble:
      text.Double(value->number());
      break;
    case JsonValue::Kind::kString:
      text.String(value->string());
      break;
    case JsonValue::Kind::kBool:
      text.Bool(value->boolean());
      break;
    default:
      return std::string(JsonValue::KindName(value->kind()));
  }
  return std::move(text).Take();
}

std::string QuotedJson(std::string_view text) {
  return std::move(JsonWriter().String(text)).Take();
}

std::string MemberPath(const std::string& parent, std::string_view name) {
  const bool is_plain = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  return is_plain ? FillIn("{}.{}", {parent, name}) : FillIn("{}[{}]", {parent, QuotedJson(name)});
}

Failure RefuseMember(std::string_view file, const std::string& path, const std::string& expected,
                     const JsonValue* found) {
  return RefuseMember(file, path, expected, InWords(found));
}

Failure RefuseMember(std::string_view file, const std::string& path, const std::string& expected,
                     const std::string& found) {
  return Fail(Error(ErrorCode::kInvalidConfig,
                    FillIn("{}: {} must be {}, found {}", {file, path, expected, found}))
                  .With("file", file)
                  .With("path", path)
                  .With("expected", expected)
                  .With("found", found));
}

}  // namespace reprise
