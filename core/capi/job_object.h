// Jobs behind one face for the C interface, their events and results as JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "capi/context.h"
#include "generate/job.h"

namespace reprise {

class JobObject : public Object {
 public:
  static constexpr ObjectKind kKind = ObjectKind::kJob;
  // The model has no other job and outlives this one.
  explicit JobObject(ModelObject* model) : Object(kKind), model_(model) { model->has_job = true; }
  ~JobObject() override { model_->has_job = false; }

  // After an error every further step is the same error.
  Result<JobState> Step(int64_t work_units);

  virtual std::string EventJson() const = 0;
  virtual std::string ResultJson() const = 0;
  virtual std::span<const float> values() const { return {}; }

 private:
  virtual Job& job() = 0;

  ModelObject* model_;
  std::optional<Error> failure_;
};

// options_json: as reprise.h says. Errors: those of the jobs, and of options that are not those.
Result<std::unique_ptr<JobObject>> MakeGenerateJob(ModelObject* model,
                                                   std::shared_ptr<const Tokenizer> tokenizer,
                                                   std::span<const int32_t> ids,
                                                   std::string_view options_json);
Result<std::unique_ptr<JobObject>> MakeScoreJob(ModelObject* model, std::span<const int32_t> ids);
Result<std::unique_ptr<JobObject>> MakeForwardJob(ModelObject* model, std::span<const int32_t> ids,
                                                  bool last_only, MemoryBudget* budget);

}  // namespace reprise
