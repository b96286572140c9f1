// Chooses the next token from one position's logits: the processors in the contract's order, then
// the greatest or a draw from stream `sample` of the seed.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/status.h"
#include "random/philox.h"

namespace reprise {

// The names, ranges and defaults of docs/api-plan.d.ts.
struct SamplingOptions {
  double temperature = 1;         // 0 is greedy
  int64_t top_k = 0;              // 0 is off
  double top_p = 1;               // 1 is off
  double min_p = 0;               // 0 is off
  double repetition_penalty = 1;  // 1 is off
  double frequency_penalty = 0;
  double presence_penalty = 0;
  std::vector<std::pair<int64_t, double>> logit_bias = {};  // by token id
};

// Errors: invalid_argument with argument, expected and found; token_out_of_range for a bias outside
// the vocabulary.
Status CheckSamplingOptions(const SamplingOptions& options, int64_t vocab_size);

class Sampler {
 public:
  // Errors: those of CheckSamplingOptions, and invalid_argument for a seed out of range. The
  // prompt's ids lie in the vocabulary; the repetition penalty counts them.
  static Result<Sampler> Create(const SamplingOptions& options, int64_t seed, int64_t vocab_size,
                                std::span<const int32_t> prompt);

  // The next token, given the raw logits, which this overwrites. The n-th call draws at position n.
  // Errors: unsupported where the logits are not numbers.
  Result<int32_t> Choose(std::span<float> logits);

 private:
  Sampler(const SamplingOptions& options, const RandomSource& random, int64_t vocab_size)
      : options_(options),
        random_(random),
        is_seen_(static_cast<size_t>(vocab_size)),
        counts_(static_cast<size_t>(vocab_size)) {}

  void See(int32_t id);
  void Generated(int32_t id);
  void ApplyPenalties(std::span<float> logits) const;
  int32_t DrawFrom(std::span<float> scores) const;

  SamplingOptions options_;
  RandomSource random_;
  std::vector<bool> is_seen_;       // in prompt or continuation, by id
  std::vector<int32_t> seen_;       // the same ids, each once
  std::vector<int32_t> counts_;     // in the continuation, by id
  std::vector<int32_t> generated_;  // its ids, each once
  uint64_t position_ = 0;
};

}  // namespace reprise
