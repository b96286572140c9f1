#include "generate/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "base/argument_error.h"
#include "generate/logits_processors.h"

namespace reprise {
namespace {

// Scores are f32, so what is added to or multiplied with them must be one.
bool FitsFloat(double value) {
  return std::isfinite(value) && std::abs(value) <= std::numeric_limits<float>::max();
}

bool IsIn(double value, double low, double high) { return value >= low && value <= high; }

Status CheckBias(const SamplingOptions& options, int64_t vocab_size) {
  for (const auto& [id, bias] : options.logit_bias) {
    if (id < 0 || id >= vocab_size) {
      return Fail(Error(ErrorCode::kTokenOutOfRange, "logitBias: token " + std::to_string(id) +
                                                         " is outside the vocabulary of " +
                                                         std::to_string(vocab_size))
                      .With("argument", "logitBias")
                      .With("expected", vocab_size)
                      .With("found", id));
    }
    if (!FitsFloat(bias)) return ArgumentOutOfRange("logitBias", "finite f32 numbers", bias);
  }
  return {};
}

}  // namespace

Status CheckSamplingOptions(const SamplingOptions& o, int64_t vocab_size) {
  if (!std::isfinite(o.temperature) || o.temperature < 0) {
    return ArgumentOutOfRange("temperature", "0 or a finite number above 0", o.temperature);
  }
  if (o.top_k < 0 || o.top_k > kMaxExactInteger) {
    return ArgumentOutOfRange("topK", "an integer from 0 to 9007199254740991",
                              static_cast<double>(o.top_k));
  }
  if (!(o.top_p > 0) || o.top_p > 1) {
    return ArgumentOutOfRange("topP", "a number above 0 and at most 1", o.top_p);
  }
  if (!IsIn(o.min_p, 0, 1)) return ArgumentOutOfRange("minP", "a number from 0 to 1", o.min_p);
  if (!FitsFloat(o.repetition_penalty) || static_cast<float>(o.repetition_penalty) <= 0) {
    return ArgumentOutOfRange("repetitionPenalty", "a finite f32 number above 0",
                              o.repetition_penalty);
  }
  if (!IsIn(o.frequency_penalty, -2, 2)) {
    return ArgumentOutOfRange("frequencyPenalty", "a number from -2 to 2", o.frequency_penalty);
  }
  if (!IsIn(o.presence_penalty, -2, 2)) {
    return ArgumentOutOfRange("presencePenalty", "a number from -2 to 2", o.presence_penalty);
  }
  return CheckBias(o, vocab_size);
}

Result<Sampler> Sampler::Create(const SamplingOptions& options, int64_t seed, int64_t vocab_size,
                                std::span<const int32_t> prompt) {
  REPRISE_TRY(CheckSamplingOptions(options, vocab_size));
  REPRISE_ASSIGN(const RandomSource random, RandomSource::Create(seed, RandomStream::kSample));
  Sampler sampler(options, random, vocab_size);
  for (const int32_t id : prompt) sampler.See(id);
  return sampler;
}

void Sampler::See(int32_t id) {
  if (is_seen_[static_cast<size_t>(id)]) return;
  is_seen_[static_cast<size_t>(id)] = true;
  seen_.push_back(id);
}

void Sampler::Generated(int32_t id) {
  See(id);
  if (counts_[static_cast<size_t>(id)]++ == 0) generated_.push_back(id);
  ++position_;
}

void Sampler::ApplyPenalties(std::span<float> logits) const {
  if (options_.repetition_penalty != 1) {
    ApplyRepetitionPenalty(logits, seen_, static_cast<float>(options_.repetition_penalty));
  }
  if (options_.frequency_penalty != 0 || options_.presence_penalty != 0) {
    ApplyCountPenalties(logits, generated_, counts_, static_cast<float>(options_.frequency_penalty),
                        static_cast<float>(options_.presence_penalty));
  }
  for (const auto& [id, bias] : options_.logit_bias) {
    logits[static_cast<size_t>(id)] += static_cast<float>(bias);
  }
}

int32_t Sampler::DrawFrom(std::span<float> scores) const {
  ApplyTemperature(scores, options_.temperature);
  Candidates candidates;
  candidates.ids.resize(scores.size());
  std::iota(candidates.ids.begin(), candidates.ids.end(), 0);
  candidates.scores.assign(scores.begin(), scores.end());
  if (options_.top_k > 0) KeepTopK(candidates, options_.top_k);
  if (options_.top_p < 1) KeepTopP(candidates, options_.top_p);
  if (options_.min_p > 0) KeepMinP(candidates, options_.min_p);
  return Draw(candidates, random_.Uniform(position_));
}

Result<int32_t> Sampler::Choose(std::span<float> logits) {
  ApplyPenalties(logits);
  const float largest = logits[static_cast<size_t>(Argmax(logits))];
  const bool has_nan =
      std::any_of(logits.begin(), logits.end(), [](float score) { return score != score; });
  if (has_nan || !std::isfinite(largest)) {
    return Fail(Error(ErrorCode::kUnsupported, "the logits of generated token " +
                                                   std::to_string(position_) +
                                                   " are not finite, so that nothing can be chosen")
                    .With("position", static_cast<int64_t>(position_)));
  }
  const int32_t id = options_.temperature == 0 ? Argmax(logits) : DrawFrom(logits);
  Generated(id);
  return id;
}

}  // namespace reprise
