// The record of a run: what it was made of and what came out, as JSON that anybody can replay.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"
#include "base/status.h"
#include "generate/generate_job.h"

namespace reprise {

// What ran, by hash: 64 hexadecimal digits, none where there is none or nothing was hashed.
struct RunInputs {
  std::optional<std::string> model;  // the name of its folder
  std::string config;                // of config.json's RFC 8785 form
  std::optional<std::string> weights;
  std::optional<std::string> tokenizer;
  std::string verification;  // "verified", "partly_verified", "unverified" or "not_checked"
  // Where it is partly verified: "weights" or "tokenizer", whose hash no manifest was held against.
  std::vector<std::string> not_verified{};
};

// Where a run ran; none of it is compared, or in the run id.
struct RunHost {
  std::string backend;
  int64_t threads = 1;
  std::string runtime;              // version of the package
  std::string capabilities = "{}";  // JSON object
  std::string timings = "{}";       // JSON object of numbers
};

// What the precision policy becomes in this build, of every backend: RFC 8785 form.
std::string ResolvedPrecision();

// A generation, of schema/record.schema.json.
struct RunRecord {
  std::string run_id;
  int64_t numerics_version = 0;
  RunInputs inputs;
  RunHost host;
  GenerateOptions options;
  std::string resolved = ResolvedPrecision();  // of the run, likewise
  int64_t context_tokens = 0;
  int64_t sample_position = 0;  // of stream `sample`, the next
  std::vector<int32_t> prompt_ids, output_ids;
  std::vector<float> logprobs;  // of output_ids
  FinishReason finish_reason = FinishReason::kAborted;
};

// The run id: SHA-256 of the RFC 8785 form of {config, dataset, numericsVersion, policy, promptIds,
// seed, settings, tokenizer, weights}.
std::string RunId(const RunRecord& record);

// The record of a job as far as it is.
RunRecord RecordGeneration(const GenerateJob& job, RunInputs inputs, RunHost host);

// The text of a record of version 1, one line. Errors: invalid_config where it would not follow the
// schema.
Result<std::string> WriteRecord(const RunRecord& record);

// Reads a record strictly; its run id may be another than RunId gives. Errors: invalid_json;
// invalid_config with file and path; unsupported for a later version.
Result<RunRecord> ParseRecord(std::string_view json, std::string_view file);

}  // namespace reprise
