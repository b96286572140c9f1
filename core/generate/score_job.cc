#include "generate/score_job.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "generate/logits_rows.h"
#include "ops/token_logprob.h"

namespace reprise {
namespace {

// first: position of the first row of logits.
Status CheckFinite(std::span<const float> logprobs, int64_t first) {
  const auto found =
      std::ranges::find_if(logprobs, [](float logprob) { return !std::isfinite(logprob); });
  if (found == logprobs.end()) return {};
  const int64_t position = first + (found - logprobs.begin());
  return Fail(Error(ErrorCode::kUnsupported, "the logits at position " + std::to_string(position) +
                                                 " are not finite, so that the token after it has "
                                                 "no logprob")
                  .With("position", position));
}

}  // namespace

Result<std::unique_ptr<ScoreJob>> ScoreJob::Create(CausalLm* model, std::span<const int32_t> ids) {
  if (ids.size() < 2) {
    const auto found = static_cast<int64_t>(ids.size());
    return Fail(Error(ErrorCode::kInvalidArgument,
                      "score needs at least 2 tokens, found " + std::to_string(found))
                    .With("argument", "tokens")
                    .With("expected", "at least 2 tokens")
                    .With("found", found));
  }
  REPRISE_TRY(model->CheckTokens(ids, "tokens"));
  const auto total = static_cast<int64_t>(ids.size()) - 1;
  REPRISE_ASSIGN(Tensor logits, AllocateLogits(*model, total));
  REPRISE_ASSIGN(Tensor scores,
                 model->backend().Allocate(DType::kF32, {total, 1}, Layout::kRowMajor));
  return std::unique_ptr<ScoreJob>(new ScoreJob(model, ids, std::move(logits), std::move(scores)));
}

void ScoreJob::Submit() {
  CausalLm& lm = model();
  if (submitted_ == 0) lm.WriteTokens(ids_, 0);
  // The last token is only predicted.
  const int64_t rows = std::min(CausalLm::kChunkTokens, total() - submitted_);
  lm.SubmitForward(submitted_, rows);
  for (int64_t row = 0; row < rows; row += logits_.shape[0]) {
    OpParams params;
    params.rows = std::min(logits_.shape[0], rows - row);
    params.position = submitted_ + row;
    lm.SubmitLogits(row, params.rows, logits_);
    TokenLogprob(lm.backend(), logits_, lm.tokens(), scores_, params);
  }
  RequestRead(scores_, submitted_, rows);
  submitted_ += rows;
}

Result<JobState> ScoreJob::Step(int64_t work_units) {
  if (progress().done == total()) return JobState::kDone;
  if (!is_waiting()) Submit();
  std::vector<uint8_t> bytes;
  REPRISE_ASSIGN(const bool is_there, AwaitRead(work_units, &bytes));
  if (!is_there) return waiting_state();
  std::vector<float> logprobs(bytes.size() / sizeof(float));
  std::memcpy(logprobs.data(), bytes.data(), bytes.size());
  REPRISE_TRY(CheckFinite(logprobs, progress().done));
  logprobs_.insert(logprobs_.end(), logprobs.begin(), logprobs.end());
  return JobState::kEvent;
}

JobProgress ScoreJob::progress() const { return {static_cast<int64_t>(logprobs_.size()), total()}; }

double ScoreJob::loss() const {
  double sum = 0;
  for (const float logprob : logprobs_) sum -= static_cast<double>(logprob);
  return logprobs_.empty() ? 0 : sum / static_cast<double>(logprobs_.size());
}

}  // namespace reprise
