#include "generate/job.h"

namespace reprise {

ModelJob::~ModelJob() {
  if (is_waiting()) model_->backend().Cancel();
}

void ModelJob::RequestRead(const Tensor& tensor, int64_t first_element, int64_t count) {
  REPRISE_CHECK(!is_waiting(), "a job waits for one read at a time");
  ticket_ = model_->backend().Read(tensor, first_element, count);
}

Result<bool> ModelJob::AwaitRead(int64_t work_units, std::vector<uint8_t>* bytes) {
  const BackendState state = model_->backend().Advance(work_units);
  REPRISE_ASSIGN(const bool is_there, model_->backend().Poll(*ticket_, bytes));
  if (is_there) {
    ticket_.reset();
    return true;
  }
  REPRISE_CHECK(state != BackendState::kIdle, "an idle backend has answered every read");
  waiting_state_ = state == BackendState::kWaiting ? JobState::kNeedsRead : JobState::kRunning;
  return false;
}

}  // namespace reprise
