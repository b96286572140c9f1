// What a host knows of a run and the core does not, and results of replays as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "capi/models/model_object.h"
#include "run/replay_job.h"
#include "tokenizer/tokenizer.h"

namespace reprise {

struct RunFacts {
  RunInputs inputs;
  RunHost host;
  OtherInputs other_inputs = OtherInputs::kRefused;
};

// json: the facts of reprise.h; the rest is the model's, the tokenizer's (may be null) and this
// build's. Errors: invalid_json; invalid_config with the path.
Result<RunFacts> ReadRunFacts(std::string_view json, const ModelObject& model,
                              const Tokenizer* tokenizer, int64_t threads);

// The ReplayResult of docs/api-plan.d.ts.
std::string ReplayResultJson(const ReplayResult& result);

// The version of the package.
std::string_view RuntimeVersion();

}  // namespace reprise
