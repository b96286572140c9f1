// A causal language model's dimensions, read from Hugging Face's config.json. It does not know
// the model's tensors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"
#include "base/status.h"

namespace reprise {

enum class Architecture : uint8_t { kLlama, kGpt2 };

// Dimension letters: vocabulary V, hidden size C, layers L, query heads H, key-value heads G, head
// size D, feed-forward size F, context T.
struct ModelConfig {
  Architecture architecture = Architecture::kLlama;
  int64_t vocab_size = 0;           // V
  int64_t hidden_size = 0;          // C
  int64_t layer_count = 0;          // L
  int64_t head_count = 0;           // H
  int64_t kv_head_count = 0;        // G, a divisor of H
  int64_t head_size = 0;            // D; even where positions are rotary
  int64_t feed_forward_size = 0;    // F
  int64_t context_tokens = 0;       // T, the most positions a sequence may have
  double norm_epsilon = 0;          // of rms_norm (Llama) or layer_norm (GPT-2)
  double rope_theta = 0;            // base of the rotary frequencies; 0 for GPT-2
  bool has_attention_bias = false;  // q, k, v and output projections
  bool has_mlp_bias = false;
  bool ties_embeddings = false;         // the output projection is the token embedding
  std::vector<int64_t> stop_token_ids;  // eos_token_id: none, one or several
};

// Reads the text of a config.json of model_type llama, mistral or gpt2, in transformers' older
// (rope_theta, rope_scaling) and newer (rope_parameters) form. Absent fields that transformers
// gives a default have that default, a window of 4,096 for mistral included; the dimensions have
// none, and no eos_token_id means no stop ids, since 2 would be an id of somebody else's tokenizer.
// Errors, each with file and JSON
// path: invalid_json, invalid_config (a needed field is absent, of the wrong kind or out of range),
// unsupported (another model_type, activation, rotary scaling or attention variant).
Result<ModelConfig> ParseModelConfig(std::string_view json, std::string_view file);
// The same of a value that stands at `path` of the file, such as "$.model.config".
Result<ModelConfig> ReadModelConfig(const JsonValue& root, std::string_view file,
                                    const std::string& path);

}  // namespace reprise
