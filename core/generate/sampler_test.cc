#include "generate/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "generate/log_softmax.h"
#include "generate/stop_texts.h"

namespace reprise {
namespace {

using Ids = std::vector<int32_t>;
using Scores = std::vector<float>;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Sampler MakeSampler(const SamplingOptions& options, int64_t seed, int64_t vocab_size,
                    const Ids& prompt = {}) {
  auto sampler = Sampler::Create(options, seed, vocab_size, prompt);
  EXPECT_TRUE(sampler) << sampler.error().message;
  return *std::move(sampler);
}

Ids Draws(Sampler& sampler, const Scores& logits, int count) {
  Ids ids;
  for (int i = 0; i < count; ++i) {
    Scores copy = logits;
    ids.push_back(*sampler.Choose(copy));
  }
  return ids;
}

const Scores kLogits = {0.5f, -1.25f, 2.0f, 1.0f, -0.5f, 1.75f, 0.0f, 0.25f};

// The expected ids were computed apart from this code, in f64 from the papers' definitions of
// Philox and softmax.
TEST(Sampler, DrawsTheGoldenIds) {
  Sampler warm = MakeSampler({}, 42, 8);
  EXPECT_EQ(Draws(warm, kLogits, 24),
            (Ids{2, 5, 3, 5, 2, 6, 2, 3, 2, 1, 2, 6, 2, 0, 2, 5, 2, 0, 2, 2, 5, 4, 0, 2}));
  Sampler cold = MakeSampler({.temperature = 0.5}, 42, 8);
  EXPECT_EQ(Draws(cold, kLogits, 24),
            (Ids{2, 5, 2, 3, 2, 5, 2, 2, 2, 2, 2, 5, 2, 2, 2, 5, 2, 0, 2, 2, 5, 3, 0, 2}));
  Sampler hot = MakeSampler({.temperature = 2}, kMaxSeed, 8);
  EXPECT_EQ(Draws(hot, kLogits, 24),
            (Ids{3, 2, 5, 5, 5, 2, 4, 2, 5, 7, 3, 3, 0, 2, 0, 3, 6, 3, 3, 5, 2, 6, 4, 2}));
}

TEST(Sampler, GivesTheDistributionOfTheSoftmax) {
  constexpr int kDraws = 20000;
  Sampler sampler = MakeSampler({}, 1, 8);
  std::vector<int> counts(8);
  for (const int32_t id : Draws(sampler, kLogits, kDraws)) ++counts[static_cast<size_t>(id)];
  double total = 0, chi_squared = 0;
  for (const float logit : kLogits) total += std::exp(static_cast<double>(logit));
  for (size_t i = 0; i < 8; ++i) {
    const double expected = kDraws * std::exp(static_cast<double>(kLogits[i])) / total;
    chi_squared += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  // 7 degrees of freedom: 24.3 is passed once in a thousand.
  EXPECT_LT(chi_squared, 24.3);
}

TEST(Sampler, GreedyTakesTheLargestAfterPenaltiesAndBias) {
  Sampler plain = MakeSampler({.temperature = 0}, 0, 3);
  EXPECT_EQ(Draws(plain, {1, 2, 2}, 2), (Ids{1, 1}));
  // 2 / 1.5 < 1.9: the repetition penalty counts the prompt.
  Sampler repetition = MakeSampler({.temperature = 0, .repetition_penalty = 1.5}, 0, 3, {1});
  EXPECT_EQ(Draws(repetition, {1, 2, 1.9f}, 3), (Ids{2, 1, 1}));
  // Frequency and presence count the continuation alone.
  Sampler frequency = MakeSampler({.temperature = 0, .frequency_penalty = 0.5}, 0, 3, {1});
  EXPECT_EQ(Draws(frequency, {1, 2, 1.75f}, 5), (Ids{1, 2, 1, 2, 0}));
  Sampler presence = MakeSampler({.temperature = 0, .presence_penalty = 0.5}, 0, 3, {1});
  EXPECT_EQ(Draws(presence, {1, 2, 1.75f}, 4), (Ids{1, 2, 1, 1}));
  Sampler bias = MakeSampler({.temperature = 0, .logit_bias = {{0, 1.5}, {1, -100}}}, 0, 3);
  EXPECT_EQ(Draws(bias, {1, 2, 1.75f}, 1), (Ids{0}));
}

// Bias comes before top-k, so that a biased token can be among the k; temperature comes before
// top-p, so that a hot softmax keeps more.
TEST(Sampler, KeepsTheOrderOfTheContract) {
  Sampler bias_first = MakeSampler({.top_k = 1, .logit_bias = {{0, 10}}}, 3, 3);
  EXPECT_EQ(Draws(bias_first, {0, 5, 4}, 4), (Ids{0, 0, 0, 0}));
  Sampler cold = MakeSampler({.temperature = 0.1, .top_p = 0.9}, 3, 3);
  for (const int32_t id : Draws(cold, {1, 2, 1.5f}, 50)) EXPECT_EQ(id, 1);
  Sampler hot = MakeSampler({.temperature = 10, .top_p = 0.9}, 3, 3);
  const Ids ids = Draws(hot, {1, 2, 1.5f}, 50);
  for (int32_t id = 0; id < 3; ++id) EXPECT_NE(std::count(ids.begin(), ids.end(), id), 0) << id;
}

TEST(Sampler, NamesTheArgumentThatIsOutOfRange) {
  const auto error = [](const SamplingOptions& options, int64_t seed = 0) {
    const auto sampler = Sampler::Create(options, seed, 8, {});
    EXPECT_FALSE(sampler);
    const Error& e = sampler.error();
    EXPECT_EQ(e.code, ErrorCode::kInvalidArgument);
    EXPECT_NE(e.Text("expected"), nullptr);
    return *e.Text("argument");
  };
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(error({.temperature = -0.1}), "temperature");
  EXPECT_EQ(error({.temperature = infinity}), "temperature");
  EXPECT_EQ(error({.temperature = std::nan("")}), "temperature");
  EXPECT_EQ(error({.top_k = -1}), "topK");
  EXPECT_EQ(error({.top_k = kMaxSeed + 1}), "topK");
  EXPECT_EQ(error({.top_p = 0}), "topP");
  EXPECT_EQ(error({.top_p = 1.01}), "topP");
  EXPECT_EQ(error({.top_p = std::nan("")}), "topP");
  EXPECT_EQ(error({.min_p = -0.1}), "minP");
  EXPECT_EQ(error({.min_p = 1.1}), "minP");
  EXPECT_EQ(error({.repetition_penalty = 0}), "repetitionPenalty");
  EXPECT_EQ(error({.repetition_penalty = 1e300}), "repetitionPenalty");
  EXPECT_EQ(error({.frequency_penalty = 2.1}), "frequencyPenalty");
  EXPECT_EQ(error({.presence_penalty = -2.1}), "presencePenalty");
  EXPECT_EQ(error({.logit_bias = {{0, infinity}}}), "logitBias");
  EXPECT_EQ(error({}, -1), "seed");
  EXPECT_EQ(error({}, kMaxSeed + 1), "seed");
  const auto outside = Sampler::Create({.logit_bias = {{8, 1}}}, 0, 8, {});
  EXPECT_EQ(outside.error().code, ErrorCode::kTokenOutOfRange);
  EXPECT_TRUE(Sampler::Create({.temperature = 0, .top_p = 1, .min_p = 1}, kMaxSeed, 8, {}));
}

TEST(Sampler, RefusesLogitsThatAreNoNumbers) {
  Sampler sampler = MakeSampler({}, 0, 3);
  for (const float bad : {kNan, INFINITY}) {
    Scores logits = {1, bad, 2};
    EXPECT_EQ(sampler.Choose(logits).error().code, ErrorCode::kUnsupported);
  }
  Scores nothing(3, -INFINITY);
  EXPECT_FALSE(sampler.Choose(nothing));
  // Minus infinity is a probability of zero.
  Scores one = {-INFINITY, 1, -INFINITY};
  EXPECT_EQ(*sampler.Choose(one), 1);
}

TEST(LogSoftmax, GivesLogarithmsOfProbabilities) {
  const LogNormalizer normalizer = NormalizeLogits(Scores{0, 0, 0, 0});
  EXPECT_NEAR(normalizer.Apply(0), -1.3862944, 2e-7);
  // 1,500 elements take two blocks and a tail.
  Scores logits(1500);
  double total = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    logits[i] = static_cast<float>(i % 37) * 0.3f - 4.0f;
    total += std::exp(static_cast<double>(logits[i]));
  }
  const LogNormalizer long_normalizer = NormalizeLogits(logits);
  for (const float logit : logits) {
    const double expected = static_cast<double>(logit) - std::log(total);
    EXPECT_NEAR(long_normalizer.Apply(logit), expected, 2e-6);
  }
}

TEST(LogSoftmax, TopGoesByProbabilityThenById) {
  const Scores logits = {1, 3, 2, 3};
  const auto top = TopLogprobs(logits, NormalizeLogits(logits), 3);
  ASSERT_EQ(top.size(), 3u);
  EXPECT_EQ(top[0].id, 1);
  EXPECT_EQ(top[1].id, 3);
  EXPECT_EQ(top[2].id, 2);
  EXPECT_EQ(top[0].logprob, top[1].logprob);
  EXPECT_EQ(TopLogprobs(logits, NormalizeLogits(logits), 0).size(), 0u);
  EXPECT_EQ(TopLogprobs(logits, NormalizeLogits(logits), 20).size(), 4u);
}

TEST(StopTexts, HoldsBackWhatMayBecomeAStop) {
  StopTexts stop({"END", "\n\n"});
  EXPECT_EQ(stop.Push("one E"), "one ");
  EXPECT_EQ(stop.Push("N"), "");
  EXPECT_EQ(stop.Push("x"), "ENx");
  EXPECT_EQ(stop.Push("two\n"), "two");
  EXPECT_FALSE(stop.found());
  EXPECT_EQ(stop.Push("\nthree"), "");
  EXPECT_TRUE(stop.found());
  EXPECT_EQ(stop.Push("more"), "");
  EXPECT_EQ(stop.Finish(), "");
}

TEST(StopTexts, FinishGivesWhatWasHeldBack) {
  StopTexts stop({"END"});
  EXPECT_EQ(stop.Push("the EN"), "the ");
  EXPECT_EQ(stop.Finish(), "EN");
}

TEST(StopTexts, TheFirstCompleteOneCountsAndTheLongestThere) {
  StopTexts first({"bcde", "cd"});
  EXPECT_EQ(first.Push("abcdef"), "ab");
  StopTexts longest({"d", "bcd"});
  EXPECT_EQ(longest.Push("abcdef"), "a");
}

// However a text is cut, what is shown is the same: every way to cut it in three.
TEST(StopTexts, DependsOnTheTextAlone) {
  const std::string text = "abababcxabcab";
  for (const std::vector<std::string>& texts :
       std::vector<std::vector<std::string>>{{"ababc"}, {"abcx", "babc"}, {"xab"}, {"zz"}, {}}) {
    StopTexts whole(texts);
    std::string expected = whole.Push(text);
    expected += whole.Finish();
    for (size_t i = 0; i <= text.size(); ++i) {
      for (size_t j = i; j <= text.size(); ++j) {
        StopTexts pieces(texts);
        std::string shown = pieces.Push(text.substr(0, i));
        shown += pieces.Push(text.substr(i, j - i));
        shown += pieces.Push(text.substr(j));
        shown += pieces.Finish();
        EXPECT_EQ(shown, expected) << i << " " << j;
        EXPECT_EQ(pieces.found(), whole.found());
      }
    }
  }
}

}  // namespace
}  // namespace reprise
