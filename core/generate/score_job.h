// Tells how likely each token of a sequence was, given those before it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "generate/job.h"

namespace reprise {

class ScoreJob final : public ModelJob {
 public:
  // Errors: those of CausalLm::CheckTokens; invalid_argument where there is only one token;
  // out_of_memory.
  static Result<std::unique_ptr<ScoreJob>> Create(CausalLm* model, std::span<const int32_t> ids);

  // An event after each chunk. Errors besides a job's own: unsupported with position, where logits
  // are not finite and so no logprob is.
  Result<JobState> Step(int64_t work_units) override;

  // Tokens whose prediction was computed, of all that were to be.
  JobProgress progress() const;
  // log_softmax of the raw logits at i, of ids[i + 1]; so far.
  const std::vector<float>& logprobs() const { return logprobs_; }
  // The mean of the negated logprobs, summed ascending in f64; 0 where there are none yet.
  double loss() const;

 private:
  ScoreJob(CausalLm* model, std::span<const int32_t> ids, Tensor logits, Tensor scores)
      : ModelJob(model),
        ids_(ids.begin(), ids.end()),
        logits_(std::move(logits)),
        scores_(std::move(scores)) {}

  void Submit();
  int64_t total() const { return static_cast<int64_t>(ids_.size()) - 1; }

  std::vector<int32_t> ids_;
  Tensor logits_;  // of some rows at a time
  Tensor scores_;  // [total, 1]
  int64_t submitted_ = 0;
  std::vector<float> logprobs_;
};

}  // namespace reprise
