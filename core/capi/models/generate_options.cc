#include "capi/models/generate_options.h"

#include <optional>
#include <utility>

#include "capi/options_reader.h"

namespace reprise {
namespace {

Status ReadSampling(const OptionsReader& reader, SamplingOptions* options) {
  const std::pair<std::string_view, double*> numbers[] = {
      {"temperature", &options->temperature},
      {"topP", &options->top_p},
      {"minP", &options->min_p},
      {"repetitionPenalty", &options->repetition_penalty},
      {"frequencyPenalty", &options->frequency_penalty},
      {"presencePenalty", &options->presence_penalty},
  };
  for (const auto& [name, target] : numbers) {
    REPRISE_ASSIGN(const std::optional<double> value, reader.Number(name));
    if (value) *target = *value;
  }
  REPRISE_ASSIGN(const std::optional<int64_t> top_k, reader.Integer("topK"));
  options->top_k = top_k.value_or(0);
  REPRISE_ASSIGN(options->logit_bias, reader.NumbersById("logitBias"));
  return {};
}

}  // namespace

Result<GenerateOptions> ReadGenerateOptions(std::string_view json,
                                            const std::vector<int64_t>& default_stop_ids) {
  REPRISE_ASSIGN(const OptionsReader reader,
                 OptionsReader::Parse(
                     json, {"seed", "temperature", "topK", "topP", "minP", "repetitionPenalty",
                            "frequencyPenalty", "presencePenalty", "logitBias", "maxTokens", "stop",
                            "stopIds", "logprobs", "record"}));
  GenerateOptions options;
  REPRISE_ASSIGN(const std::optional<int64_t> seed, reader.Integer("seed"));
  if (!seed) return OptionsReader::Missing("seed", "an integer from 0 to 9007199254740991");
  options.seed = *seed;
  REPRISE_TRY(ReadSampling(reader, &options.sampling));
  REPRISE_ASSIGN(options.max_tokens, reader.Integer("maxTokens"));
  REPRISE_ASSIGN(options.logprobs, reader.Integer("logprobs"));
  REPRISE_ASSIGN(const std::optional<bool> records, reader.Boolean("record"));
  options.records = records.value_or(false);
  REPRISE_ASSIGN(auto stop, reader.Texts("stop"));
  if (stop) options.stop_texts = std::move(*stop);
  REPRISE_ASSIGN(auto stop_ids, reader.Integers("stopIds"));
  options.stop_ids = stop_ids ? std::move(*stop_ids) : default_stop_ids;
  return options;
}

}  // namespace reprise
