// What a C context holds: threads, memory, live objects by handle, and the answer of the last call.
// Nothing in this folder knows models; what knows them stands in models/.
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

#include "base/byte_view.h"
#include "base/float_environment.h"
#include "base/growing_array.h"
#include "base/json_writer.h"
#include "base/memory_budget.h"
#include "base/thread_pool.h"
#include "capi/reprise_tokenizer.h"
#include "numerics/simd.h"
#include "tokenizer/encoding.h"
#include "tokenizer/tokenizer.h"

namespace reprise {

// The member "limitBytes" of an object: null where there is no limit but the machine's.
void WriteLimit(JsonWriter& json, const MemoryBudget& budget);

// Errors: invalid_argument where it is less than 1.
Status CheckWorkUnits(int32_t work_units);

enum class ObjectKind : uint8_t {
  kTokenizer,
  kDecodeStream,
  kTokenizerTrainer,
  kModel,
  kJob,
  kHasher,
  kManifest,
  kDatasetFile,
};
std::string_view ObjectKindName(ObjectKind kind);

struct Object {
  explicit Object(ObjectKind kind) : kind(kind) {}
  virtual ~Object() = default;
  // Live storages of its backend.
  virtual int64_t storages() const { return 0; }
  // Whether a job uses it, which has to be released first.
  virtual bool is_in_use() const { return false; }
  const ObjectKind kind;
};

// What calls above this folder keep in a context.
struct ContextPart {
  virtual ~ContextPart() = default;
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
    return RunCall(&call, [](void* given) -> reprise::Result<int32_t> {
      return (*static_cast<Call*>(given))();
    });
  }

  void Answer(std::string text);
  // The bytes of values.
  template <typename T>
  void Answer(reprise::GrowingArray<T> values) {
    AnswerView(reprise::BytesOf(values));
    values_ = std::move(values);
  }
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
  // Of all objects.
  int64_t storage_count() const;
  std::span<const uint8_t> answer() const { return {answer_, answer_bytes_}; }

  const reprise::SimdLevel simd;
  reprise::ThreadPool pool;
  reprise::MemoryBudget budget;
  // Outlives the objects. Null until something is kept there.
  std::unique_ptr<reprise::ContextPart> part;

 private:
  int32_t RunCall(void* call, reprise::Result<int32_t> (*run)(void* call));
  void Clear();
  int32_t Answer(const reprise::Error& error);
  reprise::Result<reprise::Object*> Find(int32_t handle, reprise::ObjectKind kind);

  // A handle is never used twice, so that a disposed one is never taken for a newer object.
  std::map<int32_t, std::unique_ptr<reprise::Object>> objects_;
  int32_t last_handle_ = 0;
  std::string text_;
  reprise::GrowingMemory values_;
  const uint8_t* answer_ = nullptr;
  size_t answer_bytes_ = 0;
};
