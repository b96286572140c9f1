#include "generate/stop_ids.h"

#include <span>
#include <string>

#include "base/json_reader.h"

namespace reprise {

Result<std::optional<std::vector<int64_t>>> ParseStopIds(std::string_view json,
                                                         std::string_view file,
                                                         int64_t vocab_size) {
  REPRISE_ASSIGN(const JsonValue root, ParseJson(json, file));
  const auto refuse = [&](std::string_view path, const std::string& expected) {
    return Fail(Error(ErrorCode::kInvalidConfig,
                      std::string(file) + ", " + std::string(path) + ": expected " + expected)
                    .With("file", file)
                    .With("path", path)
                    .With("expected", expected));
  };
  if (!root.is_object()) return refuse("$", "an object");
  const JsonValue* value = root.Find("eos_token_id");
  if (value == nullptr || value->is_null()) return std::nullopt;
  std::vector<int64_t> ids;
  for (const JsonValue& id : value->is_array() ? value->array() : std::span(value, 1)) {
    if (id.kind() != JsonValue::Kind::kInt || id.integer() < 0 || id.integer() >= vocab_size) {
      return refuse("$.eos_token_id", "token ids below " + std::to_string(vocab_size));
    }
    ids.push_back(id.integer());
  }
  return ids;
}

}  // namespace reprise
