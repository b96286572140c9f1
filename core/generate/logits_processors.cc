#include "generate/logits_processors.h"

#include <algorithm>
#include <functional>

#include "base/status.h"
#include "numerics/elementary.h"

namespace reprise {
namespace {

// e^(score - largest): probabilities but for a common factor. The largest one is exactly 1.
std::vector<float> Weights(std::span<const float> scores) {
  REPRISE_CHECK(!scores.empty(), "one candidate is always left");
  const float largest = *std::max_element(scores.begin(), scores.end());
  std::vector<float> weights(scores.size());
  for (size_t i = 0; i < scores.size(); i += kLanes) {
    const int count = static_cast<int>(std::min<size_t>(kLanes, scores.size() - i));
    const f32x16 score = LoadPartial(scores.data() + i, count, 0);
    StorePartial(weights.data() + i, count, Exp(score - Splat(largest)));
  }
  return weights;
}

// Keeps what `keep(index)` says; the order stays.
template <typename Keep>
void Filter(Candidates& candidates, Keep keep) {
  size_t kept = 0;
  for (size_t i = 0; i < candidates.ids.size(); ++i) {
    if (!keep(i)) continue;
    candidates.ids[kept] = candidates.ids[i];
    candidates.scores[kept] = candidates.scores[i];
    ++kept;
  }
  candidates.ids.resize(kept);
  candidates.scores.resize(kept);
}

}  // namespace

void ApplyRepetitionPenalty(std::span<float> scores, std::span<const int32_t> ids, float penalty) {
  for (const int32_t id : ids) {
    float& score = scores[static_cast<size_t>(id)];
    score = score < 0 ? score * penalty : score / penalty;
  }
}

void ApplyCountPenalties(std::span<float> scores, std::span<const int32_t> ids,
                         std::span<const int32_t> counts, float frequency, float presence) {
  for (const int32_t id : ids) {
    const auto count = static_cast<float>(counts[static_cast<size_t>(id)]);
    float& score = scores[static_cast<size_t>(id)];
    score = score - count * frequency - presence;
  }
}

int32_t Argmax(std::span<const float> scores) {
  size_t best = 0;
  for (size_t i = 1; i < scores.size(); ++i) {
    if (scores[i] > scores[best]) best = i;
  }
  return static_cast<int32_t>(best);
}

void ApplyTemperature(std::span<float> scores, double temperature) {
  const float largest = *std::max_element(scores.begin(), scores.end());
  for (float& score : scores) {
    score = static_cast<float>(static_cast<double>(score - largest) / temperature);
  }
}

void KeepTopK(Candidates& candidates, int64_t k) {
  if (k >= static_cast<int64_t>(candidates.scores.size())) return;
  std::vector<float> sorted = candidates.scores;
  const auto kth = sorted.begin() + (k - 1);
  std::nth_element(sorted.begin(), kth, sorted.end(), std::greater<float>());
  const float threshold = *kth;
  // Of those that equal the k-th, the first ones have what the larger ones leave.
  int64_t ties = k - std::count_if(sorted.begin(), kth, [&](float s) { return s > threshold; });
  Filter(candidates, [&](size_t i) {
    return candidates.scores[i] > threshold || (candidates.scores[i] == threshold && ties-- > 0);
  });
}

void KeepTopP(Candidates& candidates, double p) {
  const std::vector<float> weights = Weights(candidates.scores);
  double total = 0;
  for (const float weight : weights) total += static_cast<double>(weight);
  std::vector<size_t> heap(weights.size());
  for (size_t i = 0; i < heap.size(); ++i) heap[i] = i;
  // A total order: the score, then the lower index. Only what is kept gets sorted.
  const auto less = [&](size_t a, size_t b) {
    const float x = candidates.scores[a], y = candidates.scores[b];
    return x != y ? x < y : a > b;
  };
  std::make_heap(heap.begin(), heap.end(), less);
  std::vector<bool> kept(weights.size());
  double sum = 0;
  for (auto end = heap.end(); end != heap.begin() && (sum == 0 || sum < p * total); --end) {
    std::pop_heap(heap.begin(), end, less);
    const size_t best = *(end - 1);
    kept[best] = true;
    sum += static_cast<double>(weights[best]);
  }
  Filter(candidates, [&](size_t i) { return kept[i]; });
}

void KeepMinP(Candidates& candidates, double min_p) {
  const std::vector<float> weights = Weights(candidates.scores);
  const auto least = static_cast<float>(min_p);
  Filter(candidates, [&](size_t i) { return weights[i] >= least; });
}

int32_t Draw(const Candidates& candidates, float uniform) {
  const std::vector<float> weights = Weights(candidates.scores);
  double total = 0;
  for (const float weight : weights) total += static_cast<double>(weight);
  const double target = static_cast<double>(uniform) * total;
  double sum = 0;
  size_t last = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    sum += static_cast<double>(weights[i]);
    last = i;
    if (sum > target) break;
  }
  return candidates.ids[last];
}

}  // namespace reprise
