#include "run/replay_job.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>
#include <utility>

#include "base/argument_error.h"
#include "numerics/numerics_version.h"

namespace reprise {
namespace {

// An input of both runs, "nothing" where there is none.
struct InputPair {
  ReplayReasonKind kind;
  std::string_view name;
  std::optional<std::string> recorded, found;
};

std::vector<InputPair> InputPairs(const RunInputs& recorded, const RunInputs& found) {
  return {{ReplayReasonKind::kConfig, "config", recorded.config, found.config},
          {ReplayReasonKind::kWeights, "weights", recorded.weights, found.weights},
          {ReplayReasonKind::kTokenizer, "tokenizer", recorded.tokenizer, found.tokenizer}};
}

// Weights that were not hashed when the record was made cannot be compared.
bool AreAlike(const InputPair& pair) {
  const bool is_unknown = pair.kind == ReplayReasonKind::kWeights && !pair.recorded;
  return is_unknown || pair.recorded == pair.found;
}

std::string HashWords(const std::optional<std::string>& hash) { return hash.value_or("nothing"); }

// Of weights whose hash was nowhere computed there is less to say.
std::string_view PromiseWords(const InputPair& pair, const RunInputs& inputs) {
  const bool is_promised = pair.kind == ReplayReasonKind::kWeights &&
                           std::ranges::count(inputs.not_verified, std::string("weights")) != 0;
  return is_promised ? " (by a manifest's word)" : "";
}

Status CheckInputs(const RunInputs& recorded, const RunInputs& found) {
  for (const InputPair& pair : InputPairs(recorded, found)) {
    if (AreAlike(pair)) continue;
    return Fail(Error(ErrorCode::kHashMismatch,
                      "the record was made with another " + std::string(pair.name) +
                          ": the SHA-256 should be " + HashWords(pair.recorded) +
                          std::string(PromiseWords(pair, recorded)) + " and is " +
                          HashWords(pair.found) + std::string(PromiseWords(pair, found)))
                    .With("argument", pair.name)
                    .With("expected", HashWords(pair.recorded))
                    .With("found", HashWords(pair.found)));
  }
  return {};
}

// The largest and the mean distance of logprobs, of those that both have.
std::pair<double, double> Drift(std::span<const float> one, std::span<const float> other) {
  const size_t count = std::min(one.size(), other.size());
  double most = 0, sum = 0;
  for (size_t i = 0; i < count; ++i) {
    const double distance = std::abs(static_cast<double>(one[i]) - static_cast<double>(other[i]));
    most = std::max(most, distance);
    sum += distance;
  }
  return {most, count == 0 ? 0 : sum / static_cast<double>(count)};
}

bool IsCpu(std::string_view backend) { return backend != "webgpu"; }

}  // namespace

std::string_view ReplayReasonName(ReplayReasonKind kind) {
  switch (kind) {
    case ReplayReasonKind::kNumericsVersion:
      return "numerics_version";
    case ReplayReasonKind::kBackend:
      return "backend";
    case ReplayReasonKind::kWeights:
      return "weights";
    case ReplayReasonKind::kTokenizer:
      return "tokenizer";
    case ReplayReasonKind::kConfig:
      return "config";
    case ReplayReasonKind::kPrecision:
      return "precision";
    case ReplayReasonKind::kSettings:
      return "settings";
    case ReplayReasonKind::kUnknown:
      break;
  }
  return "unknown";
}

Result<std::unique_ptr<ReplayJob>> ReplayJob::Create(CausalLm* model,
                                                     std::shared_ptr<const Tokenizer> tokenizer,
                                                     RunRecord recorded, RunInputs inputs,
                                                     RunHost host, OtherInputs others) {
  if (others == OtherInputs::kRefused) REPRISE_TRY(CheckInputs(recorded.inputs, inputs));
  if (model->context_tokens() != recorded.context_tokens) {
    return ArgumentOutOfRange("contextLength",
                              std::to_string(recorded.context_tokens) + ", as recorded",
                              static_cast<double>(model->context_tokens()));
  }
  GenerateOptions options = recorded.options;
  options.records = true;
  // What was aborted is made as far as it had come.
  const auto made = static_cast<int64_t>(recorded.output_ids.size());
  const bool was_aborted = recorded.finish_reason == FinishReason::kAborted;
  if (was_aborted) options.max_tokens = std::max<int64_t>(made, 1);
  std::unique_ptr<ReplayJob> job(
      new ReplayJob(model, std::move(recorded), std::move(inputs), std::move(host)));
  REPRISE_ASSIGN(job->generate_, GenerateJob::Create(model, std::move(tokenizer),
                                                     job->recorded_.prompt_ids, options));
  return job;
}

JobProgress ReplayJob::progress() const {
  const auto total = static_cast<int64_t>(recorded_.output_ids.size());
  const auto done = has_generated_ ? total : static_cast<int64_t>(generate_->tokens().size());
  return {std::min(done, total), total};
}

Result<JobState> ReplayJob::Step(int64_t work_units) {
  if (is_done_) return JobState::kDone;
  if (!has_generated_) {
    REPRISE_ASSIGN(const JobState state, generate_->Step(work_units));
    return state == JobState::kDone ? EndGeneration() : state;
  }
  REPRISE_ASSIGN(const JobState state, score_->Step(work_units));
  if (state != JobState::kDone) return state;
  const std::vector<float>& scores = score_->logprobs();
  logprobs_.assign(scores.end() - static_cast<std::ptrdiff_t>(ScorableOutputs()), scores.end());
  is_done_ = true;
  return JobState::kDone;
}

Result<JobState> ReplayJob::EndGeneration() {
  found_ = RecordGeneration(*generate_, inputs_, host_);
  if (was_aborted()) {
    // It was to be made as far as the recorded one, which had no other end.
    const size_t made = std::min(found_.output_ids.size(), recorded_.output_ids.size());
    found_.output_ids.resize(made);
    found_.logprobs.resize(made);
    found_.sample_position = static_cast<int64_t>(made);
    found_.options.max_tokens = recorded_.options.max_tokens;
    found_.finish_reason = FinishReason::kAborted;
    found_.run_id = RunId(found_);
  }
  has_generated_ = true;
  const size_t outputs = recorded_.output_ids.size();
  const bool has_all = found_.output_ids.size() >= outputs &&
                       std::equal(recorded_.output_ids.begin(), recorded_.output_ids.end(),
                                  found_.output_ids.begin());
  if (has_all) {
    logprobs_.assign(found_.logprobs.begin(),
                     found_.logprobs.begin() + static_cast<std::ptrdiff_t>(outputs));
    is_done_ = true;
    return JobState::kDone;
  }
  generate_.reset();
  const size_t scorable = ScorableOutputs();
  if (scorable == 0) {
    is_done_ = true;
    return JobState::kDone;
  }
  std::vector<int32_t> ids = recorded_.prompt_ids;
  ids.insert(ids.end(), recorded_.output_ids.begin(),
             recorded_.output_ids.begin() + static_cast<std::ptrdiff_t>(scorable));
  REPRISE_ASSIGN(score_, ScoreJob::Create(model_, ids));
  return JobState::kRunning;
}

size_t ReplayJob::ScorableOutputs() const {
  const int64_t vocab_size = model_->config().vocab_size;
  const auto room = static_cast<size_t>(recorded_.context_tokens) - recorded_.prompt_ids.size();
  const std::vector<int32_t>& ids = recorded_.output_ids;
  const auto stranger =
      std::ranges::find_if(ids, [&](int32_t id) { return id < 0 || id >= vocab_size; });
  return std::min(room, static_cast<size_t>(stranger - ids.begin()));
}

std::optional<TokenDifference> ReplayJob::FirstDifference() const {
  const std::vector<int32_t>&one = recorded_.output_ids, &other = found_.output_ids;
  const auto [left, right] = std::ranges::mismatch(one, other);
  if (left == one.end() && right == other.end()) return std::nullopt;
  return TokenDifference{.at = left - one.begin(),
                         .recorded = left == one.end() ? -1 : *left,
                         .found = right == other.end() ? -1 : *right};
}

std::vector<ReplayReason> ReplayJob::Reasons() const {
  std::vector<ReplayReason> reasons;
  for (const InputPair& pair : InputPairs(recorded_.inputs, inputs_)) {
    if (pair.kind == ReplayReasonKind::kWeights && !pair.recorded) {
      reasons.push_back({pair.kind,
                         "the recorded run's weights were not hashed, so that they "
                         "were not compared"});
    }
    if (AreAlike(pair)) continue;
    reasons.push_back({pair.kind, "other " + std::string(pair.name) + ": recorded " +
                                      HashWords(pair.recorded) + ", here " +
                                      HashWords(pair.found)});
  }
  if (recorded_.numerics_version != kNumericsVersion) {
    reasons.push_back({ReplayReasonKind::kNumericsVersion,
                       "other numerics: recorded by version " +
                           std::to_string(recorded_.numerics_version) + ", here version " +
                           std::to_string(kNumericsVersion)});
  }
  if (IsCpu(recorded_.host.backend) != IsCpu(host_.backend)) {
    reasons.push_back(
        {ReplayReasonKind::kBackend,
         "other backend: recorded on " + recorded_.host.backend + ", here on " + host_.backend});
  }
  if (!IsCpu(recorded_.host.backend) && !IsCpu(host_.backend)) {
    reasons.push_back(
        {ReplayReasonKind::kBackend,
         "both ran on WebGPU, which repeats its bits only on the same device with the "
         "same driver"});
  }
  const std::string precision = ResolvedPrecision();
  if (recorded_.resolved != precision) {
    reasons.push_back(
        {ReplayReasonKind::kPrecision,
         "other precision: recorded as " + recorded_.resolved + ", here " + precision});
  }
  const auto made = static_cast<int64_t>(recorded_.output_ids.size());
  if (was_aborted() && made >= recorded_.options.max_tokens) {
    reasons.push_back(
        {ReplayReasonKind::kSettings,
         "the record was changed after it was written: a run that has made all of its " +
             std::to_string(made) + " tokens was not aborted"});
  }
  if (const std::string id = RunId(recorded_); id != recorded_.run_id) {
    reasons.push_back({ReplayReasonKind::kSettings,
                       "the record was changed after it was written: its run id is " +
                           recorded_.run_id + ", its contents have " + id});
  }
  return reasons;
}

ReplayResult ReplayJob::result() const {
  REPRISE_CHECK(is_done_, "a replay that is not done has no result");
  ReplayResult result;
  result.record = found_;
  result.compared = static_cast<int64_t>(recorded_.output_ids.size());
  result.first_difference = FirstDifference();
  std::tie(result.max_drift, result.mean_drift) = Drift(recorded_.logprobs, logprobs_);
  const bool ends_alike = was_aborted() || recorded_.finish_reason == found_.finish_reason;
  result.reasons = Reasons();
  const bool is_changed =
      std::ranges::count(result.reasons, ReplayReasonKind::kSettings, &ReplayReason::kind) != 0;
  result.is_identical =
      !result.first_difference && recorded_.logprobs == logprobs_ && ends_alike && !is_changed;
  if (result.is_identical) return result;
  const bool has_all = logprobs_.size() == recorded_.logprobs.size();
  if (has_all && !(IsCpu(recorded_.host.backend) && IsCpu(host_.backend))) {
    result.is_within_tolerance = result.max_drift <= kLogprobTolerance;
  }
  if (!ends_alike) {
    result.reasons.push_back(
        {ReplayReasonKind::kUnknown,
         "the recorded run ended by " + std::string(FinishReasonName(recorded_.finish_reason)) +
             ", this one by " + std::string(FinishReasonName(found_.finish_reason))});
  }
  if (result.reasons.empty()) {
    result.reasons.push_back(
        {ReplayReasonKind::kUnknown,
         "inputs, settings and numerics are the recorded ones: the record's results were changed, "
         "or one of the two machines computed wrongly"});
  }
  return result;
}

}  // namespace reprise
