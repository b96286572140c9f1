// What a C context holds: threads, memory, live objects by handle, and the answer of the last call.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backend/webgpu/device.h"
#include "base/float_environment.h"
#include "base/json_writer.h"
#include "base/thread_pool.h"
#include "capi/backend_factory.h"
#include "capi/reprise.h"
#include "model/causal_lm.h"
#include "tokenizer/encoding.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/training/word_counter.h"

namespace reprise {

// The member "limitBytes" of an object: null where there is no limit but the machine's.
void WriteLimit(JsonWriter& json, const MemoryBudget& budget);

// Errors: invalid_argument where it is less than 1.
Status CheckWorkUnits(int32_t work_units);

enum class ObjectKind : uint8_t { kTokenizer, kDecodeStream, kTokenizerTrainer, kModel, kJob };
std::string_view ObjectKindName(ObjectKind kind);

struct Object {
  explicit Object(ObjectKind kind) : kind(kind) {}
  virtual ~Object() = default;
  const ObjectKind kind;
};

struct TokenizerObject final : Object {
  static constexpr ObjectKind kKind = ObjectKind::kTokenizer;
  explicit TokenizerObject(std::shared_ptr<const Tokenizer> tokenizer)
      : Object(kKind), tokenizer(std::move(tokenizer)) {}
  std::shared_ptr<const Tokenizer> tokenizer;
  // Of the last call that gave options, and these.
  std::optional<TextEncoder> encoder;
  std::string encoder_options;
};

struct DecodeStreamObject final : Object {
  static constexpr ObjectKind kKind = ObjectKind::kDecodeStream;
  DecodeStreamObject(std::shared_ptr<const Tokenizer> tokenizer, bool skip_special_tokens)
      : Object(kKind), stream(std::move(tokenizer), skip_special_tokens) {}
  DecodeStream stream;
  bool is_finished = false;
};

// Collects texts for a training job.
struct TokenizerTrainerObject final : Object {
  static constexpr ObjectKind kKind = ObjectKind::kTokenizerTrainer;
  explicit TokenizerTrainerObject(TokenizerTrainingOptions training)
      : Object(kKind), options(std::move(training)), counter(options) {}
  const TokenizerTrainingOptions options;
  WordCounter counter;
  bool is_finished = false;
};

struct ModelObject final : Object {
  static constexpr ObjectKind kKind = ObjectKind::kModel;
  enum class State : uint8_t { kUnprepared, kBetweenFiles, kInFile, kReady, kFailed };
  explicit ModelObject(std::unique_ptr<CausalLm> lm) : Object(kKind), lm(std::move(lm)) {}
  std::unique_ptr<CausalLm> lm;
  std::vector<int64_t> stop_ids;
  State state = State::kUnprepared;
  bool has_job = false;
};

}  // namespace reprise

struct reprise_context {
 public:
  reprise_context(int threads, reprise::SimdLevel simd, int64_t limit_bytes)
      : simd(simd), pool(threads) {
    budget.limit_bytes = limit_bytes;
  }
  // Jobs use models, so they go first.
  ~reprise_context();

  // Runs one call: forgets the last answer, and turns an error into the answer and -code.
  template <typename Call>
  int32_t Run(Call call) {
    const reprise::ScopedFloatEnvironment environment;
    Clear();
    const reprise::Result<int32_t> result = call();
    return result ? *result : Answer(result.error());
  }

  void Answer(std::string text);
  // Memory of a live object, not copied.
  void AnswerView(std::span<const uint8_t> bytes);

  int32_t Add(std::unique_ptr<reprise::Object> object);
  // Errors: disposed where there is no such object, invalid_argument where it is of another kind.
  template <typename T>
  reprise::Result<T*> Find(int32_t handle) {
    REPRISE_ASSIGN(reprise::Object * object, Find(handle, T::kKind));
    return static_cast<T*>(object);
  }
  // Errors: disposed; busy where a job uses it.
  reprise::Status Release(int32_t handle);

  int64_t handle_count() const { return static_cast<int64_t>(objects_.size()); }
  // Of the models' backends.
  int64_t storage_count() const;
  reprise::BackendResources resources() { return {&pool, &budget, simd, device()}; }
  // The device lent last, or null.
  reprise::WebGpuDevice* device() { return devices_.empty() ? nullptr : devices_.back().get(); }
  void AddDevice(const reprise::WebGpuLimits& limits) {
    devices_.push_back(std::make_unique<reprise::WebGpuDevice>(limits));
  }
  // Takes what the device is to do; the number of words.
  int32_t TakeCommands();
  const reprise::WebGpuDevice::CommandList& commands() const { return commands_; }
  std::span<const uint8_t> answer() const { return {answer_, answer_bytes_}; }

  const reprise::SimdLevel simd;
  reprise::ThreadPool pool;
  reprise::MemoryBudget budget;

 private:
  void Clear();
  int32_t Answer(const reprise::Error& error);
  reprise::Result<reprise::Object*> Find(int32_t handle, reprise::ObjectKind kind);

  // Those that failed stay: their models may still be there.
  std::vector<std::unique_ptr<reprise::WebGpuDevice>> devices_;
  reprise::WebGpuDevice::CommandList commands_;
  // A handle is never used twice, so that a disposed one is never taken for a newer object.
  std::map<int32_t, std::unique_ptr<reprise::Object>> objects_;
  int32_t last_handle_ = 0;
  std::string text_;
  const uint8_t* answer_ = nullptr;
  size_t answer_bytes_ = 0;
};
