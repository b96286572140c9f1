// Replays of a real model's record: the same, and every way to differ.
#include "run/replay_job.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "backend/reference/reference_kernels.h"
#include "tests/support/test_models.h"

namespace reprise {
namespace {

template <typename J>
void RunToEnd(J& job, int64_t work_units = 50) {
  for (;;) {
    const auto state = job.Step(work_units);
    ASSERT_TRUE(state) << state.error().message;
    if (*state == JobState::kDone) return;
  }
}

class ReplayTest : public testing::Test {
 protected:
  const std::string folder_ = FixturePath("models/stories-260k");
  TestModel model_{folder_, 512};
  std::shared_ptr<const Tokenizer> tokenizer_ = LoadTestTokenizer(folder_);
  RunInputs inputs_{.model = "stories-260k",
                    .config = std::string(64, 'a'),
                    .weights = std::string(64, 'b'),
                    .tokenizer = tokenizer_->hash(),
                    .verification = "unverified"};
  RunHost host_{
      .backend = "cpu", .threads = 1, .runtime = "1", .capabilities = "{}", .timings = "{}"};

  // A sampled story of 40 tokens, stopped after `steps` of the job where that is not negative.
  RunRecord Record(int steps = -1) {
    GenerateOptions options;
    options.seed = 42;
    options.sampling.temperature = 0.9;
    options.sampling.repetition_penalty = 1.2;
    options.max_tokens = 40;
    options.records = true;
    const auto ids = tokenizer_->Encode("Once upon a time", true).value();
    auto job = GenerateJob::Create(model_.lm(), tokenizer_, {ids.begin(), ids.end()}, options);
    EXPECT_TRUE(job);
    if (steps < 0) RunToEnd(**job);
    for (; steps > 0; --steps) EXPECT_TRUE((*job)->Step(1'000'000));
    return RecordGeneration(**job, inputs_, host_);
  }

  ReplayResult Replay(const RunRecord& record, CausalLm* lm = nullptr,
                      OtherInputs others = OtherInputs::kRefused) {
    auto job = ReplayJob::Create(lm ? lm : model_.lm(), tokenizer_, record, inputs_, host_, others);
    EXPECT_TRUE(job) << job.error().message;
    RunToEnd(**job);
    EXPECT_EQ((*job)->progress().done, (*job)->progress().total);
    return (*job)->result();
  }
};

TEST_F(ReplayTest, TheSameComesOut) {
  const RunRecord record = Record();
  ASSERT_EQ(record.output_ids.size(), 40u);
  ASSERT_EQ(record.logprobs.size(), 40u);
  EXPECT_EQ(record.sample_position, 40);
  const ReplayResult result = Replay(record);
  EXPECT_TRUE(result.is_identical);
  EXPECT_EQ(result.compared, 40);
  EXPECT_EQ(result.max_drift, 0);
  EXPECT_EQ(*WriteRecord(result.record), *WriteRecord(record));
}

TEST_F(ReplayTest, TheSameComesOutOnOtherKernels) {
  TestModel reference(folder_, 512, ReferenceKernels());
  const RunRecord record = Record();
  host_.backend = "reference";
  EXPECT_TRUE(Replay(record, reference.lm()).is_identical);
}

TEST_F(ReplayTest, WhatWasAbortedIsMadeAsFarAsItCame) {
  for (const int steps : {0, 2, 9}) {
    const RunRecord record = Record(steps);
    EXPECT_EQ(record.finish_reason, FinishReason::kAborted);
    EXPECT_LT(record.output_ids.size(), 10u);
    const ReplayResult result = Replay(record);
    EXPECT_TRUE(result.is_identical) << steps;
    EXPECT_EQ(result.compared, static_cast<int64_t>(record.output_ids.size()));
    EXPECT_EQ(*WriteRecord(result.record), *WriteRecord(record));
  }
}

TEST_F(ReplayTest, AChangedOutputIdIsFound) {
  RunRecord record = Record();
  const int32_t right = record.output_ids[17];
  for (const int32_t wrong : {right + 1, 1'000'000}) {
    record.output_ids[17] = wrong;
    const ReplayResult result = Replay(record);
    EXPECT_FALSE(result.is_identical);
    ASSERT_TRUE(result.first_difference);
    EXPECT_EQ(result.first_difference->at, 17);
    EXPECT_EQ(result.first_difference->recorded, wrong);
    EXPECT_EQ(result.first_difference->found, right);
    ASSERT_EQ(result.reasons.size(), 1u);
    EXPECT_EQ(result.reasons[0].kind, ReplayReasonKind::kUnknown);
    // Of an id that the model has the distance is told; the tokens before it are the same.
    EXPECT_EQ(result.max_drift > 0, wrong != 1'000'000);
  }
}

TEST_F(ReplayTest, MissingAndAdditionalOutputIdsAreFound) {
  RunRecord record = Record();
  record.output_ids.pop_back();
  record.logprobs.pop_back();
  ReplayResult result = Replay(record);
  EXPECT_FALSE(result.is_identical);
  EXPECT_EQ(result.first_difference->at, 39);
  EXPECT_EQ(result.first_difference->recorded, -1);
  record = Record();
  record.output_ids.push_back(5);
  record.logprobs.push_back(-1);
  result = Replay(record);
  EXPECT_FALSE(result.is_identical);
  EXPECT_EQ(result.first_difference->at, 40);
  EXPECT_EQ(result.first_difference->found, -1);
}

TEST_F(ReplayTest, AChangedLogprobIsFound) {
  RunRecord record = Record();
  record.logprobs[3] -= 0.25f;
  const ReplayResult result = Replay(record);
  EXPECT_FALSE(result.is_identical);
  EXPECT_FALSE(result.first_difference);
  EXPECT_NEAR(result.max_drift, 0.25, 1e-6);
  EXPECT_NEAR(result.mean_drift, 0.25 / 40, 1e-6);
}

TEST_F(ReplayTest, ChangedSettingsAreTold) {
  const std::function<void(RunRecord&)> changes[] = {
      [](RunRecord& record) { record.options.seed = 43; },
      [](RunRecord& record) { record.options.sampling.temperature = 1.5; },
      [](RunRecord& record) { record.options.max_tokens = 41; },
      [](RunRecord& record) { record.prompt_ids.push_back(5); },
      // Nothing comes of it, and still it was not what ran.
      [](RunRecord& record) { record.options.stop_ids = {511}; },
  };
  for (const auto& change : changes) {
    RunRecord record = Record();
    change(record);
    const ReplayResult result = Replay(record);
    EXPECT_FALSE(result.is_identical);
    ASSERT_FALSE(result.reasons.empty());
    EXPECT_EQ(result.reasons[0].kind, ReplayReasonKind::kSettings);
  }
}

TEST_F(ReplayTest, NoRunThatMadeAllItsTokensWasAborted) {
  RunRecord record = Record();
  record.options.max_tokens = static_cast<int64_t>(record.output_ids.size());
  record.finish_reason = FinishReason::kAborted;
  record.run_id = RunId(record);
  const ReplayResult result = Replay(record);
  EXPECT_FALSE(result.is_identical);
  ASSERT_FALSE(result.reasons.empty());
  EXPECT_EQ(result.reasons[0].kind, ReplayReasonKind::kSettings);
}

TEST_F(ReplayTest, OtherInputsAreRefusedOrTold) {
  const RunRecord record = Record();
  inputs_.weights = std::string(64, 'c');
  const auto refused =
      ReplayJob::Create(model_.lm(), tokenizer_, record, inputs_, host_, OtherInputs::kRefused);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kHashMismatch);
  EXPECT_EQ(*refused.error().Text("argument"), "weights");
  EXPECT_EQ(*refused.error().Text("expected"), std::string(64, 'b'));
  EXPECT_EQ(*refused.error().Text("found"), std::string(64, 'c'));
  // Weights of another hash that give the same tokens and logprobs: nothing differs, and it is
  // told.
  const ReplayResult same = Replay(record, nullptr, OtherInputs::kTold);
  EXPECT_TRUE(same.is_identical);
  ASSERT_EQ(same.reasons.size(), 1u);
  EXPECT_EQ(same.reasons[0].kind, ReplayReasonKind::kWeights);
  // Weights that were not hashed cannot be others.
  RunRecord unhashed = record;
  unhashed.inputs.weights.reset();
  unhashed.run_id = RunId(unhashed);
  const ReplayResult unknown = Replay(unhashed);
  EXPECT_TRUE(unknown.is_identical);
  ASSERT_EQ(unknown.reasons.size(), 1u);
  EXPECT_EQ(unknown.reasons[0].text,
            "the recorded run's weights were not hashed, so that they were not compared");
  RunRecord other = record;
  other.output_ids[0] += 1;
  const ReplayResult result = Replay(other, nullptr, OtherInputs::kTold);
  ASSERT_EQ(result.reasons.size(), 1u);
  EXPECT_EQ(result.reasons[0].kind, ReplayReasonKind::kWeights);
}

TEST_F(ReplayTest, NumericsAndBackendsAreReasons) {
  RunRecord record = Record();
  record.numerics_version = 99;
  record.host.backend = "webgpu";
  record.run_id = RunId(record);
  EXPECT_TRUE(Replay(record).is_identical);
  record.logprobs[0] -= 1e-5f;
  const ReplayResult result = Replay(record);
  ASSERT_EQ(result.reasons.size(), 2u);
  EXPECT_EQ(result.reasons[0].kind, ReplayReasonKind::kNumericsVersion);
  EXPECT_EQ(result.reasons[1].kind, ReplayReasonKind::kBackend);
  EXPECT_EQ(result.is_within_tolerance, true);
  record.logprobs[0] -= 1;
  EXPECT_EQ(Replay(record).is_within_tolerance, false);
  // Nothing is said of tokens that the model has not.
  record.output_ids[0] = 1'000'000;
  EXPECT_FALSE(Replay(record).is_within_tolerance);
  // Two devices of WebGPU are only close, too.
  record = Record();
  record.host.backend = host_.backend = "webgpu";
  record.logprobs[0] -= 1e-5f;
  const ReplayResult devices = Replay(record);
  EXPECT_EQ(devices.is_within_tolerance, true);
  ASSERT_EQ(devices.reasons.size(), 1u);
  EXPECT_EQ(devices.reasons[0].kind, ReplayReasonKind::kBackend);
}

TEST_F(ReplayTest, OtherPrecisionsAreReasons) {
  const std::string text = *WriteRecord(Record());
  std::string rounded = text;
  const std::string from = "\"linear\":{\"compute\":\"f32\",\"how\":\"native\"";
  ASSERT_NE(rounded.find(from), std::string::npos);
  rounded.replace(rounded.find(from), from.size(),
                  "\"linear\":{\"compute\":\"f32\",\"how\":\"rounded\"");
  auto record = ParseRecord(rounded, "r");
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(*WriteRecord(*record), rounded);
  // The same came out all the same.
  const ReplayResult same = Replay(*record);
  EXPECT_TRUE(same.is_identical);
  EXPECT_EQ(*WriteRecord(same.record), text);
  ASSERT_EQ(same.reasons.size(), 1u);
  EXPECT_EQ(same.reasons[0].kind, ReplayReasonKind::kPrecision);
  EXPECT_NE(same.reasons[0].text.find("rounded"), std::string::npos);
  record->logprobs[3] -= 0.25f;
  const ReplayResult other = Replay(*record);
  EXPECT_FALSE(other.is_identical);
  ASSERT_EQ(other.reasons.size(), 1u);
  EXPECT_EQ(other.reasons[0].kind, ReplayReasonKind::kPrecision);
}

TEST_F(ReplayTest, TheContextIsTheRecordedOne) {
  RunRecord record = Record();
  record.context_tokens = 256;
  const auto job =
      ReplayJob::Create(model_.lm(), tokenizer_, record, inputs_, host_, OtherInputs::kRefused);
  ASSERT_FALSE(job);
  EXPECT_EQ(*job.error().Text("argument"), "contextLength");
}

}  // namespace
}  // namespace reprise
