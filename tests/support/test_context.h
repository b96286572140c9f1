// The C interface as the tests call it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error_codes.h"
#include "base/json_reader.h"
#include "capi/reprise.h"
#include "tests/support/test_files.h"

namespace reprise {

// A context that must be empty at its end. Calls check that an answer is what was expected.
class TestContext {
 public:
  explicit TestContext(double memory_limit = 0) : context_(reprise_open(1, "", memory_limit)) {
    EXPECT_NE(context_, nullptr) << reprise_open_error();
  }
  ~TestContext() {
    ExpectEmpty();
    reprise_close(context_);
  }
  TestContext(const TestContext&) = delete;
  TestContext& operator=(const TestContext&) = delete;

  reprise_context* get() { return context_; }

  std::string result() const {
    const auto* bytes = reinterpret_cast<const char*>(reprise_result(context_));
    return std::string(bytes == nullptr ? "" : bytes, reprise_result_size(context_));
  }
  JsonValue json() const {
    auto value = ParseJson(result(), "result");
    EXPECT_TRUE(value) << result();
    return value ? *std::move(value) : JsonValue();
  }
  std::vector<float> floats() const {
    std::vector<float> values(reprise_result_size(context_) / sizeof(float));
    std::memcpy(values.data(), reprise_result(context_), values.size() * sizeof(float));
    return values;
  }

  // The error of a call that must fail: its code by name, and its fields.
  JsonValue Error(int32_t answer) const {
    EXPECT_LT(answer, 0);
    JsonValue error = json();
    EXPECT_EQ(error.Find("code")->string(), ErrorCodeName(static_cast<ErrorCode>(-answer)));
    EXPECT_NE(error.Find("message")->string(), "");
    return error;
  }
  void ExpectError(int32_t answer, std::string_view code) const {
    const JsonValue error = Error(answer);
    EXPECT_EQ(error.Find("code")->string(), code) << result();
  }
  // A field of the last error, as text.
  std::string Field(std::string_view name) const {
    const JsonValue error = json();
    const JsonValue* field = error.Find("fields")->Find(name);
    if (field == nullptr) return "";
    return field->is_string() ? std::string(field->string()) : std::to_string(field->integer());
  }

  int32_t Tokenizer(std::string_view json, std::string_view file = "tokenizer.json") {
    return reprise_tokenizer_create(context_, json.data(), json.size(), file.data(), file.size());
  }
  int32_t CreateModel(std::string_view config, std::string_view options = R"({"backend": "cpu"})") {
    constexpr std::string_view kFile = "config.json";
    return reprise_model_create(context_, config.data(), config.size(), kFile.data(), kFile.size(),
                                options.data(), options.size());
  }
  // 0, or the first answer that is an error.
  int32_t Prepare(int32_t model, int32_t work_units = 1000) {
    int32_t answer = 1;
    while (answer == 1) answer = reprise_model_prepare(context_, model, work_units);
    return answer;
  }
  // A model that is ready for its weights, or why it could not be created.
  int32_t Model(std::string_view config, std::string_view options = R"({"backend": "cpu"})") {
    const int32_t model = CreateModel(config, options);
    if (model > 0) {
      EXPECT_EQ(Prepare(model), 0) << result();
    }
    return model;
  }
  // Pushes a weights file in pieces; the first answer that is an error, or 0.
  int32_t Push(int32_t model, std::string_view bytes, size_t piece = size_t{1} << 30) {
    constexpr std::string_view kFile = "model.safetensors";
    int32_t answer = reprise_model_begin_file(context_, model, kFile.data(), kFile.size(),
                                              static_cast<double>(bytes.size()));
    for (size_t i = 0; answer >= 0 && i < bytes.size(); i += piece) {
      const std::string_view part = bytes.substr(i, piece);
      answer = reprise_model_push(context_, model, reinterpret_cast<const uint8_t*>(part.data()),
                                  part.size());
    }
    return answer < 0 ? answer : reprise_model_end_file(context_, model);
  }
  int32_t Generate(int32_t model, int32_t tokenizer, std::span<const int32_t> ids,
                   std::string_view options) {
    return reprise_generate(context_, model, tokenizer, ids.data(), ids.size(), options.data(),
                            options.size());
  }
  int32_t Score(int32_t model, std::span<const int32_t> ids) {
    return reprise_score(context_, model, ids.data(), ids.size());
  }
  int32_t Forward(int32_t model, std::span<const int32_t> ids, bool last_only = false) {
    return reprise_forward(context_, model, ids.data(), ids.size(), last_only ? 1 : 0);
  }
  // Steps to the end; the events.
  std::vector<JsonValue> Drive(int32_t job, int32_t work_units = 1000) {
    std::vector<JsonValue> events;
    for (;;) {
      const int32_t state = reprise_job_step(context_, job, work_units);
      if (state == REPRISE_EVENT) events.push_back(json());
      EXPECT_GE(state, 0) << result();
      if (state < 0 || state == REPRISE_DONE) return events;
    }
  }
  void Release(int32_t handle) { EXPECT_EQ(reprise_release(context_, handle), 0) << result(); }

  // The story model, loaded.
  int32_t StoryModel(std::string_view options = R"({"backend": "cpu"})") {
    const std::string folder = FixturePath("models/stories-260k");
    const int32_t model = Model(ReadTestFile(folder + "/config.json"), options);
    EXPECT_GT(model, 0) << result();
    EXPECT_EQ(Push(model, ReadTestFile(folder + "/model.safetensors"), 100'003), 0) << result();
    EXPECT_EQ(reprise_model_finish(context_, model), 0) << result();
    return model;
  }
  int32_t StoryTokenizer() {
    const int32_t tokenizer =
        Tokenizer(ReadTestFile(FixturePath("models/stories-260k/tokenizer.json")));
    EXPECT_GT(tokenizer, 0) << result();
    return tokenizer;
  }

  void ExpectEmpty() {
    EXPECT_EQ(reprise_info(context_), 0);
    const JsonValue info = json();
    EXPECT_EQ(info.Find("handles")->integer(), 0);
    EXPECT_EQ(info.Find("storages")->integer(), 0);
    EXPECT_EQ(info.Find("memory")->Find("usedBytes")->integer(), 0);
  }

 private:
  reprise_context* context_;
};

}  // namespace reprise
