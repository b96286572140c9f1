#include "apps/native/core.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace reprise::native {
namespace {

ErrorCode CodeByNumber(int32_t number) { return static_cast<ErrorCode>(number); }

}  // namespace

Result<std::string> ReadWholeFile(const std::string& path) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) {
    return Fail(
        Error(ErrorCode::kIo, path + ": expected a file, found a folder").With("file", path));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Fail(Error(ErrorCode::kNotFound, path + ": there is no such file").With("file", path));
  }
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) {
    return Fail(Error(ErrorCode::kIo, path + ": could not be read").With("file", path));
  }
  return text;
}

Result<std::unique_ptr<Core>> Core::Open(int32_t threads, const std::string& simd) {
  reprise_context* context = reprise_open(threads, simd.c_str(), 0);
  if (context == nullptr) {
    const auto error = ParseJson(reprise_open_error(), "reprise_open");
    const JsonValue* message = error ? error->Find("message") : nullptr;
    return Fail(ErrorCode::kDeviceUnavailable,
                message ? std::string(message->string()) : std::string(reprise_open_error()));
  }
  return std::unique_ptr<Core>(new Core(context));
}

std::string_view Core::result() const {
  return {reinterpret_cast<const char*>(reprise_result(context_)), reprise_result_size(context_)};
}

std::span<const float> Core::values() const {
  return {reinterpret_cast<const float*>(reprise_result(context_)),
          reprise_result_size(context_) / sizeof(float)};
}

Result<int32_t> Core::Check(int32_t value) const {
  if (value >= 0) return value;
  Error error(CodeByNumber(-value), std::string(result()));
  if (const auto parsed = ParseJson(result(), "error"); parsed) {
    if (const JsonValue* message = parsed->Find("message")) error.message = message->string();
    if (const JsonValue* fields = parsed->Find("fields"); fields && fields->is_object()) {
      for (const auto& [name, field] : fields->object()) {
        if (field.is_string()) error = std::move(error).With(name, field.string());
        if (field.kind() == JsonValue::Kind::kInt) {
          error = std::move(error).With(name, field.integer());
        }
      }
    }
  }
  return Fail(std::move(error));
}

Result<int32_t> Core::LoadTokenizer(const std::string& path) const {
  const std::string file = std::filesystem::is_directory(path) ? path + "/tokenizer.json" : path;
  REPRISE_ASSIGN(const std::string json, ReadWholeFile(file));
  return MakeTokenizer(json, file);
}

Result<int32_t> Core::MakeTokenizer(std::string_view json, std::string_view file) const {
  return Check(
      reprise_tokenizer_create(context_, json.data(), json.size(), file.data(), file.size()));
}

Status Core::Run(int32_t job, const std::function<Status(const JsonValue&)>& on_event) const {
  for (;;) {
    REPRISE_ASSIGN(const int32_t state, Check(reprise_job_step(context_, job, kWorkUnits)));
    if (state == REPRISE_DONE) return {};
    if (state != REPRISE_EVENT) continue;
    REPRISE_ASSIGN(const JsonValue event, ParseJson(result(), "event"));
    REPRISE_TRY(on_event(event));
  }
}

}  // namespace reprise::native
