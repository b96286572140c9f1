#include "model/config.h"

#include <limits>
#include <span>
#include <string>

#include "base/json_reader.h"

namespace reprise {
namespace {

// Reads fields of one JSON object by name and says which path was wrong.
class FieldReader {
 public:
  FieldReader(const JsonValue& object, std::string_view path, std::string_view file)
      : object_(object), path_(path), file_(file) {}

  const std::string& path() const { return path_; }

  // The field, or nullptr where it is absent or null.
  const JsonValue* Find(std::string_view name) const {
    const JsonValue* value = object_.Find(name);
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  // A needed integer from 1 to 2^31 - 1.
  Result<int64_t> Dimension(std::string_view name) const {
    const JsonValue* value = Find(name);
    if (value == nullptr) return Wrong(name, kDimension, nullptr);
    return CheckDimension(name, *value);
  }

  Result<int64_t> Dimension(std::string_view name, int64_t absent) const {
    const JsonValue* value = Find(name);
    if (value == nullptr) return absent;
    return CheckDimension(name, *value);
  }

  // The same of a field whose null does not mean that it is absent.
  Result<int64_t> Dimension(std::string_view name, int64_t absent, int64_t null) const {
    return Dimension(name, object_.Find(name) == nullptr ? absent : null);
  }

  // A positive number.
  Result<double> Positive(std::string_view name, double absent) const {
    const JsonValue* value = Find(name);
    if (value == nullptr) return absent;
    if (!value->is_number() || value->number() <= 0) return Wrong(name, "a number above 0", value);
    return value->number();
  }

  Result<bool> Boolean(std::string_view name, bool absent) const {
    const JsonValue* value = Find(name);
    if (value == nullptr) return absent;
    if (value->kind() != JsonValue::Kind::kBool) return Wrong(name, "true or false", value);
    return value->boolean();
  }

  // The field must be absent or this text; anything else is not done.
  Status OnlyText(std::string_view name, std::string_view allowed) const {
    const JsonValue* value = Find(name);
    if (value == nullptr || (value->is_string() && value->string() == allowed)) return {};
    return Unsupported(name, "only \"" + std::string(allowed) + "\" is supported", value);
  }

  Status OnlyBoolean(std::string_view name, bool allowed) const {
    REPRISE_ASSIGN(const bool found, Boolean(name, allowed));
    if (found == allowed) return {};
    return Unsupported(name, allowed ? "only true is supported" : "only false is supported",
                       Find(name));
  }

  Failure Wrong(std::string_view name, std::string_view expected, const JsonValue* found) const {
    return Place(ErrorCode::kInvalidConfig, name, "expected " + std::string(expected), found);
  }

  Failure Unsupported(std::string_view name, const std::string& reason,
                      const JsonValue* found) const {
    return Place(ErrorCode::kUnsupported, name, reason, found);
  }

 private:
  static constexpr std::string_view kDimension = "an integer from 1 to 2147483647";

  Result<int64_t> CheckDimension(std::string_view name, const JsonValue& value) const {
    if (value.kind() != JsonValue::Kind::kInt || value.integer() < 1 ||
        value.integer() > std::numeric_limits<int32_t>::max()) {
      return Wrong(name, kDimension, &value);
    }
    return value.integer();
  }

  static std::string Describe(const JsonValue* value) {
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

  Failure Place(ErrorCode code, std::string_view name, const std::string& reason,
                const JsonValue* found) const {
    const std::string path = path_ + "." + std::string(name);
    return Fail(
        Error(code, std::string(file_) + ", " + path + ": " + reason + ", found " + Describe(found))
            .With("file", file_)
            .With("path", path));
  }

  const JsonValue& object_;
  std::string path_;
  std::string_view file_;
};

Status ReadStopTokens(const FieldReader& fields, ModelConfig& config) {
  constexpr std::string_view kName = "eos_token_id";
  const JsonValue* value = fields.Find(kName);
  if (value == nullptr) return {};
  const auto elements = value->is_array() ? value->array() : std::span(value, 1);
  for (const JsonValue& id : elements) {
    if (id.kind() != JsonValue::Kind::kInt || id.integer() < 0 ||
        id.integer() >= config.vocab_size) {
      return fields.Wrong(kName, "token ids below vocab_size", &id);
    }
    config.stop_token_ids.push_back(id.integer());
  }
  return {};
}

// rope_theta and the scaling's type stand in rope_parameters (newer) or at the top (older).
Status ReadRope(const FieldReader& fields, std::string_view file, ModelConfig& config) {
  constexpr double kDefaultTheta = 10000.0;
  REPRISE_ASSIGN(config.rope_theta, fields.Positive("rope_theta", kDefaultTheta));
  for (const char* name : {"rope_scaling", "rope_parameters"}) {
    const JsonValue* value = fields.Find(name);
    if (value == nullptr) continue;
    if (!value->is_object()) return fields.Wrong(name, "an object", value);
    const FieldReader rope(*value, fields.path() + "." + name, file);
    REPRISE_TRY(rope.OnlyText("rope_type", "default"));
    REPRISE_TRY(rope.OnlyText("type", "default"));
    REPRISE_ASSIGN(config.rope_theta, rope.Positive("rope_theta", config.rope_theta));
  }
  return {};
}

Status CheckHeads(const FieldReader& fields, ModelConfig& config) {
  if (config.head_count % config.kv_head_count != 0) {
    return fields.Wrong("num_key_value_heads", "a divisor of num_attention_heads",
                        fields.Find("num_key_value_heads"));
  }
  if (config.head_size % 2 != 0) {
    return fields.Wrong("head_dim", "an even number, for rotary positions",
                        fields.Find("head_dim"));
  }
  return {};
}

// The size of one head where the config does not give it.
Result<int64_t> DerivedHeadSize(const FieldReader& fields, std::string_view heads_name,
                                const ModelConfig& config) {
  if (config.hidden_size % config.head_count != 0) {
    return fields.Wrong(heads_name, "a divisor of the hidden size", fields.Find(heads_name));
  }
  return config.hidden_size / config.head_count;
}

// A window as long as the context hides nothing.
Status CheckWindow(const FieldReader& fields, int64_t window, const ModelConfig& config) {
  if (window >= config.context_tokens) return {};
  const JsonValue* given = fields.Find("sliding_window");
  std::string reason = "a window below max_position_embeddings is not supported";
  if (given == nullptr) reason += "; where absent it is 4096, and null for none";
  return fields.Unsupported("sliding_window", reason, given);
}

// MistralConfig differs from LlamaConfig in two defaults.
Status ReadLlama(const FieldReader& fields, std::string_view file, bool is_mistral,
                 ModelConfig& config) {
  constexpr int64_t kMistralKvHeads = 8, kMistralWindow = 4096;
  config.architecture = Architecture::kLlama;
  REPRISE_ASSIGN(config.vocab_size, fields.Dimension("vocab_size"));
  REPRISE_ASSIGN(config.hidden_size, fields.Dimension("hidden_size"));
  REPRISE_ASSIGN(config.layer_count, fields.Dimension("num_hidden_layers"));
  REPRISE_ASSIGN(config.head_count, fields.Dimension("num_attention_heads"));
  REPRISE_ASSIGN(
      config.kv_head_count,
      fields.Dimension("num_key_value_heads", is_mistral ? kMistralKvHeads : config.head_count,
                       config.head_count));
  if (fields.Find("head_dim") != nullptr) {
    REPRISE_ASSIGN(config.head_size, fields.Dimension("head_dim"));
  } else {
    REPRISE_ASSIGN(config.head_size, DerivedHeadSize(fields, "num_attention_heads", config));
  }
  REPRISE_ASSIGN(config.feed_forward_size, fields.Dimension("intermediate_size"));
  REPRISE_ASSIGN(config.context_tokens, fields.Dimension("max_position_embeddings"));
  REPRISE_ASSIGN(config.norm_epsilon, fields.Positive("rms_norm_eps", 1e-6));
  REPRISE_ASSIGN(config.has_attention_bias, fields.Boolean("attention_bias", false));
  REPRISE_ASSIGN(config.has_mlp_bias, fields.Boolean("mlp_bias", false));
  REPRISE_ASSIGN(config.ties_embeddings, fields.Boolean("tie_word_embeddings", false));
  REPRISE_TRY(fields.OnlyText("hidden_act", "silu"));
  REPRISE_ASSIGN(
      const int64_t window,
      fields.Dimension("sliding_window", is_mistral ? kMistralWindow : config.context_tokens,
                       config.context_tokens));
  REPRISE_TRY(CheckWindow(fields, window, config));
  REPRISE_TRY(CheckHeads(fields, config));
  return ReadRope(fields, file, config);
}

Status ReadGpt2(const FieldReader& fields, ModelConfig& config) {
  config.architecture = Architecture::kGpt2;
  REPRISE_ASSIGN(config.vocab_size, fields.Dimension("vocab_size"));
  REPRISE_ASSIGN(config.hidden_size, fields.Dimension("n_embd"));
  REPRISE_ASSIGN(config.layer_count, fields.Dimension("n_layer"));
  REPRISE_ASSIGN(config.head_count, fields.Dimension("n_head"));
  config.kv_head_count = config.head_count;
  REPRISE_ASSIGN(config.head_size, DerivedHeadSize(fields, "n_head", config));
  REPRISE_ASSIGN(config.feed_forward_size, fields.Dimension("n_inner", 4 * config.hidden_size));
  REPRISE_ASSIGN(config.context_tokens, fields.Dimension("n_positions"));
  REPRISE_ASSIGN(config.norm_epsilon, fields.Positive("layer_norm_epsilon", 1e-5));
  config.has_attention_bias = true;
  config.has_mlp_bias = true;
  REPRISE_ASSIGN(config.ties_embeddings, fields.Boolean("tie_word_embeddings", true));
  REPRISE_TRY(fields.OnlyText("activation_function", "gelu_new"));
  REPRISE_TRY(fields.OnlyBoolean("scale_attn_weights", true));
  REPRISE_TRY(fields.OnlyBoolean("scale_attn_by_inverse_layer_idx", false));
  return fields.OnlyBoolean("add_cross_attention", false);
}

// Bounds that no real model meets, so that later products of sizes cannot overflow and no list of
// layers uses up the memory that errors need.
Status CheckSizes(std::string_view layers_name, const FieldReader& fields, std::string_view file,
                  const ModelConfig& c) {
  constexpr int64_t kMaxLayers = 4096;
  constexpr double kMaxValues = 0x1p50;
  if (c.layer_count > kMaxLayers) {
    return fields.Wrong(layers_name, "an integer from 1 to 4096", fields.Find(layers_name));
  }
  const auto size = [](int64_t value) { return static_cast<double>(value); };
  const double hidden = size(c.hidden_size), context = size(c.context_tokens) + 16;
  const double q = size(c.head_count) * size(c.head_size);
  const double kv = size(c.kv_head_count) * (size(c.head_size) + 16);
  const double layer =
      2 * hidden * (q + kv) + 3 * hidden * size(c.feed_forward_size) + 2 * context * kv;
  const double values = 2 * size(c.vocab_size) * hidden + size(c.layer_count) * layer +
                        context * (hidden + size(c.head_size)) + 128 * (q + kv);
  if (values <= kMaxValues) return {};
  return Fail(Error(ErrorCode::kInvalidConfig,
                    std::string(file) + ": these dimensions give more than 2^50 values")
                  .With("file", file)
                  .With("path", fields.path()));
}

}  // namespace

Result<ModelConfig> ParseModelConfig(std::string_view json, std::string_view file) {
  REPRISE_ASSIGN(const JsonValue root, ParseJson(json, file));
  return ReadModelConfig(root, file, "$");
}

Result<ModelConfig> ReadModelConfig(const JsonValue& root, std::string_view file,
                                    const std::string& path) {
  if (!root.is_object()) {
    return Fail(Error(ErrorCode::kInvalidConfig, std::string(file) + ": expected a JSON object")
                    .With("file", file)
                    .With("path", path));
  }
  const FieldReader fields(root, path, file);
  const JsonValue* type = fields.Find("model_type");
  if (type == nullptr || !type->is_string()) return fields.Wrong("model_type", "a string", type);
  ModelConfig config;
  if (type->string() == "llama" || type->string() == "mistral") {
    REPRISE_TRY(ReadLlama(fields, file, type->string() == "mistral", config));
    REPRISE_TRY(CheckSizes("num_hidden_layers", fields, file, config));
  } else if (type->string() == "gpt2") {
    REPRISE_TRY(ReadGpt2(fields, config));
    REPRISE_TRY(CheckSizes("n_layer", fields, file, config));
  } else {
    return fields.Unsupported("model_type", "only llama, mistral and gpt2 are supported", type);
  }
  REPRISE_TRY(ReadStopTokens(fields, config));
  return config;
}

}  // namespace reprise
