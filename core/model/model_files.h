// The files of a model's folder in Hugging Face layout, by name.
#pragma once

#include <string_view>

namespace reprise {

inline constexpr std::string_view kManifestFile = "manifest.json";
inline constexpr std::string_view kConfigFile = "config.json";
inline constexpr std::string_view kGenerationConfigFile = "generation_config.json";
inline constexpr std::string_view kTokenizerFile = "tokenizer.json";
inline constexpr std::string_view kWeightsSuffix = ".safetensors";

// What belongs to a model beside its weights, in the order in which it is looked for. Only the
// config must be there.
inline constexpr std::string_view kFilesBesideWeights[] = {
    kConfigFile,
    kGenerationConfigFile,
    kTokenizerFile,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
};

// Where a folder's weights are: in the first of these that is there, or in the files that it names
// where it is an index (model/weights_index.h).
struct WeightsPlace {
  std::string_view name;
  bool is_index;
};
inline constexpr WeightsPlace kWeightsPlaces[] = {
    {"model.safetensors", false},
    {"model.safetensors.index.json", true},
};

}  // namespace reprise
