#include "generate/log_softmax.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "numerics/elementary.h"
#include "numerics/lane_sum.h"

namespace reprise {

LogNormalizer NormalizeLogits(std::span<const float> logits) {
  float largest = -INFINITY;
  for (const float logit : logits) largest = logit > largest ? logit : largest;
  // Lanes behind the end add e^-inf, an exact zero.
  const float sum =
      LaneSum(static_cast<int64_t>(logits.size()), [&](int64_t i, int count) REPRISE_LAMBDA {
        return Exp(LoadPartial(logits.data() + i, count, -INFINITY) - Splat(largest));
      });
  return {largest, LogF32(sum)};
}

std::vector<IdLogprob> TopLogprobs(std::span<const float> logits, const LogNormalizer& normalizer,
                                   int64_t count) {
  std::vector<int32_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  const auto likelier = [&](int32_t a, int32_t b) {
    const float x = logits[static_cast<size_t>(a)], y = logits[static_cast<size_t>(b)];
    return x != y ? x > y : a < b;
  };
  const auto end = ids.begin() + std::min(count, static_cast<int64_t>(ids.size()));
  std::partial_sort(ids.begin(), end, ids.end(), likelier);
  std::vector<IdLogprob> top;
  for (auto id = ids.begin(); id != end; ++id) {
    top.push_back({*id, normalizer.Apply(logits[static_cast<size_t>(*id)])});
  }
  return top;
}

}  // namespace reprise
