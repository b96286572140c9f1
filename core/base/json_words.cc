#include "base/json_words.h"

#include <utility>

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

Failure RefuseMember(std::string_view file, const std::string& path, const std::string& expected,
                     const JsonValue* found) {
  const std::string words = InWords(found);
  return Fail(Error(ErrorCode::kInvalidConfig,
                    std::string(file) + ": " + path + " must be " + expected + ", found " + words)
                  .With("file", file)
                  .With("path", path)
                  .With("expected", expected)
                  .With("found", words));
}

}  // namespace reprise
