#include "capi/job_object.h"

#include <string_view>
#include <utility>

#include "base/json_writer.h"

namespace reprise {

Result<JobState> JobObject::Step(int64_t work_units) {
  if (failure_) return Fail(Error(*failure_));
  Result<JobState> state = Advance(work_units);
  if (!state) failure_ = state.error();
  return state;
}

Status JobObject::TakeDigests(std::span<const uint8_t> bytes) {
  if (failure_) return Fail(Error(*failure_));
  Status status = AddDigests(bytes);
  if (!status && status.error().code != ErrorCode::kInvalidArgument) failure_ = status.error();
  return status;
}

Status JobObject::AddDigests(std::span<const uint8_t> /*bytes*/) {
  return Fail(ErrorCode::kInvalidArgument, "the job takes no digests");
}

Result<std::string> JobObject::RecordText(std::string_view /*facts*/) const {
  return Fail(ErrorCode::kInvalidArgument, "the job keeps no record");
}

std::string ProgressJson(std::string_view type, const JobProgress& progress) {
  JsonWriter json;
  json.BeginObject();
  json.Key("type").String(type);
  json.Key("done").Int(progress.done);
  json.Key("total").Int(progress.total);
  json.EndObject();
  return std::move(json).Take();
}

}  // namespace reprise
