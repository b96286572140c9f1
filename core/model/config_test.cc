#include "model/config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace reprise {
namespace {

constexpr std::string_view kLlama = R"({"model_type":"llama","vocab_size":352,"hidden_size":64,
  "num_hidden_layers":3,"num_attention_heads":4,"intermediate_size":176,
  "max_position_embeddings":256})";
constexpr std::string_view kGpt2 = R"({"model_type":"gpt2","vocab_size":352,"n_embd":64,
  "n_layer":3,"n_head":4,"n_positions":256,"n_inner":null})";

// `json` with one more field, which must not be there yet.
std::string With(std::string_view json, std::string_view field) {
  return std::string(json.substr(0, json.size() - 1)) + "," + std::string(field) + "}";
}

// `json` without the field of that name and its integer.
std::string Without(std::string_view json, std::string_view name) {
  std::string text(json);
  const size_t begin = text.find("\"" + std::string(name) + "\"");
  const size_t end = text.find_first_of(",}", begin);
  text.replace(begin, end - begin, "\"other\":0");
  return text;
}

void ExpectRefused(std::string_view json, ErrorCode code, std::string_view path) {
  const auto config = ParseModelConfig(json, "config.json");
  ASSERT_FALSE(config.has_value()) << json;
  EXPECT_EQ(config.error().code, code) << config.error().message;
  EXPECT_EQ(*config.error().Text("file"), "config.json");
  ASSERT_NE(config.error().Text("path"), nullptr) << config.error().message;
  EXPECT_EQ(*config.error().Text("path"), path);
}

TEST(ModelConfig, ReadsTheBuiltInModel) {
  std::ifstream file(REPRISE_FIXTURES "/models/stories-260k/config.json");
  const std::string json((std::istreambuf_iterator<char>(file)), {});
  const auto config = ParseModelConfig(json, "config.json");
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->architecture, Architecture::kLlama);
  EXPECT_EQ(config->vocab_size, 512);
  EXPECT_EQ(config->kv_head_count, 4);
  EXPECT_EQ(config->head_size, 8);
  EXPECT_EQ(config->norm_epsilon, 1e-5);
  EXPECT_EQ(config->rope_theta, 10000.0);
  EXPECT_TRUE(config->ties_embeddings);
  EXPECT_EQ(config->stop_token_ids, std::vector<int64_t>{2});
}

TEST(ModelConfig, GivesTransformersDefaults) {
  const auto llama = ParseModelConfig(kLlama, "config.json");
  ASSERT_TRUE(llama.has_value()) << llama.error().message;
  EXPECT_EQ(llama->kv_head_count, 4);
  EXPECT_EQ(llama->head_size, 16);
  EXPECT_EQ(llama->norm_epsilon, 1e-6);
  EXPECT_FALSE(llama->ties_embeddings);
  EXPECT_TRUE(llama->stop_token_ids.empty());
  const auto gpt2 = ParseModelConfig(kGpt2, "config.json");
  ASSERT_TRUE(gpt2.has_value()) << gpt2.error().message;
  EXPECT_EQ(gpt2->feed_forward_size, 256);
  EXPECT_EQ(gpt2->rope_theta, 0.0);
  EXPECT_TRUE(gpt2->has_attention_bias);
  EXPECT_TRUE(gpt2->ties_embeddings);
}

TEST(ModelConfig, GivesMistralsOwnDefaults) {
  const std::string mistral = R"({"model_type":"mistral","vocab_size":352,"hidden_size":64,
      "num_hidden_layers":3,"num_attention_heads":16,"intermediate_size":176,
      "max_position_embeddings":4096})";
  const auto config = ParseModelConfig(mistral, "config.json");
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->kv_head_count, 8);
  EXPECT_TRUE(config->stop_token_ids.empty());
  EXPECT_EQ(ParseModelConfig(With(mistral, R"("num_key_value_heads":null)"), "c")->kv_head_count,
            16);
  // The default window is 4,096; null is none.
  std::string longer = mistral;
  longer.replace(longer.find("4096"), 4, "4097");
  ExpectRefused(longer, ErrorCode::kUnsupported, "$.sliding_window");
  EXPECT_TRUE(ParseModelConfig(With(longer, R"("sliding_window":null)"), "c").has_value());
  ExpectRefused(With(longer, R"("sliding_window":4096)"), ErrorCode::kUnsupported,
                "$.sliding_window");
}

TEST(ModelConfig, ReadsBothFormsOfRope) {
  EXPECT_EQ(ParseModelConfig(With(kLlama, R"("rope_theta":500000)"), "c")->rope_theta, 500000.0);
  EXPECT_EQ(ParseModelConfig(
                With(kLlama, R"("rope_parameters":{"rope_theta":1e6,"rope_type":"default"})"), "c")
                ->rope_theta,
            1e6);
  ExpectRefused(With(kLlama, R"("rope_parameters":{"rope_type":"llama3"})"),
                ErrorCode::kUnsupported, "$.rope_parameters.rope_type");
  ExpectRefused(With(kLlama, R"("rope_scaling":{"type":"linear","factor":2})"),
                ErrorCode::kUnsupported, "$.rope_scaling.type");
  ExpectRefused(With(kLlama, R"("rope_parameters":3)"), ErrorCode::kInvalidConfig,
                "$.rope_parameters");
}

TEST(ModelConfig, NamesEveryNeededFieldThatIsAbsent) {
  for (const char* name : {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
                           "intermediate_size", "max_position_embeddings"}) {
    ExpectRefused(Without(kLlama, name), ErrorCode::kInvalidConfig, "$." + std::string(name));
  }
  for (const char* name : {"vocab_size", "n_embd", "n_layer", "n_head", "n_positions"}) {
    ExpectRefused(Without(kGpt2, name), ErrorCode::kInvalidConfig, "$." + std::string(name));
  }
}

TEST(ModelConfig, RefusesWhatItCannotMean) {
  constexpr auto kWrong = ErrorCode::kInvalidConfig;
  ExpectRefused("[]", kWrong, "$");
  ExpectRefused("{}", kWrong, "$.model_type");
  ExpectRefused(With(kLlama, R"("num_key_value_heads":3)"), kWrong, "$.num_key_value_heads");
  ExpectRefused(With(kLlama, R"("head_dim":15)"), kWrong, "$.head_dim");
  ExpectRefused(With(kLlama, R"("head_dim":"16")"), kWrong, "$.head_dim");
  ExpectRefused(With(kLlama, R"("head_dim":4294967296)"), kWrong, "$.head_dim");
  ExpectRefused(With(kLlama, R"("rms_norm_eps":0)"), kWrong, "$.rms_norm_eps");
  ExpectRefused(With(kLlama, R"("eos_token_id":[2,352])"), kWrong, "$.eos_token_id");
  ExpectRefused(With(kLlama, R"("mlp_bias":1)"), kWrong, "$.mlp_bias");
}

TEST(ModelConfig, RefusesByNameWhatIsNotDone) {
  constexpr auto kNot = ErrorCode::kUnsupported;
  ExpectRefused(R"({"model_type":"bert","vocab_size":3})", kNot, "$.model_type");
  ExpectRefused(R"({"model_type":"gemma3","text_config":{}})", kNot, "$.model_type");
  ExpectRefused(With(kLlama, R"("hidden_act":"gelu")"), kNot, "$.hidden_act");
  ExpectRefused(With(kLlama, R"("sliding_window":128)"), kNot, "$.sliding_window");
  ExpectRefused(With(kGpt2, R"("activation_function":"relu")"), kNot, "$.activation_function");
  ExpectRefused(With(kGpt2, R"("scale_attn_by_inverse_layer_idx":true)"), kNot,
                "$.scale_attn_by_inverse_layer_idx");
  EXPECT_TRUE(ParseModelConfig(With(kLlama, R"("sliding_window":256)"), "c").has_value());
}

}  // namespace
}  // namespace reprise
