// Logarithms of probabilities from one position's raw logits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace reprise {

struct IdLogprob {
  int32_t id = 0;
  float logprob = 0;
};

// What is to be subtracted from a logit in two steps: log_softmax[i] = logits[i] - largest -
// log_sum, with the sum in 16 lanes as the op token_logprob has it, so that the bits are the same.
struct LogNormalizer {
  float largest = 0;
  float log_sum = 0;

  float Apply(float logit) const { return logit - largest - log_sum; }
};

LogNormalizer NormalizeLogits(std::span<const float> logits);

// The `count` likeliest tokens, likeliest first, of equal ones the lowest id first.
std::vector<IdLogprob> TopLogprobs(std::span<const float> logits, const LogNormalizer& normalizer,
                                   int64_t count);

}  // namespace reprise
