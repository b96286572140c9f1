// Long work as a state machine: the host calls Step until it is done and may do other things, or
// drop the job, between two steps. A job never waits: a result comes by ticket.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/causal_lm.h"

namespace reprise {

enum class JobState : uint8_t {
  kRunning,
  kNeedsRead,  // the device has to answer before another step makes sense
  kEvent,      // something to tell; the job goes on
  kDone,
};

// How far a job is, in tokens.
struct JobProgress {
  int64_t done = 0;
  int64_t total = 0;
};

class Job {
 public:
  virtual ~Job() = default;

  // Works for about `work_units` units of 65,536 multiply-adds. Once it is done it stays done;
  // after an error it must not be called again. Errors: device_lost, out_of_memory and what the job
  // itself states.
  virtual Result<JobState> Step(int64_t work_units) = 0;
};

// A job on a model, which outlives it. It queues a piece of work and a read behind it, and goes on
// when the read is there. At most one such job lives on a model at a time.
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
