#include "capi/models/run_facts.h"

#include <utility>

#include "base/file_name.h"
#include "base/json_writer.h"
#include "hash/canonical_json.h"
#include "run/json_schema.h"

namespace reprise {
namespace {

constexpr std::string_view kFactsSchema = R"({
  "type": "object", "additionalProperties": false, "required": ["verification"],
  "properties": {
    "folder": {"type": ["string", "null"]},
    "weights": {"type": ["string", "null"], "format": "sha256"},
    "verification": {"enum": ["verified", "partly_verified", "unverified", "not_checked"]},
    "notVerified": {"type": "array", "items": {"enum": ["weights", "tokenizer"]}},
    "capabilities": {"type": "object"},
    "timings": {"type": "object", "additionalProperties": {"type": "number"}},
    "allowOtherInputs": {"type": "boolean"}
  }
})";

std::optional<std::string> TextOf(const JsonValue* value) {
  if (value == nullptr || value->is_null()) return std::nullopt;
  return std::string(value->string());
}

void WriteTokenOrNothing(JsonWriter& json, int32_t id) {
  if (id < 0)
    json.String("nothing");
  else
    json.Int(id);
}

// What is not verified of the inputs that this run has: a tokenizer may be none of them.
void ReadVerification(const JsonValue& facts, RunInputs* inputs) {
  inputs->verification = facts.Find("verification")->string();
  if (const JsonValue* list = facts.Find("notVerified")) {
    for (const JsonValue& input : list->array()) {
      if (input.string() == "tokenizer" && !inputs->tokenizer) continue;
      inputs->not_verified.emplace_back(input.string());
    }
  }
  const bool is_partly = inputs->verification == "partly_verified";
  if (is_partly && inputs->not_verified.empty()) inputs->verification = "verified";
}

}  // namespace

std::string_view RuntimeVersion() { return REPRISE_VERSION; }

Result<RunFacts> ReadRunFacts(std::string_view json, const ModelObject& model,
                              const Tokenizer* tokenizer, int64_t threads) {
  REPRISE_ASSIGN(const JsonValue root, ParseJsonView(json, "facts"));
  REPRISE_TRY(CheckSchema(root, kFactsSchema, "facts"));
  RunFacts facts;
  if (const auto folder = TextOf(root.Find("folder"))) {
    if (const auto name = LastFileName(*folder)) facts.inputs.model = std::string(*name);
  }
  facts.inputs.config = model.config_hash;
  facts.inputs.weights = TextOf(root.Find("weights"));
  if (tokenizer != nullptr) facts.inputs.tokenizer = tokenizer->hash();
  ReadVerification(root, &facts.inputs);
  facts.host.backend = model.lm->backend().name();
  facts.host.threads = threads;
  facts.host.runtime = RuntimeVersion();
  if (const JsonValue* capabilities = root.Find("capabilities")) {
    facts.host.capabilities = CanonicalJson(*capabilities);
  }
  if (const JsonValue* timings = root.Find("timings")) {
    facts.host.timings = CanonicalJson(*timings);
  }
  if (const JsonValue* others = root.Find("allowOtherInputs"); others && others->boolean()) {
    facts.other_inputs = OtherInputs::kTold;
  }
  return facts;
}

std::string ReplayResultJson(const ReplayResult& result) {
  JsonWriter json;
  json.BeginObject().Key("verdict").String(result.is_identical ? "identical" : "differs");
  json.Key("compared").Int(result.compared);
  if (!result.is_identical) {
    if (result.first_difference) {
      const TokenDifference& difference = *result.first_difference;
      json.Key("firstDifference").BeginObject().Key("at").Int(difference.at);
      json.Key("unit").String("token").Key("recorded");
      WriteTokenOrNothing(json, difference.recorded);
      json.Key("found");
      WriteTokenOrNothing(json, difference.found);
      json.EndObject();
    }
    json.Key("drift").BeginObject().Key("max").Double(result.max_drift);
    json.Key("mean").Double(result.mean_drift).EndObject();
    if (result.is_within_tolerance) json.Key("withinTolerance").Bool(*result.is_within_tolerance);
  }
  json.Key("reasons").BeginArray();
  for (const ReplayReason& reason : result.reasons) {
    json.BeginObject().Key("kind").String(ReplayReasonName(reason.kind));
    json.Key("text").String(reason.text).EndObject();
  }
  json.EndArray();
  const Result<std::string> record = WriteRecord(result.record);
  REPRISE_CHECK(record.has_value(), "a replay's own record does not follow the schema");
  json.Key("record").Raw(*record).EndObject();
  return std::move(json).Take();
}

}  // namespace reprise
