#include "model/weights_index.h"

#include <set>

#include "base/json_reader.h"
#include "base/json_writer.h"

namespace reprise {
namespace {

std::string Quoted(std::string_view text) { return std::move(JsonWriter().String(text)).Take(); }

// A value as an error shows it.
std::string Found(const JsonValue* value) {
  if (value == nullptr) return "nothing";
  if (value->is_string()) return Quoted(value->string());
  if (value->is_number()) return std::move(JsonWriter().Double(value->number())).Take();
  return std::string(JsonValue::KindName(value->kind()));
}

std::unexpected<Error> Refuse(std::string_view file, const std::string& path,
                              const std::string& expected, const JsonValue* value) {
  const std::string found = Found(value);
  return Fail(Error(ErrorCode::kInvalidConfig,
                    std::string(file) + ": " + path + " must be " + expected + ", found " + found)
                  .With("file", file)
                  .With("path", path)
                  .With("expected", expected)
                  .With("found", found));
}

bool IsFileName(const JsonValue& value) {
  constexpr std::string_view kSuffix = ".safetensors";
  if (!value.is_string()) return false;
  const std::string_view name = value.string();
  return name.size() > kSuffix.size() && name.ends_with(kSuffix) &&
         name.find_first_of("/\\") == std::string_view::npos;
}

}  // namespace

Result<WeightsIndex> ParseWeightsIndex(std::string_view json, std::string_view file) {
  REPRISE_ASSIGN(const JsonValue root, ParseJsonView(json, file));
  if (!root.is_object()) return Refuse(file, "$", "an object", &root);
  const JsonValue* map = root.Find("weight_map");
  if (map == nullptr || !map->is_object()) {
    return Refuse(file, "$.weight_map", "an object", map);
  }
  if (map->object().empty()) return Refuse(file, "$.weight_map", "file names by tensor", map);
  std::set<std::string_view> files;
  for (const auto& [tensor, name] : map->object()) {
    if (!IsFileName(name)) {
      return Refuse(file, "$.weight_map[" + Quoted(tensor) + "]",
                    "the name of a safetensors file in the same folder", &name);
    }
    files.insert(name.string());
  }
  WeightsIndex index;
  index.files.assign(files.begin(), files.end());
  const JsonValue* metadata = root.Find("metadata");
  if (metadata == nullptr) return index;
  if (!metadata->is_object()) return Refuse(file, "$.metadata", "an object", metadata);
  const JsonValue* total = metadata->Find("total_size");
  if (total == nullptr) return index;
  if (!total->is_number()) return Refuse(file, "$.metadata.total_size", "a number", total);
  if (total->kind() == JsonValue::Kind::kInt && total->integer() >= 0) {
    index.tensor_bytes = total->integer();
  }
  return index;
}

}  // namespace reprise
