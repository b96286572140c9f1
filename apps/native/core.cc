#include "apps/native/core.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace reprise::native {
namespace {

constexpr int32_t kWorkUnits = 4096;

ErrorCode CodeByNumber(int32_t number) { return static_cast<ErrorCode>(number); }

}  // namespace

Result<std::string> ReadWholeFile(const std::string& path) {
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
  return Check(
      reprise_tokenizer_create(context_, json.data(), json.size(), file.data(), file.size()));
}

Result<std::vector<std::string>> Core::WeightFiles(const std::string& folder) const {
  const std::string single = "model.safetensors", index = single + ".index.json";
  if (std::filesystem::exists(folder + "/" + single) ||
      !std::filesystem::exists(folder + "/" + index)) {
    return std::vector<std::string>{single};
  }
  REPRISE_ASSIGN(const std::string json, ReadWholeFile(folder + "/" + index));
  REPRISE_TRY(
      Check(reprise_weights_index(context_, json.data(), json.size(), index.data(), index.size())));
  REPRISE_ASSIGN(const JsonValue answer, ParseJson(result(), "answer"));
  std::vector<std::string> names;
  for (const JsonValue& name : answer.Find("files")->array()) names.emplace_back(name.string());
  return names;
}

Status Core::PushFile(int32_t model, const std::string& path, const std::string& name) const {
  std::ifstream in(path, std::ios::binary);
  std::error_code failed;
  const auto bytes = std::filesystem::file_size(path, failed);
  if (!in || failed) {
    return Fail(Error(ErrorCode::kNotFound, path + ": there is no such file").With("file", path));
  }
  REPRISE_TRY(Check(reprise_model_begin_file(context_, model, name.data(), name.size(),
                                             static_cast<double>(bytes))));
  std::vector<char> piece(1 << 20);
  for (uint64_t done = 0; done < bytes;) {
    const auto count = static_cast<size_t>(std::min<uint64_t>(piece.size(), bytes - done));
    if (!in.read(piece.data(), static_cast<std::streamsize>(count))) {
      return Fail(Error(ErrorCode::kIo, path + ": could not be read").With("file", path));
    }
    REPRISE_TRY(Check(reprise_model_push(context_, model,
                                         reinterpret_cast<const uint8_t*>(piece.data()), count)));
    done += count;
  }
  REPRISE_TRY(Check(reprise_model_end_file(context_, model)));
  return {};
}

Result<int32_t> Core::LoadModel(const std::string& folder, const std::string& options) const {
  const std::string config_name = "config.json", generation_name = "generation_config.json";
  REPRISE_ASSIGN(const std::string config, ReadWholeFile(folder + "/" + config_name));
  REPRISE_ASSIGN(
      const int32_t model,
      Check(reprise_model_create(context_, config.data(), config.size(), config_name.data(),
                                 config_name.size(), options.data(), options.size())));
  for (int32_t more = 1; more == 1;) {
    REPRISE_ASSIGN(more, Check(reprise_model_prepare(context_, model, kWorkUnits)));
  }
  if (std::filesystem::exists(folder + "/" + generation_name)) {
    REPRISE_ASSIGN(const std::string json, ReadWholeFile(folder + "/" + generation_name));
    REPRISE_TRY(
        Check(reprise_model_generation_config(context_, model, json.data(), json.size(),
                                              generation_name.data(), generation_name.size())));
  }
  REPRISE_ASSIGN(const auto files, WeightFiles(folder));
  for (const std::string& file : files) REPRISE_TRY(PushFile(model, folder + "/" + file, file));
  REPRISE_TRY(Check(reprise_model_finish(context_, model)));
  return model;
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
