// A job on a model: a result of the backend comes by ticket.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/job.h"
#include "model/causal_lm.h"

namespace reprise {

// A job on a model, which outlives it. It queues a piece of work and a read behind it, and goes on
// when the read is there. At most one such job lives on a model at a time; its progress is in
// tokens. Errors of every step: device_lost, out_of_memory.
class ModelJob : public Job {
 public:
  ModelJob(const ModelJob&) = delete;
  ModelJob& operator=(const ModelJob&) = delete;
  // Forgets what is still queued.
  ~ModelJob() override;

 protected:
  explicit ModelJob(CausalLm* model) : model_(model) {}

  CausalLm& model() { return *model_; }
  const CausalLm& model() const { return *model_; }

  bool is_waiting() const { return ticket_.has_value(); }
  // Asks for elements of a tensor as they are after everything submitted so far.
  void RequestRead(const Tensor& tensor, int64_t first_element, int64_t count);
  // Works on; true once the requested bytes are there.
  Result<bool> AwaitRead(int64_t work_units, std::vector<uint8_t>* bytes);
  // What Step returns while they are not.
  JobState waiting_state() const { return waiting_state_; }

 private:
  CausalLm* model_;
  std::optional<ReadTicket> ticket_;
  JobState waiting_state_ = JobState::kRunning;
};

}  // namespace reprise
