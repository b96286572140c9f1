// Long work as a state machine: the host calls Step until it is done and may do other things, or
// drop the job, between two steps. A job never waits.
#pragma once

#include <cstdint>

#include "base/status.h"

namespace reprise {

enum class JobState : uint8_t {
  kRunning,
  kNeedsRead,  // the device has to answer before another step makes sense
  kEvent,      // something to tell; the job goes on
  kDone,
};

// How far a job is, in the job's own unit.
struct JobProgress {
  int64_t done = 0;
  int64_t total = 0;
};

class Job {
 public:
  virtual ~Job() = default;

  // Works for about `work_units` units of 65,536 multiply-adds. Once it is done it stays done;
  // after an error it must not be called again. Errors: what the job itself states.
  virtual Result<JobState> Step(int64_t work_units) = 0;
};

}  // namespace reprise
