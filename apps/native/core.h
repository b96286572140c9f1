// The C interface of the core as C++ objects that release themselves.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"
#include "base/status.h"
#include "capi/reprise.h"

namespace reprise::native {

// Units of work of one step.
inline constexpr int32_t kWorkUnits = 4096;

// Errors: not_found or io, with the file.
Result<std::string> ReadWholeFile(const std::string& path);

// A context. `simd` as REPRISE_SIMD writes it, "" for the fastest level.
class Core {
 public:
  static Result<std::unique_ptr<Core>> Open(int32_t threads, const std::string& simd);
  ~Core() { reprise_close(context_); }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  reprise_context* get() const { return context_; }
  std::string_view result() const;
  std::span<const float> values() const;
  // The value of a call, or the error that lies in the context.
  Result<int32_t> Check(int32_t value) const;

  // A tokenizer.json, or the folder of one.
  Result<int32_t> LoadTokenizer(const std::string& path) const;
  Result<int32_t> MakeTokenizer(std::string_view json, std::string_view file) const;
  // Steps a job to its end; `on_event` gets each event.
  Status Run(int32_t job, const std::function<Status(const JsonValue&)>& on_event) const;

 private:
  explicit Core(reprise_context* context) : context_(context) {}

  reprise_context* context_;
};

}  // namespace reprise::native
