#include "model/weights_index.h"

#include <cmath>
#include <set>

#include "base/file_name.h"
#include "base/json_reader.h"
#include "base/json_words.h"
#include "model/model_files.h"

namespace reprise {
namespace {

bool IsWeightsFile(const JsonValue& value) {
  if (!value.is_string()) return false;
  const std::string_view name = value.string();
  return name.size() > kWeightsSuffix.size() && name.ends_with(kWeightsSuffix) && IsFileName(name);
}

}  // namespace

Result<WeightsIndex> ParseWeightsIndex(std::string_view json, std::string_view file) {
  REPRISE_ASSIGN(const JsonValue root, ParseJsonView(json, file));
  if (!root.is_object()) return RefuseMember(file, "$", "an object", &root);
  const JsonValue* map = root.Find("weight_map");
  if (map == nullptr || !map->is_object()) {
    return RefuseMember(file, "$.weight_map", "an object", map);
  }
  if (map->object().empty()) return RefuseMember(file, "$.weight_map", "file names by tensor", map);
  std::set<std::string_view> files;
  for (const auto& [tensor, name] : map->object()) {
    if (!IsWeightsFile(name)) {
      return RefuseMember(file, "$.weight_map[" + QuotedJson(tensor) + "]",
                          "the name of a safetensors file in the same folder", &name);
    }
    files.insert(name.string());
  }
  WeightsIndex index;
  index.files.assign(files.begin(), files.end());
  const JsonValue* metadata = root.Find("metadata");
  if (metadata == nullptr) return index;
  if (!metadata->is_object()) return RefuseMember(file, "$.metadata", "an object", metadata);
  const JsonValue* total = metadata->Find("total_size");
  if (total == nullptr) return index;
  if (!total->is_number()) return RefuseMember(file, "$.metadata.total_size", "a number", total);
  // Some writers have it as 1e6 or 12.0.
  constexpr double kMostBytes = 9007199254740991;
  const double bytes = total->number();
  if (bytes >= 0 && bytes <= kMostBytes && bytes == std::floor(bytes)) {
    index.tensor_bytes = static_cast<int64_t>(bytes);
  }
  return index;
}

}  // namespace reprise
