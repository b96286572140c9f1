#include "generate/log_softmax.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "numerics/elementary.h"

namespace reprise {
namespace {

constexpr size_t kBlock = 1024;

}  // namespace

LogNormalizer NormalizeLogits(std::span<const float> logits) {
  float largest = -INFINITY;
  for (const float logit : logits) largest = logit > largest ? logit : largest;
  f32x16 total = Splat(0);
  for (size_t block = 0; block < logits.size(); block += kBlock) {
    const size_t end = std::min(block + kBlock, logits.size());
    f32x16 lanes = Splat(0);
    for (size_t i = block; i < end; i += kLanes) {
      const int count = static_cast<int>(std::min<size_t>(kLanes, end - i));
      // Lanes behind the end add e^-inf, an exact zero.
      lanes = lanes + Exp(LoadPartial(logits.data() + i, count, -INFINITY) - Splat(largest));
    }
    total = total + lanes;
  }
  return {largest, LogF32(SumLanes(total))};
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
