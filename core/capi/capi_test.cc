// What the C interface promises where all goes well, its order of calls, and its counts.
#include <gtest/gtest.h>

#include <cfenv>
#include <cmath>

#include "base/thread_pool.h"
#include "tests/support/test_context.h"

extern "C" int ReprisePlainCCanUseIt(void);

namespace reprise {
namespace {

using Ids = std::vector<int32_t>;

const Ids kPrompt = {1, 403, 407, 261, 378};  // "Once upon a time"

std::string Greedy(int max_tokens) {
  return R"({"seed": 42, "temperature": 0, "maxTokens": )" + std::to_string(max_tokens) + "}";
}

TEST(Capi, PlainCCanUseIt) { EXPECT_EQ(ReprisePlainCCanUseIt(), 1); }

TEST(Capi, OpenRefusesWhatItCannotBe) {
  const auto error = [](int32_t threads, const char* simd, double limit) {
    EXPECT_EQ(reprise_open(threads, simd, limit), nullptr);
    const auto json = ParseJson(reprise_open_error(), "error");
    EXPECT_TRUE(json);
    return std::string(json->Find("code")->string());
  };
  EXPECT_EQ(error(0, "", 0), "invalid_argument");
  EXPECT_EQ(error(65, "", 0), "invalid_argument");
  EXPECT_EQ(error(1, "abacus", 0), "device_unavailable");
  EXPECT_EQ(error(1, "", -1), "invalid_argument");
  EXPECT_EQ(error(1, "", std::nan("")), "invalid_argument");
  if (!ThreadPool::HasThreads()) {
    EXPECT_EQ(error(2, "", 0), "device_unavailable");
  }
}

TEST(Capi, InfoTellsWhatRuns) {
  TestContext context(1e6);
  ASSERT_EQ(reprise_info(context.get()), 0);
  const JsonValue info = context.json();
  EXPECT_EQ(info.Find("numericsVersion")->integer(), 1);
  EXPECT_EQ(info.Find("threads")->integer(), 1);
  EXPECT_EQ(info.Find("hasThreads")->boolean(), ThreadPool::HasThreads());
  EXPECT_EQ(info.Find("memory")->Find("limitBytes")->integer(), 1'000'000);
  const auto levels = info.Find("simdLevels")->array();
  ASSERT_FALSE(levels.empty());
  // The widest, but for AVX-512, which may be the slower one.
  const std::string_view simd = info.Find("simd")->string(), widest = levels.back().string();
  EXPECT_TRUE(simd == widest || (widest == "avx512" && simd == "avx2")) << simd;
  for (const JsonValue& level : levels) {
    reprise_context* forced = reprise_open(1, std::string(level.string()).c_str(), 0);
    ASSERT_NE(forced, nullptr);
    reprise_close(forced);
  }
}

TEST(Capi, GeneratesScoresAndComputesLogits) {
  TestContext context;
  const int32_t model = context.StoryModel();
  const int32_t tokenizer = context.StoryTokenizer();
  const int32_t job = context.Generate(
      model, tokenizer, kPrompt,
      R"({"seed": 1, "temperature": 0, "maxTokens": 10, "logprobs": 2, "stopIds": []})");
  ASSERT_GT(job, 0) << context.result();
  ASSERT_EQ(reprise_job_result(context.get(), job), 0);
  EXPECT_EQ(context.result(), R"({"text":"","tokens":[],"finishReason":"aborted","logprobs":[]})");
  const std::vector<JsonValue> events = context.Drive(job);
  ASSERT_EQ(events.size(), 11u);
  EXPECT_EQ(events[0].Find("type")->string(), "prefill");
  EXPECT_EQ(events[0].Find("done")->integer(), 5);
  EXPECT_EQ(events[0].Find("total")->integer(), 5);
  std::string streamed;
  for (size_t i = 1; i < events.size(); ++i) streamed += events[i].Find("text")->string();
  ASSERT_EQ(reprise_job_result(context.get(), job), 0);
  const JsonValue result = context.json();
  EXPECT_EQ(result.Find("text")->string(), streamed);
  EXPECT_EQ(streamed, ", there was a little girl named Lily");
  EXPECT_EQ(result.Find("finishReason")->string(), "max_tokens");
  ASSERT_EQ(result.Find("logprobs")->array().size(), 10u);
  EXPECT_EQ(result.Find("logprobs")->array()[3].Find("top")->array().size(), 2u);
  EXPECT_EQ(reprise_job_step(context.get(), job, 1), REPRISE_DONE);
  EXPECT_EQ(reprise_job_values(context.get(), job), 0);
  context.Release(job);

  Ids ids = kPrompt;
  for (const JsonValue& id : result.Find("tokens")->array()) {
    ids.push_back(static_cast<int32_t>(id.integer()));
  }
  const int32_t score = context.Score(model, ids);
  ASSERT_GT(score, 0) << context.result();
  EXPECT_EQ(context.Drive(score).back().Find("type")->string(), "score");
  ASSERT_EQ(reprise_job_values(context.get(), score), 14);
  const std::vector<float> logprobs = context.floats();
  for (size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(static_cast<double>(logprobs[4 + i]),
              result.Find("logprobs")->array()[i].Find("logprob")->number());
  }
  ASSERT_EQ(reprise_job_result(context.get(), score), 0);
  EXPECT_GT(context.json().Find("loss")->number(), 0);
  context.Release(score);

  const int32_t forward = context.Forward(model, ids, true);
  EXPECT_EQ(context.Drive(forward).back().Find("done")->integer(), 15);
  EXPECT_EQ(reprise_job_values(context.get(), forward), 512);
  ASSERT_EQ(reprise_job_result(context.get(), forward), 0);
  EXPECT_EQ(context.result(), R"({"shape":[1,512]})");
  context.Release(forward);
  context.Release(model);
  context.Release(tokenizer);
}

TEST(Capi, EveryBackendOfTheHostGivesTheSameIds) {
  TestContext context;
  std::string first;
  for (const std::string_view backend : {"cpu", "reference"}) {
    const int32_t model = context.StoryModel(R"({"backend": ")" + std::string(backend) +
                                             R"(", "contextLength": 64})");
    const int32_t job = context.Generate(model, 0, kPrompt, R"({"seed": 5, "maxTokens": 30})");
    ASSERT_GT(job, 0) << context.result();
    context.Drive(job);
    ASSERT_EQ(reprise_job_result(context.get(), job), 0);
    if (first.empty()) first = context.result();
    EXPECT_EQ(context.result(), first);
    context.Release(job);
    context.Release(model);
  }
}

TEST(Capi, StopIdsComeFromTheConfigsUnlessGiven) {
  TestContext context;
  const int32_t model = context.StoryModel();
  const auto configure = [&](std::string_view json) {
    return reprise_model_generation_config(context.get(), model, json.data(), json.size(),
                                           "generation_config.json", 22);
  };
  EXPECT_EQ(configure("{}"), 0);
  EXPECT_EQ(context.result(), R"({"stopIds":[2]})");
  EXPECT_EQ(configure(R"({"eos_token_id": [7, 432]})"), 0);
  EXPECT_EQ(context.result(), R"({"stopIds":[7,432]})");
  context.ExpectError(configure(R"({"eos_token_id": 512})"), "invalid_config");
  EXPECT_EQ(context.Field("path"), "$.eos_token_id");
  const int32_t job = context.Generate(model, 0, kPrompt, Greedy(50));
  context.Drive(job);
  ASSERT_EQ(reprise_job_result(context.get(), job), 0);
  EXPECT_EQ(context.result(), R"({"text":"","tokens":[432],"finishReason":"stop_id"})");
  context.Release(job);
  context.Release(model);
}

TEST(Capi, OneJobOnAModelAtATimeAndModelsOutliveTheirJobs) {
  TestContext context;
  const int32_t model = context.StoryModel();
  const int32_t other = context.StoryModel();
  const int32_t job = context.Generate(model, 0, kPrompt, Greedy(50));
  ASSERT_GT(job, 0);
  context.ExpectError(context.Generate(model, 0, kPrompt, Greedy(50)), "busy");
  context.ExpectError(context.Score(model, kPrompt), "busy");
  context.ExpectError(reprise_release(context.get(), model), "busy");
  // Jobs of two models interleave.
  const int32_t second = context.Generate(other, 0, kPrompt, Greedy(50));
  ASSERT_GT(second, 0);
  for (int i = 0; i < 20; ++i) {
    EXPECT_GE(reprise_job_step(context.get(), job, 10), 0);
    EXPECT_GE(reprise_job_step(context.get(), second, 10), 0);
  }
  context.Drive(job);
  context.Drive(second);
  std::string results[2];
  ASSERT_EQ(reprise_job_result(context.get(), job), 0);
  results[0] = context.result();
  ASSERT_EQ(reprise_job_result(context.get(), second), 0);
  EXPECT_EQ(context.result(), results[0]);
  context.Release(job);
  context.Release(second);
  context.Release(model);
  context.Release(other);
}

TEST(Capi, ReleasedHandlesStayDisposed) {
  TestContext context;
  const int32_t tokenizer = context.StoryTokenizer();
  context.Release(tokenizer);
  context.ExpectError(reprise_release(context.get(), tokenizer), "disposed");
  const int32_t again = context.StoryTokenizer();
  EXPECT_NE(again, tokenizer);
  context.ExpectError(reprise_tokenizer_encode(context.get(), tokenizer, "a", 1, 0), "disposed");
  context.ExpectError(reprise_decode_stream_create(context.get(), tokenizer, 0), "disposed");
  context.ExpectError(reprise_job_step(context.get(), tokenizer, 1), "disposed");
  context.ExpectError(context.Score(tokenizer, kPrompt), "disposed");
  for (const int32_t never : {0, -1, INT32_MAX, INT32_MIN}) {
    context.ExpectError(reprise_release(context.get(), never), "disposed");
    context.ExpectError(reprise_model_finish(context.get(), never), "disposed");
  }
  // A live handle of another kind.
  context.ExpectError(context.Score(again, kPrompt), "invalid_argument");
  EXPECT_EQ(context.Field("found"), "tokenizer");
  context.Release(again);
}

TEST(Capi, CloseEndsEverythingWhateverRuns) {
  reprise_context* context = reprise_open(1, "", 0);
  ASSERT_NE(context, nullptr);
  const std::string config = ReadTestFile(FixturePath("models/stories-260k/config.json"));
  const std::string options = R"({"backend": "cpu"})";
  EXPECT_GT(reprise_model_create(context, config.data(), config.size(), "config.json", 11,
                                 options.data(), options.size()),
            0);
  reprise_close(context);
  reprise_close(nullptr);
}

TEST(Capi, ModelsArePreparedInStepsBeforeTheirFiles) {
  const std::string config = ReadTestFile(FixturePath("models/stories-260k/config.json"));
  const std::string weights = ReadTestFile(FixturePath("models/stories-260k/model.safetensors"));
  TestContext context;
  const int32_t model = context.CreateModel(config);
  ASSERT_GT(model, 0);
  context.ExpectError(context.Push(model, weights), "invalid_argument");
  context.ExpectError(reprise_model_prepare(context.get(), model, 0), "invalid_argument");
  int steps = 1;
  while (reprise_model_prepare(context.get(), model, 1) == 1) ++steps;
  // The table of rotary positions alone, 512 positions of 8 values, costs 16 units.
  EXPECT_GT(steps, 16);
  context.ExpectError(reprise_model_prepare(context.get(), model, 1), "invalid_argument");
  ASSERT_EQ(context.Push(model, weights), 0) << context.result();
  ASSERT_EQ(reprise_model_finish(context.get(), model), 0);

  const int32_t other = context.StoryModel();
  const auto logits = [&](int32_t handle) {
    const int32_t job = context.Forward(handle, Ids(300, 9));
    context.Drive(job);
    EXPECT_EQ(reprise_job_values(context.get(), job), 300 * 512);
    const std::vector<float> values = context.floats();
    context.Release(job);
    return values;
  };
  EXPECT_EQ(logits(model), logits(other));
  context.Release(model);
  context.Release(other);

  // Left half-way.
  const int32_t left = context.CreateModel(config);
  EXPECT_EQ(reprise_model_prepare(context.get(), left, 1), 1);
  context.Release(left);
}

TEST(Capi, AbortsLeaveNothing) {
  TestContext context;
  const std::string config = ReadTestFile(FixturePath("models/stories-260k/config.json"));
  const std::string weights = ReadTestFile(FixturePath("models/stories-260k/model.safetensors"));
  // In the middle of loading.
  for (const double share : {0.0, 0.001, 0.4, 0.99}) {
    const int32_t model = context.Model(config);
    ASSERT_EQ(
        reprise_model_begin_file(context.get(), model, "m", 1, static_cast<double>(weights.size())),
        0);
    const auto size = static_cast<size_t>(share * static_cast<double>(weights.size()));
    ASSERT_EQ(reprise_model_push(context.get(), model,
                                 reinterpret_cast<const uint8_t*>(weights.data()), size),
              0);
    context.Release(model);
    context.ExpectEmpty();
  }
  // In the middle of prefill and of decoding.
  const Ids prompt(200, 9);
  for (const int steps : {0, 1, 3, 10, 100, 300}) {
    const int32_t model = context.StoryModel();
    const int32_t job = context.Generate(model, 0, prompt, Greedy(100));
    for (int i = 0; i < steps; ++i) ASSERT_GE(reprise_job_step(context.get(), job, 20), 0);
    context.Release(job);
    context.ExpectError(reprise_job_step(context.get(), job, 20), "disposed");
    context.Release(model);
    context.ExpectEmpty();
  }
}

#if defined(FE_TOWARDZERO) && !defined(__EMSCRIPTEN__)
TEST(Capi, CallsComputeInTheirOwnFloatEnvironment) {
  const auto logits = [] {
    TestContext context;
    const int32_t model = context.StoryModel();
    const int32_t job = context.Forward(model, kPrompt);
    context.Drive(job);
    EXPECT_GT(reprise_job_values(context.get(), job), 0);
    const std::string bytes = context.result();
    context.Release(job);
    context.Release(model);
    return bytes;
  };
  const std::string expected = logits();
  ASSERT_EQ(std::fesetround(FE_TOWARDZERO), 0);
  const std::string found = logits();
  EXPECT_EQ(std::fegetround(), FE_TOWARDZERO);
  std::fesetround(FE_TONEAREST);
  EXPECT_EQ(found, expected);
}
#endif

}  // namespace
}  // namespace reprise
