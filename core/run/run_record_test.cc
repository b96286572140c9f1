// Records: what is written is read again to the bit, what is wrong is refused with its place.
#include "run/run_record.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>

namespace reprise {
namespace {

const std::string kHash(64, 'a');

RunRecord Sample() {
  RunRecord record;
  record.numerics_version = 1;
  record.inputs = {.model = "stories",
                   .config = kHash,
                   .weights = kHash,
                   .tokenizer = {},
                   .verification = "unverified"};
  record.host = {.backend = "cpu",
                 .threads = 2,
                 .runtime = "1.2.3",
                 .capabilities = R"({"simd":true})",
                 .timings = R"({"decodeMs":1.5})"};
  record.options.seed = (int64_t{1} << 53) - 1;
  record.options.sampling = {.temperature = 0.1,
                             .top_k = 5,
                             .top_p = 0.95,
                             .min_p = 0.05,
                             .repetition_penalty = 1.1,
                             .frequency_penalty = -0.5,
                             .presence_penalty = 2,
                             .logit_bias = {{7, -1.25}}};
  record.options.max_tokens = 3;
  record.options.stop_texts = {"é\n"};
  record.options.stop_ids = {2};
  record.context_tokens = 64;
  record.sample_position = 2;
  record.prompt_ids = {1, 403};
  record.output_ids = {9, 2};
  record.logprobs = {-0.1f, -1.17549435e-38f};
  record.finish_reason = FinishReason::kStopId;
  record.run_id = RunId(record);
  return record;
}

TEST(RunRecord, IsReadAsItWasWritten) {
  const RunRecord record = Sample();
  const auto text = WriteRecord(record);
  ASSERT_TRUE(text) << text.error().message;
  const auto read = ParseRecord(*text, "record.json");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*WriteRecord(*read), *text);
  EXPECT_EQ(RunId(*read), record.run_id);
  EXPECT_EQ(read->options.sampling.logit_bias, record.options.sampling.logit_bias);
  for (size_t i = 0; i < record.logprobs.size(); ++i) {
    EXPECT_EQ(std::bit_cast<uint32_t>(read->logprobs[i]),
              std::bit_cast<uint32_t>(record.logprobs[i]));
  }
}

TEST(RunRecord, WhatIsNotVerifiedIsNamed) {
  RunRecord record = Sample();
  record.inputs.verification = "partly_verified";
  EXPECT_EQ(*WriteRecord(record).error().Text("path"), "$.inputs.notVerified");
  record.inputs.not_verified = {"weights"};
  const auto read = ParseRecord(*WriteRecord(record), "r");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->inputs.verification, "partly_verified");
  EXPECT_EQ(read->inputs.not_verified, record.inputs.not_verified);
  EXPECT_EQ(RunId(*read), Sample().run_id);
  record.inputs.verification = "verified";
  EXPECT_EQ(*WriteRecord(record).error().Text("path"), "$.inputs.notVerified");
}

TEST(RunRecord, TheRunIdIsOfWhatDecidesAboutTheResultAlone) {
  const std::string id = Sample().run_id;
  const auto with = [](auto change) {
    RunRecord record = Sample();
    change(record);
    return RunId(record);
  };
  EXPECT_NE(id, with([](RunRecord& r) { r.options.seed = 0; }));
  EXPECT_NE(id, with([](RunRecord& r) { r.options.sampling.temperature = 0.2; }));
  EXPECT_NE(id, with([](RunRecord& r) { r.options.max_tokens.reset(); }));
  EXPECT_NE(id, with([](RunRecord& r) { r.options.stop_ids.clear(); }));
  EXPECT_NE(id, with([](RunRecord& r) { r.prompt_ids[0] = 2; }));
  EXPECT_NE(id, with([](RunRecord& r) { r.context_tokens = 65; }));
  EXPECT_NE(id, with([](RunRecord& r) { r.numerics_version = 2; }));
  EXPECT_NE(id, with([](RunRecord& r) { r.inputs.weights.reset(); }));
  EXPECT_NE(id, with([](RunRecord& r) { r.inputs.tokenizer = kHash; }));
  EXPECT_EQ(id, with([](RunRecord& r) { r.host.backend = "webgpu"; }));
  EXPECT_EQ(id, with([](RunRecord& r) { r.host.threads = 8; }));
  EXPECT_EQ(id, with([](RunRecord& r) { r.inputs.model.reset(); }));
  EXPECT_EQ(id, with([](RunRecord& r) { r.output_ids[0] = 1; }));
}

// The id of version 1 must never change: records of it are replayed for ever.
TEST(RunRecord, TheRunIdIsTheOneOfEarlierReleases) {
  EXPECT_EQ(Sample().run_id, "8c527e262175a25b846ffaed3c75e5d9209ca074fb42dfa106bb7ef60cf7006c");
}

TEST(RunRecord, HostileTextsAreRefusedWithThePath) {
  const std::string text = *WriteRecord(Sample());
  const auto replaced = [&](std::string_view from, std::string_view to) {
    std::string changed = text;
    EXPECT_NE(changed.find(from), std::string::npos) << from;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  const std::pair<std::string, std::string_view> refusals[] = {
      {replaced("\"model\":\"stories\"", "\"model\":\"../stories\""), "$.inputs.model"},
      {replaced("\"model\":\"stories\"", "\"model\":\"https://example.org/m\""), "$.inputs.model"},
      {replaced("\"inputs\":{", "\"inputs\":{\"url\":\"https://example.org\","), "$.inputs.url"},
      {replaced("\"seed\":9007199254740991", "\"seed\":9007199254740992"), "$.seed"},
      {replaced("\"seed\":9007199254740991", "\"seed\":\"1\""), "$.seed"},
      {replaced("\"temperature\":0.1", "\"temperature\":-1"), "$.settings.temperature"},
      {replaced("\"outputIds\":[9,2]", "\"outputIds\":[9,-2]"), "$.outputIds[1]"},
      {replaced("\"outputIds\":[9,2]", "\"outputIds\":[9]"), "$.logprobs"},
      {replaced("\"outputIds\":[9,2]", "\"outputIds\":[9,2147483648]"), "$.outputIds[1]"},
      {replaced("\"sample\":2", "\"sample\":3"), "$.positions.sample"},
      {replaced("\"promptIds\":[1,403]", "\"promptIds\":[]"), "$.promptIds"},
      {replaced("\"logprobs\":[-0.1", "\"logprobs\":[-0.2"), "$.logprobs[0]"},
      {replaced("\"kind\":\"generate\"", "\"kind\":\"train\""), "$.kind"},
      {replaced("\"threads\":2", "\"threads\":1e9"), "$.threads"},
      {replaced("\"7\":-1.25", "\"07\":-1.25"), "$.settings.logitBias.07"},
      {replaced("\"stop_id\"", "\"stopped\""), "$.finishReason"},
  };
  for (const auto& [json, path] : refusals) {
    const auto read = ParseRecord(json, "r");
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidConfig) << read.error().message;
    EXPECT_EQ(*read.error().Text("path"), path) << read.error().message;
  }
  EXPECT_EQ(ParseRecord(text.substr(0, text.size() / 2), "r").error().code,
            ErrorCode::kInvalidJson);
  EXPECT_EQ(ParseRecord(replaced("\"version\":1", "\"version\":2"), "r").error().code,
            ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace reprise
