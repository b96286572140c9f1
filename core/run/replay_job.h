// Runs a recorded generation again and says whether the same came out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "generate/generate_job.h"
#include "generate/score_job.h"
#include "run/run_record.h"

namespace reprise {

// The largest |Δlogprob| of a token between WebGPU and a CPU backend that is called close, in f32
// (docs/numerics.md). Between CPU backends there is none: their bits are the same.
inline constexpr double kLogprobTolerance = 1e-3;

// Why a run may have come out differently.
enum class ReplayReasonKind : uint8_t {
  kNumericsVersion,
  kBackend,
  kWeights,
  kTokenizer,
  kConfig,
  kPrecision,  // what the precision policy became
  kSettings,   // the record's run id is not that of its contents
  kUnknown,
};
// "numerics_version", "backend", …
std::string_view ReplayReasonName(ReplayReasonKind kind);

struct ReplayReason {
  ReplayReasonKind kind = ReplayReasonKind::kUnknown;
  std::string text;
};

// The first token that differs, from 0. Where one of the two runs ended before it, its id is -1.
struct TokenDifference {
  int64_t at = 0;
  int32_t recorded = -1;
  int32_t found = -1;
};

struct ReplayResult {
  bool is_identical = false;
  int64_t compared = 0;  // tokens
  std::optional<TokenDifference> first_difference;
  // |Δlogprob| of the recorded tokens, each after the recorded ones before it.
  double max_drift = 0;
  double mean_drift = 0;
  // Where a tolerance is stated, which is where WebGPU ran, and every recorded token was scored.
  std::optional<bool> is_within_tolerance;
  std::vector<ReplayReason> reasons;  // also of an identical one, whose inputs were others
  RunRecord record;                   // of this run
};

// Whether inputs other than the recorded ones are an error or a reason.
enum class OtherInputs : uint8_t { kRefused, kTold };

class ReplayJob final : public Job {
 public:
  // The model's context must be as long as the recorded one. inputs, host: of this run. Errors:
  // hash_mismatch, with argument (config, weights or tokenizer), expected and found, where an input
  // is another than the recorded one and that is refused; invalid_argument where the context's
  // length differs; those of GenerateJob::Create.
  static Result<std::unique_ptr<ReplayJob>> Create(CausalLm* model,
                                                   std::shared_ptr<const Tokenizer> tokenizer,
                                                   RunRecord recorded, RunInputs inputs,
                                                   RunHost host, OtherInputs others);

  // An event after each token. Errors: those of GenerateJob::Step and ScoreJob::Step.
  Result<JobState> Step(int64_t work_units) override;

  // Tokens made again, of those recorded.
  JobProgress progress() const;
  bool is_done() const { return is_done_; }
  // Requires that the job is done.
  ReplayResult result() const;

 private:
  ReplayJob(CausalLm* model, RunRecord recorded, RunInputs inputs, RunHost host)
      : model_(model),
        recorded_(std::move(recorded)),
        inputs_(std::move(inputs)),
        host_(std::move(host)) {}

  bool was_aborted() const { return recorded_.finish_reason == FinishReason::kAborted; }
  Result<JobState> EndGeneration();
  std::optional<TokenDifference> FirstDifference() const;
  std::vector<ReplayReason> Reasons() const;

  // How many of the recorded ids, from the first, the model can be asked about at all.
  size_t ScorableOutputs() const;

  CausalLm* model_;
  RunRecord recorded_;
  RunInputs inputs_;
  RunHost host_;
  std::unique_ptr<GenerateJob> generate_;
  bool has_generated_ = false;
  RunRecord found_;  // once it has
  // Where tokens differ: the logprobs that the recorded ones have here.
  std::unique_ptr<ScoreJob> score_;
  std::vector<float> logprobs_;  // of the recorded tokens, by this run; of those it could score
  bool is_done_ = false;
};

}  // namespace reprise
