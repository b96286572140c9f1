// Generation against other programs' continuations, its endings, and its agreement with scoring.
#include "generate/generate_job.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "backend/reference/reference_kernels.h"
#include "generate/forward_job.h"
#include "generate/score_job.h"
#include "tests/support/test_models.h"

namespace reprise {
namespace {

using Ids = std::vector<int32_t>;

struct Generated {
  GenerateResult result;
  std::string streamed;          // the events' texts
  Ids ids;                       // the events' ids
  std::vector<int64_t> prefill;  // tokens done, by event
};

// A run in steps of `work_units`, which must not matter.
Generated Generate(CausalLm* lm, std::shared_ptr<const Tokenizer> tokenizer, const Ids& prompt,
                   GenerateOptions options, int64_t work_units = 50) {
  auto job = GenerateJob::Create(lm, std::move(tokenizer), prompt, std::move(options));
  EXPECT_TRUE(job) << job.error().message;
  Generated run;
  for (;;) {
    const auto state = (*job)->Step(work_units);
    EXPECT_TRUE(state) << state.error().message;
    if (!state || *state == JobState::kDone) break;
    if (*state != JobState::kEvent) continue;
    if (const auto* progress = std::get_if<JobProgress>(&(*job)->event())) {
      run.prefill.push_back(progress->done);
      EXPECT_EQ(progress->total, static_cast<int64_t>(prompt.size()));
    } else {
      const auto& token = std::get<TokenEvent>((*job)->event());
      run.ids.push_back(token.id);
      run.streamed += token.text;
    }
  }
  run.result = (*job)->result();
  EXPECT_EQ(run.ids, run.result.tokens);
  EXPECT_EQ(run.streamed, run.result.text);
  return run;
}

GenerateOptions Greedy(int64_t max_tokens) {
  GenerateOptions options;
  options.sampling.temperature = 0;
  options.max_tokens = max_tokens;
  return options;
}

template <typename J>
void RunToEnd(J& job) {
  for (;;) {
    const auto state = job.Step(20);
    ASSERT_TRUE(state) << state.error().message;
    if (*state == JobState::kDone) return;
  }
}

class StoryModelTest : public testing::Test {
 protected:
  const std::string folder_ = FixturePath("models/stories-260k");
  TestModel model_{folder_, 512};
  std::shared_ptr<const Tokenizer> tokenizer_ = LoadTestTokenizer(folder_);
  Ids Encode(std::string_view text) {
    const auto ids = tokenizer_->Encode(text, true).value();
    return Ids(ids.begin(), ids.end());
  }
};

TEST_F(StoryModelTest, TellsItsStory) {
  const Generated run = Generate(model_.lm(), tokenizer_, Encode("Once upon a time"), Greedy(30));
  EXPECT_EQ(
      run.result.text,
      ", there was a little girl named Lily. She loved to play outside in the park. One day,");
  EXPECT_EQ(run.result.finish_reason, FinishReason::kMaxTokens);
  EXPECT_EQ(run.prefill, (std::vector<int64_t>{5}));
}

TEST_F(StoryModelTest, GreedyEqualsTransformers) {
  const std::string folder = ReferencePath("stories260K");
  if (folder.empty()) return;
  const auto reference = ParseJson(ReadTestFile(folder + "/reference.json"), "reference.json");
  ASSERT_TRUE(reference);
  for (const JsonValue& test : reference->Find("cases")->array()) {
    const Ids prompt = Encode(test.Find("prompt")->string());
    EXPECT_EQ(prompt, IdsFromJson(*test.Find("ids")));
    const Ids greedy = IdsFromJson(*test.Find("greedy"));
    GenerateOptions options = Greedy(static_cast<int64_t>(greedy.size()));
    const Generated run = Generate(model_.lm(), tokenizer_, prompt, options);
    EXPECT_EQ(run.result.tokens, greedy);
    EXPECT_EQ(std::string(test.Find("prompt")->string()) + run.result.text,
              test.Find("text")->string());
  }
}

// llama2.c prints ids and the text of 200 tokens, its begin token included.
TEST_F(StoryModelTest, GreedyEqualsLlama2c) {
  const std::string folder = ReferencePath("stories260K");
  if (folder.empty()) return;
  const std::string file = ReadTestFile(folder + "/greedy_200.txt");
  const auto head = ParseJson(file.substr(0, file.find('\n')), "greedy_200.txt");
  ASSERT_TRUE(head);
  const Ids ids = IdsFromJson(*head->Find("ids"));
  const Generated run =
      Generate(model_.lm(), tokenizer_, {ids[0]}, Greedy(static_cast<int64_t>(ids.size()) - 1));
  EXPECT_EQ(run.result.tokens, Ids(ids.begin() + 1, ids.end()));
  EXPECT_NE(file.find(run.result.text), std::string::npos);
}

class ReferenceModelGenerateTest : public testing::TestWithParam<const char*> {};

TEST_P(ReferenceModelGenerateTest, GreedyEqualsTransformers) {
  const std::string folder = ReferencePath(std::string("models/") + GetParam());
  if (folder.empty()) return;
  const auto reference = ParseJson(ReadTestFile(folder + "/reference.json"), "reference.json");
  ASSERT_TRUE(reference);
  TestModel model(folder, 128);
  for (const JsonValue& test : reference->Find("greedy")->array()) {
    const Ids tokens = IdsFromJson(*test.Find("tokens"));
    const Generated run = Generate(model.lm(), nullptr, IdsFromJson(*test.Find("prompt")),
                                   Greedy(static_cast<int64_t>(tokens.size())));
    EXPECT_EQ(run.result.tokens, tokens);
    EXPECT_EQ(run.result.text, "");
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ReferenceModelGenerateTest,
                         testing::Values("llama", "llama-tied-mha", "mistral", "gpt2"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_F(StoryModelTest, SeedsDecideAndNothingElse) {
  const Ids prompt = Encode("Once upon a time");
  GenerateOptions options;
  options.max_tokens = 40;
  options.seed = 42;
  const Generated first = Generate(model_.lm(), tokenizer_, prompt, options, 1);
  const Generated again = Generate(model_.lm(), tokenizer_, prompt, options, 100'000);
  EXPECT_EQ(first.result.tokens, again.result.tokens);
  EXPECT_EQ(first.result.text, again.result.text);
  TestModel reference(folder_, 512, ReferenceKernels());
  EXPECT_EQ(Generate(reference.lm(), tokenizer_, prompt, options).result.tokens,
            first.result.tokens);
  options.seed = 43;
  EXPECT_NE(Generate(model_.lm(), tokenizer_, prompt, options).result.tokens, first.result.tokens);
}

TEST_F(StoryModelTest, AStopIdEndsTheTokensAndIsNoText) {
  const Ids prompt = Encode("Once upon a time");
  const Generated whole = Generate(model_.lm(), tokenizer_, prompt, Greedy(12));
  GenerateOptions options = Greedy(50);
  options.stop_ids = {whole.result.tokens[7], 2};
  const Generated run = Generate(model_.lm(), tokenizer_, prompt, options);
  const auto first = std::ranges::find(whole.result.tokens, whole.result.tokens[7]);
  EXPECT_EQ(run.result.tokens, Ids(whole.result.tokens.begin(), first + 1));
  EXPECT_EQ(run.result.finish_reason, FinishReason::kStopId);
  Ids before = prompt;
  before.insert(before.end(), run.result.tokens.begin(), run.result.tokens.end() - 1);
  EXPECT_EQ("Once upon a time" + run.result.text, *tokenizer_->Decode(before, true));
}

TEST_F(StoryModelTest, AStopTextIsCutOutWhereverTokensEnd) {
  const Ids prompt = Encode("Once upon a time");
  GenerateOptions options = Greedy(100);
  // Neither begins or ends where a token does; the second is complete first.
  options.stop_texts = {"the park. On", "ved to pl"};
  const Generated run = Generate(model_.lm(), tokenizer_, prompt, options);
  EXPECT_EQ(run.result.text, ", there was a little girl named Lily. She lo");
  EXPECT_EQ(run.result.finish_reason, FinishReason::kStopText);
  // What is held back at the end comes with the last token.
  options.stop_texts = {"lived", "zzz"};
  options.max_tokens = 18;
  const Generated held = Generate(model_.lm(), tokenizer_, prompt, options);
  EXPECT_EQ(held.result.finish_reason, FinishReason::kMaxTokens);
  options.stop_texts.clear();
  EXPECT_EQ(held.result.text, Generate(model_.lm(), tokenizer_, prompt, options).result.text);
}

TEST_F(StoryModelTest, AResultBeforeTheEndHasTheTextOfItsTokensAndDisturbsNothing) {
  const Ids prompt = Encode("Once upon a time");
  GenerateOptions options = Greedy(25);
  const std::string stop = ", there was a little girl named Lily. She loved to swim";
  options.stop_texts = {stop};
  auto job = GenerateJob::Create(model_.lm(), tokenizer_, prompt, options);
  ASSERT_TRUE(job);
  std::string streamed;
  for (size_t tokens = 0; tokens < 25;) {
    const auto state = (*job)->Step(50);
    ASSERT_TRUE(state);
    if (*state != JobState::kEvent) continue;
    const auto* token = std::get_if<TokenEvent>(&(*job)->event());
    if (token == nullptr) continue;
    streamed += token->text;
    ++tokens;
    const GenerateResult partial = (*job)->result();
    EXPECT_EQ(partial.tokens.size(), tokens);
    Ids whole = prompt;
    whole.insert(whole.end(), partial.tokens.begin(), partial.tokens.end());
    EXPECT_EQ("Once upon a time" + partial.text, *tokenizer_->Decode(whole, true));
    if (tokens == 10) {
      EXPECT_EQ(streamed, "");
      EXPECT_EQ(partial.text, stop.substr(0, partial.text.size()));
    }
  }
  EXPECT_EQ((*job)->result().text, streamed);
  job->reset();
  options.stop_texts.clear();
  EXPECT_EQ(Generate(model_.lm(), tokenizer_, prompt, options).result.text, streamed);
}

TEST_F(StoryModelTest, EndsWithTheContext) {
  TestModel small(folder_, 20);
  const Ids prompt = Encode("Once upon a time");
  GenerateOptions options = Greedy(100);
  const Generated run = Generate(small.lm(), tokenizer_, prompt, options);
  EXPECT_EQ(run.result.tokens.size(), 20 - prompt.size());
  EXPECT_EQ(run.result.finish_reason, FinishReason::kContext);
  options.max_tokens.reset();
  EXPECT_EQ(Generate(small.lm(), tokenizer_, prompt, options).result.tokens, run.result.tokens);
  // A prompt that fills the context leaves nothing.
  const Generated full = Generate(small.lm(), tokenizer_, Ids(20, 5), options);
  EXPECT_TRUE(full.result.tokens.empty());
  EXPECT_EQ(full.result.finish_reason, FinishReason::kContext);
  EXPECT_EQ(GenerateJob::Create(small.lm(), tokenizer_, Ids(21, 5), options).error().code,
            ErrorCode::kContextOverflow);
}

TEST_F(StoryModelTest, GenerateScoreAndForwardAgreeBitForBit) {
  for (const KernelTable* kernels :
       {&ReferenceKernels(), &CpuKernels(AvailableSimdLevels().back())}) {
    TestModel model(folder_, 512, *kernels);
    // A prompt of more than one chunk.
    Ids ids(300);
    for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int32_t>(i * 37 % 500 + 3);
    GenerateOptions options;
    options.max_tokens = 20;
    options.logprobs = 3;
    const Generated run = Generate(model.lm(), nullptr, ids, options);
    EXPECT_EQ(run.prefill, (std::vector<int64_t>{256, 300}));
    Ids whole = ids;
    whole.insert(whole.end(), run.result.tokens.begin(), run.result.tokens.end());

    auto score = ScoreJob::Create(model.lm(), whole);
    ASSERT_TRUE(score);
    RunToEnd(**score);
    const std::vector<float> logprobs = (*score)->logprobs();
    ASSERT_EQ(logprobs.size(), whole.size() - 1);
    double sum = 0;
    for (const float logprob : logprobs) sum -= static_cast<double>(logprob);
    EXPECT_EQ((*score)->loss(), sum / static_cast<double>(logprobs.size()));
    score->reset();

    auto forward = ForwardJob::Create(model.lm(), whole, false, model.budget());
    ASSERT_TRUE(forward);
    RunToEnd(**forward);
    const std::span<const float> logits = (*forward)->logits();
    ASSERT_EQ(logits.size(), whole.size() * 512);
    for (size_t i = 0; i < run.result.logprobs.size(); ++i) {
      const size_t position = ids.size() + i - 1;
      const ChosenLogprob& made = run.result.logprobs[i];
      EXPECT_EQ(made.chosen.id, whole[position + 1]);
      EXPECT_EQ(made.chosen.logprob, logprobs[position]);
      const auto row = logits.subspan(position * 512, 512);
      const auto top = TopLogprobs(row, NormalizeLogits(row), 3);
      ASSERT_EQ(made.top.size(), 3u);
      for (size_t n = 0; n < 3; ++n) {
        EXPECT_EQ(made.top[n].id, top[n].id);
        EXPECT_EQ(made.top[n].logprob, top[n].logprob);
      }
    }
    const Ids prefix(whole.begin(), whole.begin() + 160);
    auto last = ForwardJob::Create(model.lm(), prefix, true, model.budget());
    ASSERT_TRUE(last);
    RunToEnd(**last);
    ASSERT_EQ((*last)->logits().size(), 512u);
    EXPECT_EQ(std::memcmp((*last)->logits().data(), logits.data() + 159 * 512, 512 * 4), 0);
  }
}

TEST_F(StoryModelTest, DroppedJobsLeaveTheModelAsItWas) {
  const Ids prompt = Encode("Once upon a time");
  const Generated before = Generate(model_.lm(), tokenizer_, prompt, Greedy(10));
  const int64_t storages = model_.lm()->backend().live_storages();
  const int64_t used = model_.budget()->used_bytes;
  for (int steps = 0; steps < 40; ++steps) {
    auto generate = GenerateJob::Create(model_.lm(), tokenizer_, Ids(300, 9), Greedy(10));
    for (int i = 0; i < steps; ++i) ASSERT_TRUE((*generate)->Step(1 + steps * 3));
    generate->reset();
    auto score = ScoreJob::Create(model_.lm(), Ids(300, 9));
    for (int i = 0; i < steps; ++i) ASSERT_TRUE((*score)->Step(1 + steps * 3));
    score->reset();
    auto forward = ForwardJob::Create(model_.lm(), Ids(300, 9), false, model_.budget());
    for (int i = 0; i < steps; ++i) ASSERT_TRUE((*forward)->Step(1 + steps * 3));
  }
  EXPECT_EQ(model_.lm()->backend().live_storages(), storages);
  EXPECT_EQ(model_.budget()->used_bytes, used);
  EXPECT_EQ(Generate(model_.lm(), tokenizer_, prompt, Greedy(10)).result.tokens,
            before.result.tokens);
}

TEST_F(StoryModelTest, RefusesWhatItCannotDo) {
  const auto refusal = [&](GenerateOptions options, bool has_tokenizer = true) {
    auto job = GenerateJob::Create(model_.lm(), has_tokenizer ? tokenizer_ : nullptr, Ids{1},
                                   std::move(options));
    EXPECT_FALSE(job);
    return *job.error().Text("argument");
  };
  EXPECT_EQ(refusal(Greedy(0)), "maxTokens");
  // No record could hold it.
  EXPECT_EQ(refusal(Greedy((int64_t{1} << 53))), "maxTokens");
  GenerateOptions options;
  options.logprobs = 21;
  EXPECT_EQ(refusal(options), "logprobs");
  options.logprobs = -1;
  EXPECT_EQ(refusal(options), "logprobs");
  options = {};
  options.stop_texts = {""};
  EXPECT_EQ(refusal(options), "stop");
  options.stop_texts = {"x"};
  EXPECT_EQ(refusal(options, false), "stop");
  options = {};
  options.stop_ids = {512};
  EXPECT_EQ(refusal(options), "stopIds");
  options = {};
  options.sampling.temperature = -1;
  EXPECT_EQ(refusal(options), "temperature");
  EXPECT_EQ(GenerateJob::Create(model_.lm(), nullptr, Ids{512}, {}).error().code,
            ErrorCode::kTokenOutOfRange);
  EXPECT_EQ(*GenerateJob::Create(model_.lm(), nullptr, Ids{}, {}).error().Text("argument"),
            "prompt");
  for (const Ids& few : {Ids{}, Ids{1}}) {
    const auto score = ScoreJob::Create(model_.lm(), few);
    EXPECT_EQ(score.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(*score.error().Text("argument"), "tokens");
    EXPECT_TRUE(score.error().message.ends_with("found " + std::to_string(few.size())));
  }
  EXPECT_EQ(*ForwardJob::Create(model_.lm(), Ids{}, true, model_.budget()).error().Text("argument"),
            "tokens");
  model_.budget()->limit_bytes = model_.budget()->used_bytes + 100'000;
  const auto forward = ForwardJob::Create(model_.lm(), Ids(200, 1), false, model_.budget());
  EXPECT_EQ(forward.error().code, ErrorCode::kOutOfMemory);
  EXPECT_NE(forward.error().message.find("409600"), std::string::npos);
}

}  // namespace
}  // namespace reprise
