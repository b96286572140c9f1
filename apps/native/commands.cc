#include "apps/native/commands.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "apps/native/arguments.h"
#include "apps/native/core.h"
#include "apps/native/model_folder.h"
#include "apps/native/run_commands.h"
#include "base/json_writer.h"

namespace reprise::native {
namespace {

// Options of every command that runs a model.
constexpr std::string_view kModelOptions[] = {"model", "backend", "threads", "context-length"};

}  // namespace

void PrintLine(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

Result<std::unique_ptr<Core>> OpenCore(const Arguments& arguments) {
  REPRISE_ASSIGN(const int64_t threads, arguments.Integer("threads", 1));
  if (threads < 1 || threads > 64) {
    return Fail(Error(ErrorCode::kInvalidArgument, "--threads: expected 1 to 64")
                    .With("argument", "threads")
                    .With("found", threads));
  }
  const char* simd = std::getenv("REPRISE_SIMD");
  return Core::Open(static_cast<int32_t>(threads), simd == nullptr ? "" : simd);
}

namespace {

// A model and the folder that it comes from.
struct Loaded {
  ModelFolder folder;
  int32_t model = 0;
};

Result<Loaded> LoadModel(const Core& core, const Arguments& arguments) {
  REPRISE_ASSIGN(const std::string path, arguments.Needed("model"));
  REPRISE_ASSIGN(ModelFolder folder, ModelFolder::Open(&core, path, true));
  JsonWriter options;
  options.BeginObject().Key("backend").String(arguments.Has("backend") ? arguments.Text("backend")
                                                                       : "cpu");
  if (arguments.Has("context-length")) {
    REPRISE_ASSIGN(const int64_t tokens, arguments.Integer("context-length", 0));
    options.Key("contextLength").Int(tokens);
  }
  options.EndObject();
  REPRISE_ASSIGN(const int32_t model, folder.LoadModel(std::move(options).Take()));
  return Loaded{std::move(folder), model};
}

Result<std::vector<int32_t>> Encode(const Core& core, int32_t tokenizer, std::string_view text,
                                    bool special) {
  REPRISE_ASSIGN(const int32_t count,
                 core.Check(reprise_tokenizer_encode(core.get(), tokenizer, text.data(),
                                                     text.size(), special ? 1 : 0)));
  const auto* ids = reinterpret_cast<const int32_t*>(reprise_result(core.get()));
  return std::vector<int32_t>(ids, ids + count);
}

void WriteIds(JsonWriter& json, std::span<const int32_t> ids) {
  json.BeginArray();
  for (const int32_t id : ids) json.Int(id);
  json.EndArray();
}

void WriteFloats(JsonWriter& json, std::span<const float> values) {
  json.BeginArray();
  for (const float value : values) json.Double(value);
  json.EndArray();
}

double MillisecondsSince(std::chrono::steady_clock::time_point start) {
  const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - start;
  return passed.count();
}

// A number as the command line has it becomes one of the options; the core checks its range.
struct NumberOption {
  std::string_view argument, key;
};
constexpr NumberOption kSampling[] = {{"temperature", "temperature"},
                                      {"top-k", "topK"},
                                      {"top-p", "topP"},
                                      {"min-p", "minP"},
                                      {"repetition-penalty", "repetitionPenalty"},
                                      {"frequency-penalty", "frequencyPenalty"},
                                      {"presence-penalty", "presencePenalty"},
                                      {"max-tokens", "maxTokens"},
                                      {"logprobs", "logprobs"}};

// A number's text, as JSON has it.
Result<std::string> NumberText(std::string_view argument, std::string_view value) {
  const std::string name = "--" + std::string(argument), text(value);
  const auto number = ParseJson(text, name);
  if (number && number->is_number()) return text;
  return Fail(
      Error(ErrorCode::kInvalidArgument, name + ": expected a number, found \"" + text + "\"")
          .With("argument", argument)
          .With("found", text));
}

// "5=-1,403=2.5" as {"5": -1, "403": 2.5}; the core checks the ids.
Result<std::string> BiasJson(std::string_view pairs) {
  constexpr std::string_view kName = "logit-bias";
  std::string json;
  while (!pairs.empty()) {
    const std::string_view pair = pairs.substr(0, pairs.find(','));
    const size_t equals = std::min(pair.find('='), pair.size());
    REPRISE_ASSIGN(const std::string bias,
                   NumberText(kName, pair.substr(std::min(equals + 1, pair.size()))));
    json += json.empty() ? "{" : ",";
    json += std::move(JsonWriter().String(pair.substr(0, equals))).Take() + ":" + bias;
    pairs.remove_prefix(std::min(pair.size() + 1, pairs.size()));
  }
  return json.empty() ? "{}" : json + "}";
}

Result<std::string> SamplingJson(const Arguments& arguments, int64_t seed) {
  std::string text = "{\"seed\":" + std::to_string(seed);
  for (const NumberOption& option : kSampling) {
    if (!arguments.Has(option.argument)) continue;
    REPRISE_ASSIGN(const std::string value,
                   NumberText(option.argument, arguments.Text(option.argument)));
    text += ",\"" + std::string(option.key) + "\":" + value;
  }
  if (arguments.Has("logit-bias")) {
    REPRISE_ASSIGN(const std::string bias, BiasJson(arguments.Text("logit-bias")));
    text += ",\"logitBias\":" + bias;
  }
  if (arguments.Has("stop")) {
    JsonWriter stop;
    stop.BeginArray().String(arguments.Text("stop")).EndArray();
    text += ",\"stop\":" + std::move(stop).Take();
  }
  if (arguments.Has("stop-ids")) {
    REPRISE_ASSIGN(const auto ids, arguments.Ids("stop-ids"));
    JsonWriter stop_ids;
    WriteIds(stop_ids, ids);
    text += ",\"stopIds\":" + std::move(stop_ids).Take();
  }
  if (arguments.Has("record")) text += ",\"record\":true";
  return text + "}";
}

// The job's own result, and what the host knows beside it.
void PrintGeneration(const JsonValue& result, std::span<const int32_t> prompt, int64_t seed,
                     double prefill_ms, double decode_ms) {
  JsonWriter json;
  json.BeginObject().Key("text").String(result.Find("text")->string()).Key("tokens").BeginArray();
  for (const JsonValue& id : result.Find("tokens")->array()) json.Int(id.integer());
  json.EndArray().Key("promptIds");
  WriteIds(json, prompt);
  json.Key("finishReason").String(result.Find("finishReason")->string()).Key("seed").Int(seed);
  if (const JsonValue* logprobs = result.Find("logprobs"); logprobs && logprobs->is_array()) {
    json.Key("logprobs").BeginArray();
    for (const JsonValue& entry : logprobs->array()) {
      json.BeginObject().Key("id").Int(entry.Find("id")->integer());
      json.Key("logprob").Double(entry.Find("logprob")->number()).Key("top").BeginArray();
      for (const JsonValue& top : entry.Find("top")->array()) {
        json.BeginObject().Key("id").Int(top.Find("id")->integer());
        json.Key("logprob").Double(top.Find("logprob")->number()).EndObject();
      }
      json.EndArray().EndObject();
    }
    json.EndArray();
  }
  json.Key("timings").BeginObject().Key("prefillMs").Double(prefill_ms);
  json.Key("decodeMs").Double(decode_ms);
  json.Key("promptTokens").Int(static_cast<int64_t>(prompt.size())).EndObject().EndObject();
  PrintLine(std::move(json).Take());
}

Result<std::vector<int32_t>> PromptIds(const Core& core, ModelFolder& folder,
                                       const Arguments& arguments, int32_t* tokenizer) {
  const bool is_text = arguments.Has("prompt");
  if (is_text == arguments.Has("prompt-ids")) {
    return Fail(ErrorCode::kInvalidArgument, "expected one of --prompt and --prompt-ids");
  }
  REPRISE_ASSIGN(*tokenizer, folder.LoadTokenizer());
  if (is_text && *tokenizer == 0) {
    const std::string file = std::string(arguments.Text("model")) + "/tokenizer.json";
    return Fail(Error(ErrorCode::kNotFound, file + ": there is no such file").With("file", file));
  }
  if (is_text) return Encode(core, *tokenizer, arguments.Text("prompt"), true);
  return arguments.Ids("prompt-ids");
}

template <size_t N>
std::vector<std::string_view> WithModelOptions(const std::string_view (&names)[N]) {
  std::vector<std::string_view> all(std::begin(kModelOptions), std::end(kModelOptions));
  all.insert(all.end(), std::begin(names), std::end(names));
  return all;
}

}  // namespace

Status Capabilities(std::span<const char* const> words) {
  constexpr std::string_view kNames[] = {"threads"};
  REPRISE_ASSIGN(const Arguments arguments, Arguments::Parse(words, kNames, {}));
  REPRISE_ASSIGN(const auto core, OpenCore(arguments));
  REPRISE_TRY(core->Check(reprise_info(core->get())));
  PrintLine(std::string(core->result()));
  return {};
}

Status Generate(std::span<const char* const> words) {
  constexpr std::string_view kNames[] = {"prompt",
                                         "prompt-ids",
                                         "seed",
                                         "temperature",
                                         "top-k",
                                         "top-p",
                                         "min-p",
                                         "stop",
                                         "repetition-penalty",
                                         "frequency-penalty",
                                         "presence-penalty",
                                         "logit-bias",
                                         "max-tokens",
                                         "logprobs",
                                         "stop-ids",
                                         "record"};
  constexpr std::string_view kFlags[] = {"json"};
  REPRISE_ASSIGN(const Arguments arguments,
                 Arguments::Parse(words, WithModelOptions(kNames), kFlags));
  REPRISE_ASSIGN(const int64_t seed, arguments.Seed({}));
  REPRISE_ASSIGN(const std::string options, SamplingJson(arguments, seed));
  REPRISE_ASSIGN(const auto core, OpenCore(arguments));
  REPRISE_ASSIGN(auto loaded, LoadModel(*core, arguments));
  const int32_t model = loaded.model;
  int32_t tokenizer = 0;
  REPRISE_ASSIGN(const auto ids, PromptIds(*core, loaded.folder, arguments, &tokenizer));
  REPRISE_ASSIGN(const int32_t job,
                 core->Check(reprise_generate(core->get(), model, tokenizer, ids.data(), ids.size(),
                                              options.data(), options.size())));
  const bool as_json = arguments.Has("json");
  auto start = std::chrono::steady_clock::now();
  double prefill_ms = 0;
  bool decoding = false;
  const auto on_event = [&](const JsonValue& event) -> Status {
    if (event.Find("type")->string() != "token") return {};
    if (!decoding) {
      prefill_ms = MillisecondsSince(start);
      start = std::chrono::steady_clock::now();
      decoding = true;
    }
    const std::string_view text = event.Find("text")->string();
    if (!as_json) std::fwrite(text.data(), 1, text.size(), stdout);
    return {};
  };
  REPRISE_TRY(core->Run(job, on_event));
  const double decode_ms = MillisecondsSince(start);
  REPRISE_TRY(core->Check(reprise_job_result(core->get(), job)));
  REPRISE_ASSIGN(const JsonValue result, ParseJson(core->result(), "result"));
  if (as_json) {
    PrintGeneration(result, ids, seed, prefill_ms, decode_ms);
  } else {
    std::fputc('\n', stdout);
    std::fprintf(stderr, "seed %lld\n", static_cast<long long>(seed));
  }
  if (!arguments.Has("record")) return {};
  return WriteRecordOf(*core, loaded.folder, job, std::string(arguments.Text("record")),
                       {.prefill_ms = prefill_ms, .decode_ms = decode_ms});
}

Status Score(std::span<const char* const> words) {
  constexpr std::string_view kNames[] = {"tokens"};
  constexpr std::string_view kFlags[] = {"json", "logits"};
  REPRISE_ASSIGN(const Arguments arguments,
                 Arguments::Parse(words, WithModelOptions(kNames), kFlags));
  REPRISE_ASSIGN(const auto ids, arguments.Ids("tokens"));
  REPRISE_ASSIGN(const auto core, OpenCore(arguments));
  REPRISE_ASSIGN(const auto loaded, LoadModel(*core, arguments));
  const int32_t model = loaded.model;
  const auto nothing = [](const JsonValue&) -> Status { return {}; };
  REPRISE_ASSIGN(const int32_t job,
                 core->Check(reprise_score(core->get(), model, ids.data(), ids.size())));
  REPRISE_TRY(core->Run(job, nothing));
  REPRISE_TRY(core->Check(reprise_job_result(core->get(), job)));
  REPRISE_ASSIGN(const JsonValue result, ParseJson(core->result(), "result"));
  REPRISE_TRY(core->Check(reprise_job_values(core->get(), job)));
  JsonWriter json;
  json.BeginObject().Key("loss").Double(result.Find("loss")->number()).Key("logprobs");
  WriteFloats(json, core->values());
  REPRISE_TRY(core->Check(reprise_release(core->get(), job)));
  if (arguments.Has("logits")) {
    REPRISE_ASSIGN(const int32_t forward,
                   core->Check(reprise_forward(core->get(), model, ids.data(), ids.size(), 1)));
    REPRISE_TRY(core->Run(forward, nothing));
    REPRISE_TRY(core->Check(reprise_job_values(core->get(), forward)));
    json.Key("logits");
    WriteFloats(json, core->values());
  }
  json.EndObject();
  if (arguments.Has("json")) {
    PrintLine(std::move(json).Take());
  } else {
    std::printf("loss %.6f over %zu tokens\n", result.Find("loss")->number(), ids.size() - 1);
  }
  return {};
}

Status Tokenize(std::span<const char* const> words) {
  constexpr std::string_view kNames[] = {"tokenizer", "jsonl", "text"};
  constexpr std::string_view kFlags[] = {"special"};
  REPRISE_ASSIGN(const Arguments arguments, Arguments::Parse(words, kNames, kFlags));
  REPRISE_ASSIGN(const std::string path, arguments.Needed("tokenizer"));
  if (arguments.Has("jsonl") == arguments.Has("text")) {
    return Fail(ErrorCode::kInvalidArgument, "expected one of --jsonl and --text");
  }
  REPRISE_ASSIGN(const auto core, Core::Open(1, ""));
  REPRISE_ASSIGN(const int32_t tokenizer, core->LoadTokenizer(path));
  const auto print = [&](std::string_view text) -> Status {
    REPRISE_ASSIGN(const auto ids, Encode(*core, tokenizer, text, arguments.Has("special")));
    JsonWriter json;
    WriteIds(json, ids);
    PrintLine(std::move(json).Take());
    return {};
  };
  if (arguments.Has("text")) return print(arguments.Text("text"));
  const std::string file(arguments.Text("jsonl"));
  std::ifstream in(file);
  if (!in) {
    return Fail(Error(ErrorCode::kNotFound, file + ": there is no such file").With("file", file));
  }
  int64_t number = 0;
  for (std::string line; std::getline(in, line);) {
    const std::string place = file + ", line " + std::to_string(++number);
    REPRISE_ASSIGN(const JsonValue text, ParseJson(line, place));
    if (!text.is_string()) {
      return Fail(Error(ErrorCode::kInvalidJson, place + ": expected a JSON string")
                      .With("file", file)
                      .With("line", number));
    }
    REPRISE_TRY(print(text.string()));
  }
  return {};
}

}  // namespace reprise::native
