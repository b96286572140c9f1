#include "generate/forward_job.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "generate/logits_rows.h"

namespace reprise {

Result<std::unique_ptr<ForwardJob>> ForwardJob::Create(CausalLm* model,
                                                       std::span<const int32_t> ids, bool last_only,
                                                       MemoryBudget* budget) {
  REPRISE_TRY(model->CheckTokens(ids, "tokens"));
  const auto count = static_cast<int64_t>(ids.size());
  std::unique_ptr<ForwardJob> job(new ForwardJob(model, ids, last_only ? 1 : count, budget));
  REPRISE_TRY(job->AllocateValues());
  if (job->last_only()) {
    job->piece_ = model->last_logits();
  } else {
    REPRISE_ASSIGN(job->piece_, AllocateLogits(*model, count));
  }
  return job;
}

Status ForwardJob::AllocateValues() {
  const int64_t bytes = rows_ * model().config().vocab_size * static_cast<int64_t>(sizeof(float));
  const int64_t has = budget_->limit_bytes - budget_->used_bytes;
  if (bytes <= has && static_cast<uint64_t>(bytes) <= SIZE_MAX / 2) {
    values_.reset(static_cast<float*>(std::malloc(static_cast<size_t>(bytes))));
  }
  if (values_ == nullptr) {
    return Fail(Error(ErrorCode::kOutOfMemory, "the logits of " + std::to_string(rows_) +
                                                   " positions need " + std::to_string(bytes) +
                                                   " bytes; there are at most " +
                                                   std::to_string(has))
                    .With("needs_bytes", bytes)
                    .With("has_bytes", has));
  }
  value_bytes_ = bytes;
  budget_->used_bytes += bytes;
  return {};
}

ForwardJob::~ForwardJob() { budget_->used_bytes -= value_bytes_; }

void ForwardJob::Submit() {
  if (row_ == chunk_rows_) {
    const auto count = static_cast<int64_t>(ids_.size());
    if (chunk_rows_ == 0) model().WriteTokens(ids_, 0);
    chunk_first_ += chunk_rows_;
    chunk_rows_ = std::min(CausalLm::kChunkTokens, count - chunk_first_);
    row_ = 0;
    model().SubmitForward(chunk_first_, chunk_rows_);
    if (last_only() && chunk_first_ + chunk_rows_ < count) {
      row_ = chunk_rows_;
      // Any read tells when the chunk has been computed.
      RequestRead(model().tokens(), 0, 1);
      return;
    }
    if (last_only()) row_ = chunk_rows_ - 1;
  }
  const int64_t rows = std::min(piece_.shape[0], chunk_rows_ - row_);
  model().SubmitLogits(row_, rows, piece_);
  RequestRead(piece_, 0, rows * model().config().vocab_size);
  row_ += rows;
}

Result<JobState> ForwardJob::Step(int64_t work_units) {
  if (done_ == static_cast<int64_t>(ids_.size())) return JobState::kDone;
  if (!is_waiting()) Submit();
  std::vector<uint8_t> bytes;
  REPRISE_ASSIGN(const bool is_there, AwaitRead(work_units, &bytes));
  if (!is_there) return waiting_state();
  done_ = chunk_first_ + row_;
  if (!last_only() || done_ == static_cast<int64_t>(ids_.size())) {
    std::memcpy(values_.get() + filled_, bytes.data(), bytes.size());
    filled_ += bytes.size() / sizeof(float);
  }
  return JobState::kEvent;
}

}  // namespace reprise
