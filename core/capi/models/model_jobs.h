// Jobs on models behind the face of the C interface, their options, events and results as JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "capi/job_object.h"
#include "capi/models/model_object.h"
#include "run/run_record.h"
#include "tokenizer/tokenizer.h"

namespace reprise {

// options_json: as reprise.h says. Errors: those of the jobs, and of options that are not those.
Result<std::unique_ptr<JobObject>> MakeGenerateJob(ModelObject* model,
                                                   std::shared_ptr<const Tokenizer> tokenizer,
                                                   std::span<const int32_t> ids,
                                                   std::string_view options_json, int64_t threads);
// facts: as reprise.h says. Errors: those of ReplayJob::Create and of facts that are not those.
Result<std::unique_ptr<JobObject>> MakeReplayJob(ModelObject* model,
                                                 std::shared_ptr<const Tokenizer> tokenizer,
                                                 RunRecord record, std::string_view facts,
                                                 int64_t threads);
Result<std::unique_ptr<JobObject>> MakeScoreJob(ModelObject* model, std::span<const int32_t> ids);
Result<std::unique_ptr<JobObject>> MakeForwardJob(ModelObject* model, std::span<const int32_t> ids,
                                                  bool last_only, MemoryBudget* budget);

}  // namespace reprise
