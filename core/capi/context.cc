#include "capi/context.h"

#include <algorithm>
#include <limits>

#include "base/argument_error.h"
#include "base/fill_in.h"

using reprise::Error;
using reprise::ErrorCode;
using reprise::Fail;
using reprise::FillIn;
using reprise::Object;
using reprise::ObjectKind;

namespace reprise {

std::string_view ObjectKindName(ObjectKind kind) {
  // In the order of their numbers.
  constexpr std::string_view kNames[] = {"tokenizer", "decode stream", "tokenizer trainer",
                                         "model",     "job",           "hasher",
                                         "manifest",  "dataset file"};
  return kNames[static_cast<size_t>(kind)];
}

Status CheckWorkUnits(int32_t work_units) {
  if (work_units >= 1) return {};
  return ArgumentOutOfRange("work_units", "an integer of at least 1", work_units);
}

void WriteLimit(JsonWriter& json, const MemoryBudget& budget) {
  json.Key("limitBytes");
  if (budget.limit_bytes == std::numeric_limits<int64_t>::max()) {
    json.Null();
  } else {
    json.Int(budget.limit_bytes);
  }
}

}  // namespace reprise

reprise_context::~reprise_context() {
  std::erase_if(objects_, [](const auto& entry) { return entry.second->kind == ObjectKind::kJob; });
}

void reprise_context::Clear() {
  text_.clear();
  values_ = reprise::GrowingMemory();
  answer_ = nullptr;
  answer_bytes_ = 0;
}

void reprise_context::Answer(std::string text) {
  text_ = std::move(text);
  answer_ = reinterpret_cast<const uint8_t*>(text_.data());
  answer_bytes_ = text_.size();
}

void reprise_context::AnswerView(std::span<const uint8_t> bytes) {
  answer_ = bytes.data();
  answer_bytes_ = bytes.size();
}

int32_t reprise_context::RunCall(void* call, reprise::Result<int32_t> (*run)(void*)) {
  const reprise::ScopedFloatEnvironment environment;
  Clear();
  const reprise::Result<int32_t> result = run(call);
  return result ? *result : Answer(result.error());
}

int32_t reprise_context::Answer(const Error& error) {
  Answer(error.ToJson());
  return -static_cast<int32_t>(error.code);
}

int32_t reprise_context::Add(std::unique_ptr<Object> object) {
  REPRISE_CHECK(last_handle_ < INT32_MAX, "a context makes fewer than 2^31 objects");
  objects_.emplace(++last_handle_, std::move(object));
  return last_handle_;
}

reprise::Result<Object*> reprise_context::Find(int32_t handle, ObjectKind kind) {
  const std::string_view name = reprise::ObjectKindName(kind);
  const auto found = objects_.find(handle);
  if (found == objects_.end()) {
    return Fail(Error(ErrorCode::kDisposed, FillIn("the {} was disposed of, or never was", {name}))
                    .With("found", int64_t{handle}));
  }
  if (found->second->kind != kind) {
    const std::string_view other = reprise::ObjectKindName(found->second->kind);
    return Fail(
        Error(ErrorCode::kInvalidArgument, FillIn("expected a {}, found a {}", {name, other}))
            .With("argument", "handle")
            .With("expected", name)
            .With("found", other));
  }
  return found->second.get();
}

reprise::Status reprise_context::Release(int32_t handle) {
  const auto found = objects_.find(handle);
  if (found == objects_.end()) {
    return Fail(Error(ErrorCode::kDisposed, "the object was disposed of, or never was")
                    .With("found", int64_t{handle}));
  }
  if (found->second->is_in_use()) {
    const std::string_view name = reprise::ObjectKindName(found->second->kind);
    return Fail(ErrorCode::kBusy, FillIn("a job uses the {}; release the job first", {name}));
  }
  objects_.erase(found);
  return {};
}

int64_t reprise_context::storage_count() const {
  int64_t count = 0;
  for (const auto& [handle, object] : objects_) count += object->storages();
  return count;
}
