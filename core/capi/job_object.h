// Jobs behind one face for the C interface, their events and results as JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/job.h"
#include "capi/context.h"

namespace reprise {

// An answer counts a job's values in 32 bits with a sign.
inline constexpr int64_t kMaxJobValues = (int64_t{1} << 31) - 1;

class JobObject : public Object {
 public:
  static constexpr ObjectKind kKind = ObjectKind::kJob;
  JobObject() : Object(kKind) {}

  // After an error every further step is the same error.
  Result<JobState> Step(int64_t work_units);

  virtual std::string EventJson() const = 0;
  virtual std::string ResultText() const = 0;
  // Of 32 bits each.
  virtual std::span<const uint8_t> values() const { return {}; }
  // What a job of digests is given before its first step. Errors: invalid_argument where the job
  // takes none or not these, which leaves it as it was; any other ends it as that of a step does.
  Status TakeDigests(std::span<const uint8_t> bytes);
  // The record of the run so far, given what the host knows of it (reprise.h). Errors:
  // invalid_argument where the job keeps none.
  virtual Result<std::string> RecordText(std::string_view facts) const;

 private:
  virtual Result<JobState> Advance(int64_t work_units) = 0;
  virtual Status AddDigests(std::span<const uint8_t> bytes);

  std::optional<Error> failure_;
};

// {"type", "done", "total"}.
std::string ProgressJson(std::string_view type, const JobProgress& progress);

}  // namespace reprise
