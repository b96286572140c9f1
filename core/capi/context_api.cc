// The calls of reprise_tokenizer.h on the context itself.
#include <charconv>
#include <iterator>
#include <limits>
#include <new>
#include <string>

#include "base/argument_error.h"
#include "base/fill_in.h"
#include "base/json_writer.h"
#include "capi/context.h"
#include "numerics/numerics_version.h"

namespace reprise {
namespace {

// Fixed memory: after a trap nothing can be allocated any more.
char trap_message[512];
std::string open_error;

void KeepTrap(const char* file, int line, const char* condition, const char* explanation) {
  char digits[16];
  *std::to_chars(digits, std::end(digits) - 1, line).ptr = '\0';
  char* end = trap_message;
  for (const char* part :
       {file, ":", static_cast<const char*>(digits), ": ", explanation, " (", condition, ")"}) {
    while (*part != '\0' && end < std::end(trap_message) - 1) *end++ = *part++;
  }
  *end = '\0';
}

void RefuseSmallAllocation() {
  REPRISE_CHECK(false, "memory for something else than a tensor is used up");
}

int64_t MachineLimitBytes() {
  return sizeof(void*) == 4 ? int64_t{1} << 32 : std::numeric_limits<int64_t>::max();
}

Result<std::unique_ptr<reprise_context>> Open(int32_t threads, const char* simd,
                                              double memory_limit) {
  constexpr int32_t kMaxThreads = 64;
  constexpr double kMaxBytes = 9007199254740991.0;
  if (threads < 1 || threads > kMaxThreads) {
    return ArgumentOutOfRange("threads", "an integer from 1 to 64", threads);
  }
  if (threads > 1 && !ThreadPool::HasThreads()) {
    return Fail(
        Error(ErrorCode::kDeviceUnavailable,
              FillIn("threads: this build has no threads, found {}", {std::to_string(threads)}))
            .With("argument", "threads")
            .With("expected", "1")
            .With("found", int64_t{threads}));
  }
  if (!(memory_limit >= 0) || memory_limit > kMaxBytes) {
    return ArgumentOutOfRange("memory_limit", "bytes from 0 to 2^53 - 1", memory_limit);
  }
  REPRISE_ASSIGN(const SimdLevel level, ChooseSimdLevel(simd));
  const int64_t limit =
      memory_limit == 0 ? MachineLimitBytes() : static_cast<int64_t>(memory_limit);
  return std::make_unique<reprise_context>(threads, level, limit);
}

void WriteMemory(JsonWriter& json, const MemoryBudget& budget) {
  json.BeginObject();
  json.Key("usedBytes").Int(budget.used_bytes);
  WriteLimit(json, budget);
  json.EndObject();
}

std::string Info(reprise_context& context) {
  JsonWriter json;
  json.BeginObject();
  json.Key("version").String(REPRISE_VERSION);
  json.Key("numericsVersion").Int(kNumericsVersion);
  json.Key("simd").String(SimdLevelName(context.simd));
  json.Key("simdLevels").BeginArray();
  for (const SimdLevel level : AvailableSimdLevels()) json.String(SimdLevelName(level));
  json.EndArray();
  json.Key("threads").Int(context.pool.threads());
  json.Key("hasThreads").Bool(ThreadPool::HasThreads());
  json.Key("memory");
  WriteMemory(json, context.budget);
  json.Key("handles").Int(context.handle_count());
  json.Key("storages").Int(context.storage_count());
  json.EndObject();
  return std::move(json).Take();
}

}  // namespace
}  // namespace reprise

reprise_context* reprise_open(int32_t threads, const char* simd, double memory_limit) {
  reprise::SetTrapHandler(reprise::KeepTrap);
  std::set_new_handler(reprise::RefuseSmallAllocation);
  reprise::open_error.clear();
  auto context = reprise::Open(threads, simd, memory_limit);
  if (context) return context->release();
  reprise::open_error = context.error().ToJson();
  return nullptr;
}

const char* reprise_open_error() { return reprise::open_error.c_str(); }

const char* reprise_trap_message() { return reprise::trap_message; }

void reprise_close(reprise_context* context) { delete context; }

const uint8_t* reprise_result(const reprise_context* context) { return context->answer().data(); }

size_t reprise_result_size(const reprise_context* context) { return context->answer().size(); }

int32_t reprise_info(reprise_context* context) {
  return context->Run([&]() -> reprise::Result<int32_t> {
    context->Answer(reprise::Info(*context));
    return 0;
  });
}

int32_t reprise_release(reprise_context* context, int32_t handle) {
  return context->Run([&]() -> reprise::Result<int32_t> {
    REPRISE_TRY(context->Release(handle));
    return 0;
  });
}
