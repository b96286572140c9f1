// The calls of reprise.h that make and load models.
#include <cmath>
#include <string>
#include <string_view>

#include "base/argument_error.h"
#include "base/json_writer.h"
#include "capi/models/context_devices.h"
#include "capi/models/device_limits.h"
#include "capi/models/model_object.h"
#include "capi/options_reader.h"
#include "capi/reprise.h"
#include "generate/stop_ids.h"
#include "hash/canonical_json.h"
#include "model/model_files.h"
#include "model/weights_index.h"

namespace reprise {
namespace {

struct ModelOptions {
  std::unique_ptr<Backend> backend;
  int64_t context_tokens = 0;
};

// The options that making a model and estimating its memory share.
Result<ModelOptions> ReadModelOptions(const BackendResources& resources,
                                      const OptionsReader& reader, const ModelConfig& config) {
  ModelOptions options;
  REPRISE_ASSIGN(const auto backend, reader.Text("backend"));
  if (!backend) return OptionsReader::Missing("backend", "the name of a backend");
  REPRISE_ASSIGN(options.backend, MakeBackend(*backend, resources));
  REPRISE_ASSIGN(const auto length, reader.Integer("contextLength"));
  options.context_tokens = length.value_or(config.context_tokens);
  if (options.context_tokens < 1 || options.context_tokens > config.context_tokens) {
    const std::string expected = "an integer from 1 to " + std::to_string(config.context_tokens);
    return ArgumentOutOfRange("contextLength", expected,
                              static_cast<double>(options.context_tokens));
  }
  return options;
}

Result<DType> ReadWeightsType(const OptionsReader& reader) {
  REPRISE_ASSIGN(const auto name, reader.Text("weights"));
  if (!name) return DType::kF32;
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16}) {
    if (*name == DTypeName(dtype)) return dtype;
  }
  return Fail(Error(ErrorCode::kInvalidArgument,
                    "weights must be f32, f16 or bf16, found \"" + *name + "\"")
                  .With("argument", "weights")
                  .With("expected", "f32, f16 or bf16")
                  .With("found", *name));
}

void WriteStopIds(JsonWriter& json, const std::vector<int64_t>& ids) {
  json.Key("stopIds").BeginArray();
  for (const int64_t id : ids) json.Int(id);
  json.EndArray();
}

std::string Describe(const ModelObject& model) {
  JsonWriter json;
  json.BeginObject();
  json.Key("backend").String(model.lm->backend().name());
  json.Key("parameters").Int(model.lm->parameter_count());
  json.Key("contextLength").Int(model.lm->context_tokens());
  json.Key("vocabSize").Int(model.lm->config().vocab_size);
  WriteStopIds(json, model.stop_ids);
  json.EndObject();
  return std::move(json).Take();
}

std::string EstimateJson(const ModelConfig& config, const ModelOptions& options, DType weights,
                         const MemoryBudget& budget) {
  const MemoryNeed need =
      CausalLm::EstimateMemory(config, *options.backend, weights, options.context_tokens);
  int64_t parameters = 0;
  ModelWeights unused;
  for (const Parameter& parameter : ListParameters(config, &unused)) {
    parameters += parameter.shape.element_count();
  }
  JsonWriter json;
  json.BeginObject();
  json.Key("parameters").Int(parameters);
  json.Key("weightsBytes").Int(need.weights_bytes);
  json.Key("cacheBytes").Int(need.cache_bytes);
  json.Key("activationsBytes").Int(need.activations_bytes);
  WriteLimit(json, budget);
  if (need.refusal) json.Key("reason").String(need.refusal->message);
  json.EndObject();
  return std::move(json).Take();
}

Status CheckNotFailed(const ModelObject& model) {
  if (model.state != ModelObject::State::kFailed) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "loading the model failed before; it can only be released");
}

// Runs one call of loading: in the wrong order it is refused, and after its error the model can
// only be released.
template <typename Call>
int32_t Load(reprise_context* context, int32_t handle, ModelObject::State before,
             ModelObject::State after, Call call) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(ModelObject * model, context->Find<ModelObject>(handle));
    REPRISE_TRY(CheckNotFailed(*model));
    if (model->state != before) {
      return Fail(ErrorCode::kInvalidArgument,
                  "a model is prepared, its files are begun, pushed and ended one by one, and then "
                  "it is finished");
    }
    model->state = ModelObject::State::kFailed;
    REPRISE_TRY(call(model->lm->loader()));
    // A device may report only now what went wrong in an earlier call.
    REPRISE_TRY(model->lm->backend().status());
    model->state = after;
    return 0;
  });
}

}  // namespace
}  // namespace reprise

using reprise::ErrorCode;
using reprise::Fail;
using reprise::ModelObject;
using reprise::OptionsReader;
using reprise::Result;
using reprise::WeightLoader;
using State = reprise::ModelObject::State;

int32_t reprise_estimate_memory(reprise_context* context, const char* config, size_t config_size,
                                const char* file, size_t file_size, const char* options,
                                size_t options_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const auto parsed,
                   reprise::ParseModelConfig({config, config_size}, {file, file_size}));
    REPRISE_ASSIGN(const auto reader,
                   OptionsReader::Parse({options, options_size},
                                        {"backend", "contextLength", "weights", "limits"}));
    REPRISE_ASSIGN(const auto limits, reader.Object("limits", reprise::kWebGpuLimitNames));
    reprise::WebGpuLimits device_limits;
    if (limits) {
      REPRISE_ASSIGN(device_limits, reprise::ReadWebGpuLimits(*limits));
    }
    // Of the estimate alone; nothing is made on it.
    reprise::WebGpuDevice device(device_limits);
    reprise::BackendResources resources = reprise::ResourcesOf(*context);
    resources.device = &device;
    REPRISE_ASSIGN(const auto read, reprise::ReadModelOptions(resources, reader, parsed));
    REPRISE_ASSIGN(const auto weights, reprise::ReadWeightsType(reader));
    context->Answer(reprise::EstimateJson(parsed, read, weights, context->budget));
    return 0;
  });
}

int32_t reprise_model_create(reprise_context* context, const char* config, size_t config_size,
                             const char* file, size_t file_size, const char* options,
                             size_t options_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const auto parsed,
                   reprise::ParseModelConfig({config, config_size}, {file, file_size}));
    REPRISE_ASSIGN(const auto reader,
                   OptionsReader::Parse({options, options_size}, {"backend", "contextLength"}));
    REPRISE_ASSIGN(auto read,
                   reprise::ReadModelOptions(reprise::ResourcesOf(*context), reader, parsed));
    REPRISE_ASSIGN(auto lm,
                   reprise::CausalLm::Create(parsed, std::move(read.backend), read.context_tokens));
    auto model = std::make_unique<ModelObject>(std::move(lm));
    REPRISE_ASSIGN(model->config_hash, reprise::HashJson({config, config_size}, {file, file_size}));
    model->stop_ids = parsed.stop_token_ids;
    context->Answer(reprise::Describe(*model));
    return context->Add(std::move(model));
  });
}

int32_t reprise_model_generation_config(reprise_context* context, int32_t model, const char* json,
                                        size_t json_size, const char* file, size_t file_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(ModelObject * object, context->Find<ModelObject>(model));
    REPRISE_TRY(reprise::CheckNotFailed(*object));
    REPRISE_ASSIGN(auto ids, reprise::ParseStopIds({json, json_size}, {file, file_size},
                                                   object->lm->config().vocab_size));
    if (ids) object->stop_ids = std::move(*ids);
    reprise::JsonWriter answer;
    answer.BeginObject();
    reprise::WriteStopIds(answer, object->stop_ids);
    answer.EndObject();
    context->Answer(std::move(answer).Take());
    return 0;
  });
}

int32_t reprise_model_files(reprise_context* context) {
  return context->Run([&]() -> Result<int32_t> {
    reprise::JsonWriter json;
    json.BeginObject().Key("besideWeights").BeginArray();
    for (const std::string_view name : reprise::kFilesBesideWeights) json.String(name);
    json.EndArray().Key("weights").BeginArray();
    for (const reprise::WeightsPlace& place : reprise::kWeightsPlaces) {
      json.BeginObject().Key("name").String(place.name).Key("isIndex").Bool(place.is_index);
      json.EndObject();
    }
    json.EndArray().EndObject();
    context->Answer(std::move(json).Take());
    return 0;
  });
}

int32_t reprise_weights_index(reprise_context* context, const char* json, size_t json_size,
                              const char* file, size_t file_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const auto index,
                   reprise::ParseWeightsIndex({json, json_size}, {file, file_size}));
    reprise::JsonWriter answer;
    answer.BeginObject().Key("files").BeginArray();
    for (const std::string& name : index.files) answer.String(name);
    answer.EndArray();
    if (index.tensor_bytes) answer.Key("tensorBytes").Int(*index.tensor_bytes);
    answer.EndObject();
    context->Answer(std::move(answer).Take());
    return 0;
  });
}

int32_t reprise_model_prepare(reprise_context* context, int32_t model, int32_t work_units) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(ModelObject * object, context->Find<ModelObject>(model));
    REPRISE_TRY(reprise::CheckNotFailed(*object));
    if (object->state != State::kUnprepared) {
      return Fail(ErrorCode::kInvalidArgument, "the model was prepared before");
    }
    REPRISE_TRY(reprise::CheckWorkUnits(work_units));
    object->state = State::kFailed;
    REPRISE_ASSIGN(const bool is_done, object->lm->Prepare(work_units));
    REPRISE_TRY(object->lm->backend().status());
    object->state = is_done ? State::kBetweenFiles : State::kUnprepared;
    return is_done ? 0 : 1;
  });
}

int32_t reprise_model_begin_file(reprise_context* context, int32_t model, const char* file,
                                 size_t file_size, double bytes) {
  return reprise::Load(context, model, State::kBetweenFiles, State::kInFile,
                       [&](WeightLoader& loader) -> reprise::Status {
                         constexpr double kMaxBytes = 9007199254740991.0;
                         if (!(bytes >= 0 && bytes <= kMaxBytes && bytes == std::floor(bytes))) {
                           return Fail(ErrorCode::kInvalidArgument,
                                       "a file's bytes must be an integer from 0 to 2^53 - 1");
                         }
                         return loader.BeginFile({file, file_size}, static_cast<int64_t>(bytes));
                       });
}

int32_t reprise_model_push(reprise_context* context, int32_t model, const uint8_t* bytes,
                           size_t size) {
  return reprise::Load(context, model, State::kInFile, State::kInFile,
                       [&](WeightLoader& loader) { return loader.Push({bytes, size}); });
}

int32_t reprise_model_end_file(reprise_context* context, int32_t model) {
  return reprise::Load(context, model, State::kInFile, State::kBetweenFiles,
                       [](WeightLoader& loader) { return loader.EndFile(); });
}

int32_t reprise_model_finish(reprise_context* context, int32_t model) {
  return reprise::Load(context, model, State::kBetweenFiles, State::kReady,
                       [](WeightLoader& loader) { return loader.Finish(); });
}
