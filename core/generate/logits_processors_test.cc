// Each processor against values worked out by hand, and the filters against the same definitions
// written the long way.
#include "generate/logits_processors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "random/philox.h"

namespace reprise {
namespace {

using Ids = std::vector<int32_t>;
using Scores = std::vector<float>;

Candidates All(const Scores& scores) {
  Candidates all;
  all.ids.resize(scores.size());
  std::iota(all.ids.begin(), all.ids.end(), 0);
  all.scores = scores;
  return all;
}

// Scores whose softmax is these probabilities, near enough for sums that avoid the borders.
Scores Logs(const std::vector<double>& probabilities) {
  Scores scores;
  for (const double p : probabilities) scores.push_back(static_cast<float>(std::log(p)));
  return scores;
}

Ids TopK(const Scores& scores, int64_t k) {
  Candidates candidates = All(scores);
  KeepTopK(candidates, k);
  return candidates.ids;
}
Ids TopP(const Scores& scores, double p) {
  Candidates candidates = All(scores);
  KeepTopP(candidates, p);
  return candidates.ids;
}
Ids MinP(const Scores& scores, double p) {
  Candidates candidates = All(scores);
  KeepMinP(candidates, p);
  return candidates.ids;
}

TEST(LogitsProcessors, RepetitionDividesPositiveScoresAndMultipliesNegativeOnes) {
  Scores scores = {2, -2, 0, 3};
  const Ids seen = {0, 1, 2};
  ApplyRepetitionPenalty(scores, seen, 2.0f);
  EXPECT_EQ(scores, (Scores{1, -4, 0, 3}));
  ApplyRepetitionPenalty(scores, seen, 0.5f);
  EXPECT_EQ(scores, (Scores{2, -2, 0, 3}));
}

TEST(LogitsProcessors, CountPenaltiesGoByCountAndByPresence) {
  Scores scores = {1, 1, 1};
  const Ids generated = {2, 0}, counts = {1, 0, 3};
  ApplyCountPenalties(scores, generated, counts, 0.5f, 0.25f);
  EXPECT_EQ(scores, (Scores{0.25f, 1, -0.75f}));
}

TEST(LogitsProcessors, ArgmaxTakesTheLowestOfEqualIds) {
  EXPECT_EQ(Argmax(Scores{1, 3, 3, 2}), 1);
  EXPECT_EQ(Argmax(Scores{-INFINITY, -5}), 1);
}

TEST(LogitsProcessors, TemperatureDividesTheDistanceFromTheLargest) {
  Scores scores = {1, 3, 2};
  ApplyTemperature(scores, 0.5);
  EXPECT_EQ(scores, (Scores{-4, 0, -2}));
  // However small, it neither overflows nor makes a NaN.
  Scores cold = {100, 99, 100};
  ApplyTemperature(cold, 1e-300);
  EXPECT_EQ(cold, (Scores{0, -INFINITY, 0}));
}

TEST(LogitsProcessors, TopKKeepsTheLowestIdsOfTies) {
  EXPECT_EQ(TopK({1, 4, 2, 3}, 2), (Ids{1, 3}));
  EXPECT_EQ(TopK({1, 3, 3, 2}, 1), (Ids{1}));
  EXPECT_EQ(TopK({1, 2, 2, 3}, 2), (Ids{1, 3}));
  EXPECT_EQ(TopK({2, 2, 2, 2}, 3), (Ids{0, 1, 2}));
  EXPECT_EQ(TopK({1, 2}, 2), (Ids{0, 1}));
  EXPECT_EQ(TopK({1, 2}, 1'000'000), (Ids{0, 1}));
}

TEST(LogitsProcessors, TopPKeepsTheSmallestSetThatReachesP) {
  const Scores scores = Logs({0.1, 0.5, 0.15, 0.25});
  EXPECT_EQ(TopP(scores, 0.45), (Ids{1}));
  EXPECT_EQ(TopP(scores, 0.55), (Ids{1, 3}));
  EXPECT_EQ(TopP(scores, 0.8), (Ids{1, 2, 3}));
  EXPECT_EQ(TopP(scores, 0.95), (Ids{0, 1, 2, 3}));
  // At least one stays; a sum that is exactly p suffices; of equals the lowest ids stay.
  EXPECT_EQ(TopP(scores, 1e-9), (Ids{1}));
  EXPECT_EQ(TopP({0, 0, 0, 0}, 0.5), (Ids{0, 1}));
  EXPECT_EQ(TopP({0, 0, 0, 0}, 0.51), (Ids{0, 1, 2}));
}

TEST(LogitsProcessors, MinPGoesByTheShareOfTheLargest) {
  const Scores scores = Logs({0.05, 0.5, 0.2, 0.25});
  EXPECT_EQ(MinP(scores, 0.09), (Ids{0, 1, 2, 3}));
  EXPECT_EQ(MinP(scores, 0.11), (Ids{1, 2, 3}));
  EXPECT_EQ(MinP(scores, 0.45), (Ids{1, 3}));
  EXPECT_EQ(MinP({2, 2, 1}, 1), (Ids{0, 1}));
}

// torch.sort ascending, cumsum of the softmax, removal of all up to 1 - p: TopPLogitsWarper as it
// stands, in f64.
Ids NaiveTopP(const Scores& scores, double p) {
  Ids order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  const auto score = [&](int32_t id) { return scores[static_cast<size_t>(id)]; };
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return score(a) != score(b) ? score(a) < score(b) : a > b;
  });
  double total = 0, sum = 0;
  for (const int32_t id : order) total += std::exp(static_cast<double>(score(id)));
  Ids kept = {order.back()};
  for (const int32_t id : order) {
    sum += std::exp(static_cast<double>(score(id))) / total;
    if (sum > 1 - p && id != order.back()) kept.push_back(id);
  }
  std::sort(kept.begin(), kept.end());
  return kept;
}

TEST(LogitsProcessors, FiltersEqualTheirDefinitionsOnRandomScores) {
  const RandomSource random = *RandomSource::Create(7, RandomStream::kInit);
  uint64_t position = 0;
  for (int round = 0; round < 200; ++round) {
    Scores scores(1 + random.Bits(position++) % 300);
    // Few distinct values give ties.
    for (float& score : scores) {
      score = static_cast<float>(random.Bits(position++) % 40) * 0.25f - 5.0f;
    }
    const double p = static_cast<double>(random.Uniform(position++)) * 0.98 + 0.01;
    EXPECT_EQ(TopP(scores, p), NaiveTopP(scores, p)) << "round " << round << ", p " << p;
    const auto k = 1 + static_cast<int64_t>(random.Bits(position++) % scores.size());
    Ids kept(scores.size());
    std::iota(kept.begin(), kept.end(), 0);
    std::sort(kept.begin(), kept.end(), [&](int32_t a, int32_t b) {
      const float x = scores[static_cast<size_t>(a)], y = scores[static_cast<size_t>(b)];
      return x != y ? x > y : a < b;
    });
    kept.resize(static_cast<size_t>(k));
    std::sort(kept.begin(), kept.end());
    EXPECT_EQ(TopK(scores, k), kept) << "round " << round << ", k " << k;
  }
}

TEST(LogitsProcessors, DrawWalksTheSumsByAscendingId) {
  const Candidates candidates = {{3, 5, 9}, {0, 0, 0}};
  EXPECT_EQ(Draw(candidates, 0.0f), 3);
  EXPECT_EQ(Draw(candidates, 0.33f), 3);
  EXPECT_EQ(Draw(candidates, 0.34f), 5);
  EXPECT_EQ(Draw(candidates, 0.67f), 9);
  EXPECT_EQ(Draw(candidates, 0x0.ffffffp0f), 9);
  // What has no probability is never drawn, not even at the ends.
  const Candidates edges = {{0, 1, 2}, {-INFINITY, 0, -200}};
  EXPECT_EQ(Draw(edges, 0.0f), 1);
  EXPECT_EQ(Draw(edges, 0x0.ffffffp0f), 1);
}

}  // namespace
}  // namespace reprise
