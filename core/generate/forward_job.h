// Computes the raw logits of a sequence, at every position or at the last one.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "base/memory_budget.h"
#include "generate/job.h"

namespace reprise {

class ForwardJob final : public ModelJob {
 public:
  // The result is taken from `budget`, which outlives the job. Errors: those of
  // CausalLm::CheckTokens; out_of_memory with needs_bytes and has_bytes.
  static Result<std::unique_ptr<ForwardJob>> Create(CausalLm* model, std::span<const int32_t> ids,
                                                    bool last_only, MemoryBudget* budget);
  ~ForwardJob() override;

  // An event after each piece.
  Result<JobState> Step(int64_t work_units) override;

  // Positions computed.
  JobProgress progress() const { return {done_, static_cast<int64_t>(ids_.size())}; }
  // [rows(), V], so far.
  std::span<const float> logits() const { return {values_.get(), filled_}; }
  int64_t rows() const { return rows_; }

 private:
  struct Free {
    void operator()(float* values) const { std::free(values); }
  };

  ForwardJob(CausalLm* model, std::span<const int32_t> ids, int64_t rows, MemoryBudget* budget)
      : ModelJob(model), ids_(ids.begin(), ids.end()), rows_(rows), budget_(budget) {}

  Status AllocateValues();
  void Submit();
  bool last_only() const { return rows_ == 1; }

  std::vector<int32_t> ids_;
  int64_t rows_;
  MemoryBudget* budget_;
  Tensor piece_;  // the model's last_logits, or logits of some rows
  std::unique_ptr<float, Free> values_;
  int64_t value_bytes_ = 0;
  size_t filled_ = 0;
  int64_t chunk_first_ = 0;  // the chunk that was submitted last
  int64_t chunk_rows_ = 0;
  int64_t row_ = 0;  // rows of it whose logits were read or asked for
  int64_t done_ = 0;
};

}  // namespace reprise
