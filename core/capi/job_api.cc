// The calls of reprise_tokenizer.h that drive jobs.
#include "capi/context.h"
#include "capi/job_object.h"

using reprise::ErrorCode;
using reprise::Fail;
using reprise::JobObject;
using reprise::JobState;
using reprise::Result;

static_assert(static_cast<int32_t>(JobState::kRunning) == REPRISE_RUNNING);
static_assert(static_cast<int32_t>(JobState::kNeedsRead) == REPRISE_NEEDS_READ);
static_assert(static_cast<int32_t>(JobState::kEvent) == REPRISE_EVENT);
static_assert(static_cast<int32_t>(JobState::kDone) == REPRISE_DONE);

int32_t reprise_job_step(reprise_context* context, int32_t job, int32_t work_units) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(JobObject * object, context->Find<JobObject>(job));
    REPRISE_TRY(reprise::CheckWorkUnits(work_units));
    REPRISE_ASSIGN(const JobState state, object->Step(work_units));
    if (state == JobState::kEvent) context->Answer(object->EventJson());
    return static_cast<int32_t>(state);
  });
}

int32_t reprise_job_result(reprise_context* context, int32_t job) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const JobObject* object, context->Find<JobObject>(job));
    context->Answer(object->ResultText());
    return 0;
  });
}

int32_t reprise_job_values(reprise_context* context, int32_t job) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const JobObject* object, context->Find<JobObject>(job));
    const std::span<const uint8_t> values = object->values();
    const size_t count = values.size() / sizeof(uint32_t);
    if (count > static_cast<size_t>(reprise::kMaxJobValues)) {
      return Fail(ErrorCode::kUnsupported, "more than 2^31 - 1 values cannot be counted here");
    }
    context->AnswerView(values);
    return static_cast<int32_t>(count);
  });
}
