#include "apps/native/run_commands.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/json_writer.h"

namespace reprise::native {
namespace {

// The one word that comes before the options.
Result<std::string> FirstWord(std::span<const char* const> words, std::string_view what) {
  if (!words.empty() && !std::string_view(words[0]).starts_with("--")) {
    return std::string(words[0]);
  }
  return Fail(ErrorCode::kInvalidArgument, "expected " + std::string(what));
}

// Whole or not at all: what was there stays until the new file is complete. A link goes on leading
// where it leads; a pipe or a device is written as it is.
Status WriteFile(const std::string& file, const std::string& text) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::file_status found = fs::status(file, failed);
  const bool is_replaced = !fs::exists(found) || fs::is_regular_file(found);
  const fs::path target = fs::is_regular_file(found) ? fs::canonical(file, failed) : fs::path(file);
  const std::string part = is_replaced ? target.string() + ".part" : file;
  std::ofstream out(part, std::ios::binary);
  out << text;
  out.close();
  failed.clear();
  if (out && is_replaced) fs::rename(part, target, failed);
  if (out && !failed) return {};
  if (is_replaced) fs::remove(part, failed);
  return Fail(Error(ErrorCode::kIo, file + ": could not be written").With("file", file));
}

// The core's own account of this machine, as the member "capabilities" of facts.
Result<std::string> CapabilitiesMember(const Core& core) {
  REPRISE_TRY(core.Check(reprise_info(core.get())));
  return ",\"capabilities\":" + std::string(core.result());
}

void PrintDifferences(const JsonValue& result) {
  if (const JsonValue* first = result.Find("firstDifference")) {
    const auto word = [&](std::string_view name) {
      const JsonValue& value = *first->Find(name);
      return value.is_string() ? std::string(value.string()) : std::to_string(value.integer());
    };
    PrintLine("  first at token " + word("at") + ": recorded " + word("recorded") + ", found " +
              word("found"));
  }
  const JsonValue& drift = *result.Find("drift");
  const JsonValue* const within = result.Find("withinTolerance");
  const char* const place = within == nullptr   ? ""
                            : within->boolean() ? ", inside the tolerance between backends"
                                                : ", outside the tolerance between backends";
  std::printf("  |delta logprob| %g at most, %g on average%s\n", drift.Find("max")->number(),
              drift.Find("mean")->number(), place);
}

void PrintReplay(const JsonValue& result, bool is_identical) {
  const int64_t compared = result.Find("compared")->integer();
  PrintLine((is_identical ? "identical: " : "differs: ") + std::to_string(compared) +
            " tokens compared");
  if (!is_identical) PrintDifferences(result);
  for (const JsonValue& reason : result.Find("reasons")->array()) {
    PrintLine("  " + std::string(reason.Find("text")->string()));
  }
}

// The model's options for a record: its backend, where it is one of the CPU, and context.
Result<std::string> ReplayModelOptions(const Arguments& arguments, const JsonValue& record) {
  JsonWriter options;
  const std::string_view recorded = record.Find("backend")->string();
  options.BeginObject().Key("backend");
  if (arguments.Has("backend"))
    options.String(arguments.Text("backend"));
  else
    options.String(recorded == "webgpu" ? "cpu" : recorded);
  options.Key("contextLength")
      .Double(record.Find("settings")->Find("contextLength")->number())
      .EndObject();
  return std::move(options).Take();
}

}  // namespace

Status WriteRecordOf(const Core& core, const ModelFolder& folder, int32_t job,
                     const std::string& file, GenerationTimings timings) {
  REPRISE_ASSIGN(const std::string capabilities, CapabilitiesMember(core));
  JsonWriter json;
  json.BeginObject().Key("prefillMs").Double(timings.prefill_ms);
  json.Key("decodeMs").Double(timings.decode_ms).EndObject();
  const std::string facts = folder.Facts(capabilities + ",\"timings\":" + std::move(json).Take());
  REPRISE_TRY(core.Check(reprise_generation_record(core.get(), job, facts.data(), facts.size())));
  return WriteFile(file, std::string(core.result()) + "\n");
}

Result<bool> Replay(std::span<const char* const> words) {
  constexpr std::string_view kNames[] = {"model", "backend", "threads"};
  constexpr std::string_view kFlags[] = {"json", "allow-other-inputs"};
  REPRISE_ASSIGN(const std::string file, FirstWord(words, "a record"));
  REPRISE_ASSIGN(const Arguments arguments, Arguments::Parse(words.subspan(1), kNames, kFlags));
  REPRISE_ASSIGN(const std::string path, arguments.Needed("model"));
  REPRISE_ASSIGN(const auto core, OpenCore(arguments));
  REPRISE_ASSIGN(const std::string text, ReadWholeFile(file));
  REPRISE_TRY(core->Check(
      reprise_record_check(core->get(), text.data(), text.size(), file.data(), file.size())));
  REPRISE_ASSIGN(const JsonValue record, ParseJson(text, file));
  REPRISE_ASSIGN(ModelFolder folder, ModelFolder::Open(core.get(), path, true));
  REPRISE_ASSIGN(const std::string options, ReplayModelOptions(arguments, record));
  REPRISE_ASSIGN(const int32_t model, folder.LoadModel(options));
  int32_t tokenizer = 0;
  if (record.Find("inputs")->Find("tokenizer")->is_string()) {
    REPRISE_ASSIGN(tokenizer, folder.LoadTokenizer());
  }
  REPRISE_ASSIGN(const std::string capabilities, CapabilitiesMember(*core));
  const std::string others = arguments.Has("allow-other-inputs") ? "true" : "false";
  const std::string facts = folder.Facts(capabilities + ",\"allowOtherInputs\":" + others);
  REPRISE_ASSIGN(const int32_t job,
                 core->Check(reprise_replay(core->get(), model, tokenizer, text.data(), text.size(),
                                            file.data(), file.size(), facts.data(), facts.size())));
  REPRISE_TRY(core->Run(job, [](const JsonValue&) -> Status { return {}; }));
  REPRISE_TRY(core->Check(reprise_job_result(core->get(), job)));
  REPRISE_ASSIGN(const JsonValue result, ParseJson(core->result(), "result"));
  const bool is_identical = result.Find("verdict")->string() == "identical";
  if (arguments.Has("json"))
    PrintLine(std::string(core->result()));
  else
    PrintReplay(result, is_identical);
  return is_identical;
}

Status MakeManifest(std::span<const char* const> words) {
  REPRISE_ASSIGN(const std::string path, FirstWord(words, "a folder"));
  REPRISE_ASSIGN(const Arguments arguments, Arguments::Parse(words.subspan(1), {}, {}));
  REPRISE_ASSIGN(const auto core, OpenCore(arguments));
  REPRISE_ASSIGN(const ModelFolder folder, ModelFolder::Open(core.get(), path, false));
  REPRISE_ASSIGN(const std::string text, folder.MakeManifest());
  return WriteFile(path + "/manifest.json", text);
}

Status Verify(std::span<const char* const> words) {
  REPRISE_ASSIGN(const std::string path, FirstWord(words, "a folder"));
  REPRISE_ASSIGN(const Arguments arguments, Arguments::Parse(words.subspan(1), {}, {}));
  REPRISE_ASSIGN(const auto core, OpenCore(arguments));
  REPRISE_ASSIGN(const ModelFolder folder, ModelFolder::Open(core.get(), path, true));
  REPRISE_ASSIGN(const auto files, folder.Verify());
  for (const auto& file : files) {
    PrintLine(file.sha256 + "  " + file.name + "  " + std::to_string(file.bytes) + " bytes");
  }
  PrintLine("verified: " + std::to_string(files.size()) + " files");
  return {};
}

Status CheckConfig(std::span<const char* const> words) {
  REPRISE_ASSIGN(const std::string what, FirstWord(words, "validate or hash"));
  if (what != "validate" && what != "hash") {
    return Fail(ErrorCode::kInvalidArgument, "expected validate or hash, found \"" + what + "\"");
  }
  REPRISE_ASSIGN(const std::string file, FirstWord(words.subspan(1), "a run config"));
  REPRISE_ASSIGN(const Arguments arguments, Arguments::Parse(words.subspan(2), {}, {}));
  REPRISE_ASSIGN(const auto core, OpenCore(arguments));
  REPRISE_ASSIGN(const std::string text, ReadWholeFile(file));
  REPRISE_TRY(core->Check(
      reprise_run_config_check(core->get(), text.data(), text.size(), file.data(), file.size())));
  PrintLine(what == "hash" ? std::string(core->result()) : file + ": a run config of version 1");
  return {};
}

}  // namespace reprise::native
