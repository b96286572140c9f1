#include "run/run_record.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/json_writer.h"
#include "base/parse_number.h"
#include "hash/canonical_json.h"
#include "numerics/numerics_version.h"
#include "run/json_schema.h"
#include "run/schemas.h"

namespace reprise {
namespace {

constexpr std::string_view kFormat = "reprise-record";
constexpr FinishReason kFinishReasons[] = {FinishReason::kStopId, FinishReason::kStopText,
                                           FinishReason::kMaxTokens, FinishReason::kContext,
                                           FinishReason::kAborted};
// The kinds of operation of a precision policy that generating has, in the order of RFC 8785.
constexpr std::string_view kOpKinds[] = {"activation", "attention", "embedding", "linear",
                                         "logits",     "norm",      "residual",  "rope"};

void WriteOptional(JsonWriter& json, const std::optional<std::string>& text) {
  if (text)
    json.String(*text);
  else
    json.Null();
}

template <typename Integer>
void WriteIntegers(JsonWriter& json, const std::vector<Integer>& values) {
  json.BeginArray();
  for (const Integer value : values) json.Int(value);
  json.EndArray();
}

// The numbers of the settings, by name.
struct NumberSetting {
  std::string_view name;
  double SamplingOptions::* value;
};
constexpr NumberSetting kNumbers[] = {
    {"temperature", &SamplingOptions::temperature},
    {"topP", &SamplingOptions::top_p},
    {"minP", &SamplingOptions::min_p},
    {"repetitionPenalty", &SamplingOptions::repetition_penalty},
    {"frequencyPenalty", &SamplingOptions::frequency_penalty},
    {"presencePenalty", &SamplingOptions::presence_penalty},
};

void WriteSettings(JsonWriter& json, const RunRecord& record) {
  const GenerateOptions& options = record.options;
  json.BeginObject();
  for (const NumberSetting& number : kNumbers) {
    json.Key(number.name).Double(options.sampling.*number.value);
  }
  json.Key("topK").Int(options.sampling.top_k).Key("logitBias").BeginObject();
  for (const auto& [id, bias] : options.sampling.logit_bias) {
    json.Key(std::to_string(id)).Double(bias);
  }
  json.EndObject().Key("maxTokens");
  if (options.max_tokens)
    json.Int(*options.max_tokens);
  else
    json.Null();
  json.Key("stop").BeginArray();
  for (const std::string& text : options.stop_texts) json.String(text);
  json.EndArray().Key("stopIds");
  WriteIntegers(json, options.stop_ids);
  json.Key("contextLength").Int(record.context_tokens).EndObject();
}

void WritePolicy(JsonWriter& json) {
  json.BeginObject().Key("weights").String("file").Key("activations").String("f32");
  json.Key("compute").String("f32").EndObject();
}

void WriteInputs(JsonWriter& json, const RunInputs& inputs) {
  json.BeginObject().Key("model");
  WriteOptional(json, inputs.model);
  json.Key("config").String(inputs.config).Key("weights");
  WriteOptional(json, inputs.weights);
  json.Key("tokenizer");
  WriteOptional(json, inputs.tokenizer);
  json.Key("dataset").Null().Key("verification").String(inputs.verification);
  if (!inputs.not_verified.empty()) {
    json.Key("notVerified").BeginArray();
    for (const std::string& input : inputs.not_verified) json.String(input);
    json.EndArray();
  }
  json.EndObject();
}

std::optional<std::string> TextOrNone(const JsonValue& value) {
  if (value.is_null()) return std::nullopt;
  return std::string(value.string());
}

std::vector<std::string> TextsOf(const JsonValue* list) {
  std::vector<std::string> texts;
  if (list == nullptr) return texts;
  for (const JsonValue& text : list->array()) texts.emplace_back(text.string());
  return texts;
}

template <typename Integer>
std::vector<Integer> IntegersOf(const JsonValue& list) {
  std::vector<Integer> values;
  for (const JsonValue& value : list.array()) {
    values.push_back(static_cast<Integer>(IntegerOf(value)));
  }
  return values;
}

GenerateOptions ReadSettings(const JsonValue& settings) {
  GenerateOptions options;
  for (const NumberSetting& number : kNumbers) {
    options.sampling.*number.value = settings.Find(number.name)->number();
  }
  options.sampling.top_k = IntegerOf(*settings.Find("topK"));
  for (const auto& [id, bias] : settings.Find("logitBias")->object()) {
    options.sampling.logit_bias.emplace_back(*ParseInteger(id), bias.number());
  }
  const JsonValue& max_tokens = *settings.Find("maxTokens");
  if (!max_tokens.is_null()) options.max_tokens = IntegerOf(max_tokens);
  options.stop_texts = TextsOf(settings.Find("stop"));
  options.stop_ids = IntegersOf<int64_t>(*settings.Find("stopIds"));
  return options;
}

// What the schema cannot say: which inputs are not verified stands where some are, and only there.
Status CheckVerification(const JsonValue& inputs, std::string_view file) {
  const JsonValue* list = inputs.Find("notVerified");
  const bool is_partly = inputs.Find("verification")->string() == "partly_verified";
  if (is_partly == (list != nullptr)) return {};
  return RefuseMember(file, "$.inputs.notVerified",
                      is_partly ? "there where verification is partly_verified"
                                : "absent where verification is not partly_verified",
                      list);
}

// Nor that: lists that belong together, and logprobs that are f32.
Status CheckLists(const JsonValue& root, std::string_view file) {
  const JsonValue &ids = *root.Find("outputIds"), &logprobs = *root.Find("logprobs");
  const size_t count = ids.array().size();
  if (logprobs.array().size() != count) {
    return RefuseMember(file, "$.logprobs", "a list of " + std::to_string(count) + ", as outputIds",
                        &logprobs);
  }
  const JsonValue& position = *root.Find("positions")->Find("sample");
  if (IntegerOf(position) != static_cast<int64_t>(count)) {
    return RefuseMember(file, "$.positions.sample",
                        std::to_string(count) + ", the number of outputIds", &position);
  }
  for (size_t i = 0; i < count; ++i) {
    const double value = logprobs.array()[i].number();
    if (static_cast<double>(static_cast<float>(value)) == value) continue;
    return RefuseMember(file, "$.logprobs[" + std::to_string(i) + "]",
                        "an f32 number written as double", &logprobs.array()[i]);
  }
  return {};
}

}  // namespace

std::string ResolvedPrecision() {
  JsonWriter json;
  json.BeginObject().Key("ops").BeginObject();
  for (const std::string_view kind : kOpKinds) {
    json.Key(kind).BeginObject().Key("compute").String("f32").Key("how").String("native");
    json.Key("storage").String("f32").EndObject();
  }
  json.EndObject().Key("weights").String("file").EndObject();
  return std::move(json).Take();
}

std::string RunId(const RunRecord& record) {
  JsonWriter json;
  json.BeginObject().Key("config").String(record.inputs.config).Key("dataset").Null();
  json.Key("numericsVersion").Int(record.numerics_version).Key("policy");
  WritePolicy(json);
  json.Key("promptIds");
  WriteIntegers(json, record.prompt_ids);
  json.Key("seed").Int(record.options.seed).Key("settings");
  WriteSettings(json, record);
  json.Key("tokenizer");
  WriteOptional(json, record.inputs.tokenizer);
  json.Key("weights");
  WriteOptional(json, record.inputs.weights);
  json.EndObject();
  const Result<std::string> hash = HashJson(std::move(json).Take(), "run id");
  REPRISE_CHECK(hash.has_value(), "a run id's text is no JSON");
  return *hash;
}

RunRecord RecordGeneration(const GenerateJob& job, RunInputs inputs, RunHost host) {
  const GenerateResult result = job.result();
  RunRecord record;
  record.numerics_version = kNumericsVersion;
  record.inputs = std::move(inputs);
  record.host = std::move(host);
  record.options = job.options();
  record.context_tokens = job.context_tokens();
  record.sample_position = static_cast<int64_t>(result.tokens.size());
  record.prompt_ids.assign(job.prompt().begin(), job.prompt().end());
  record.output_ids = result.tokens;
  record.logprobs = result.chosen_logprobs;
  record.finish_reason = result.finish_reason;
  record.run_id = RunId(record);
  return record;
}

Result<std::string> WriteRecord(const RunRecord& record) {
  JsonWriter json;
  json.BeginObject().Key("format").String(kFormat).Key("version").Int(1);
  json.Key("runId").String(record.run_id).Key("kind").String("generate");
  json.Key("runtime").String(record.host.runtime);
  json.Key("numericsVersion").Int(record.numerics_version).Key("inputs");
  WriteInputs(json, record.inputs);
  json.Key("seed").Int(record.options.seed).Key("positions").BeginObject();
  json.Key("sample").Int(record.sample_position).EndObject().Key("settings");
  WriteSettings(json, record);
  json.Key("policy");
  WritePolicy(json);
  json.Key("resolved").Raw(record.resolved);
  json.Key("backend").String(record.host.backend).Key("threads").Int(record.host.threads);
  json.Key("capabilities").Raw(record.host.capabilities).Key("promptIds");
  WriteIntegers(json, record.prompt_ids);
  json.Key("outputIds");
  WriteIntegers(json, record.output_ids);
  json.Key("logprobs").BeginArray();
  for (const float logprob : record.logprobs) json.Double(static_cast<double>(logprob));
  json.EndArray().Key("finishReason").String(FinishReasonName(record.finish_reason));
  json.Key("training").Null().Key("timings").Raw(record.host.timings).EndObject();
  std::string text = std::move(json).Take();
  REPRISE_TRY(ParseRecord(text, "record"));
  return text;
}

Result<RunRecord> ParseRecord(std::string_view json, std::string_view file) {
  REPRISE_ASSIGN(const JsonValue root, ParseJsonView(json, file));
  REPRISE_TRY(CheckDocument(root, kFormat, file));
  REPRISE_TRY(CheckSchema(root, kRecordSchema, file));
  REPRISE_TRY(CheckLists(root, file));
  RunRecord record;
  record.run_id = root.Find("runId")->string();
  record.numerics_version = IntegerOf(*root.Find("numericsVersion"));
  const JsonValue& inputs = *root.Find("inputs");
  REPRISE_TRY(CheckVerification(inputs, file));
  record.inputs.model = TextOrNone(*inputs.Find("model"));
  record.inputs.config = inputs.Find("config")->string();
  record.inputs.weights = TextOrNone(*inputs.Find("weights"));
  record.inputs.tokenizer = TextOrNone(*inputs.Find("tokenizer"));
  record.inputs.verification = inputs.Find("verification")->string();
  record.inputs.not_verified = TextsOf(inputs.Find("notVerified"));
  record.host.runtime = root.Find("runtime")->string();
  record.host.backend = root.Find("backend")->string();
  record.host.threads = IntegerOf(*root.Find("threads"));
  record.host.capabilities = CanonicalJson(*root.Find("capabilities"));
  record.host.timings = CanonicalJson(*root.Find("timings"));
  record.options = ReadSettings(*root.Find("settings"));
  record.options.seed = IntegerOf(*root.Find("seed"));
  record.options.records = true;
  record.resolved = CanonicalJson(*root.Find("resolved"));
  record.context_tokens = IntegerOf(*root.Find("settings")->Find("contextLength"));
  record.sample_position = IntegerOf(*root.Find("positions")->Find("sample"));
  record.prompt_ids = IntegersOf<int32_t>(*root.Find("promptIds"));
  record.output_ids = IntegersOf<int32_t>(*root.Find("outputIds"));
  for (const JsonValue& logprob : root.Find("logprobs")->array()) {
    record.logprobs.push_back(static_cast<float>(logprob.number()));
  }
  const std::string_view reason = root.Find("finishReason")->string();
  record.finish_reason = *std::ranges::find(kFinishReasons, reason, FinishReasonName);
  return record;
}

}  // namespace reprise
