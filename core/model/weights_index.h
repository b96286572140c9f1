// The index of weights that lie in several files: model.safetensors.index.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace reprise {

struct WeightsIndex {
  std::vector<std::string> files;       // each once, in order of their bytes; at least one
  std::optional<int64_t> tensor_bytes;  // of all tensors, where the index has them
};

// Reads the text of an index as transformers writes it: {"metadata": {"total_size": bytes}?,
// "weight_map": {tensor: file}}. Files lie in the index's own folder: a name that is none of
// base/file_name.h, or of no safetensors file, is refused. Errors, with file and JSON path:
// invalid_json (a tensor that is named twice too); invalid_config with expected and found.
Result<WeightsIndex> ParseWeightsIndex(std::string_view json, std::string_view file);

}  // namespace reprise
