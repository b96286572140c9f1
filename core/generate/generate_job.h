// Continues a prompt token by token: prefill in chunks, then one token a read of the logits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "generate/job.h"
#include "generate/log_softmax.h"
#include "generate/sampler.h"
#include "generate/stop_texts.h"
#include "tokenizer/tokenizer.h"

namespace reprise {

struct GenerateOptions {
  static constexpr int64_t kMaxLogprobs = 20;

  int64_t seed = 0;
  SamplingOptions sampling;
  std::optional<int64_t> max_tokens;    // none: what the context leaves
  std::vector<std::string> stop_texts;  // need a tokenizer
  std::vector<int64_t> stop_ids;
  std::optional<int64_t> logprobs;  // none: no logprobs; n: of the chosen token and the top n
  bool records = false;             // whether to keep what a run record needs
};

enum class FinishReason : uint8_t { kStopId, kStopText, kMaxTokens, kContext, kAborted };

// "stop_id", "stop_text", "max_tokens", "context" or "aborted".
std::string_view FinishReasonName(FinishReason reason);

// log_softmax of the raw logits: of the chosen token and the likeliest, likeliest first.
struct ChosenLogprob {
  IdLogprob chosen;
  std::vector<IdLogprob> top;
};

struct TokenEvent {
  int32_t id = 0;
  std::string text;  // what may be shown now; with the last token all that is left
  std::optional<ChosenLogprob> logprob;
};

using GenerateEvent = std::variant<JobProgress, TokenEvent>;

struct GenerateResult {
  std::string text;
  std::vector<int32_t> tokens;
  FinishReason finish_reason = FinishReason::kAborted;  // until the end
  std::vector<ChosenLogprob> logprobs;                  // where they were asked for
  std::vector<float> chosen_logprobs;                   // of the tokens, for a record
};

class GenerateJob final : public ModelJob {
 public:
  // tokenizer: may be null, then the text is empty. Errors: those of CausalLm::CheckTokens for the
  // prompt, those of Sampler::Create, invalid_argument and token_out_of_range for other options.
  static Result<std::unique_ptr<GenerateJob>> Create(CausalLm* model,
                                                     std::shared_ptr<const Tokenizer> tokenizer,
                                                     std::span<const int32_t> prompt,
                                                     GenerateOptions options);

  // Events: progress of the prefill after each of its chunks, then the tokens. Errors besides a
  // job's own: unsupported where logits are not numbers, token_out_of_range where the model chose
  // an id that the tokenizer has not.
  Result<JobState> Step(int64_t work_units) override;

  // After kEvent, until the next step.
  const GenerateEvent& event() const { return event_; }
  // So far. Its text is that of its tokens: also what the events still hold back, as it would be
  // if this were the end.
  GenerateResult result() const;

  std::span<const int32_t> prompt() const { return prompt_; }
  std::span<const int32_t> tokens() const { return result_.tokens; }  // so far
  const GenerateOptions& options() const { return options_; }
  int64_t context_tokens() const { return model().context_tokens(); }

 private:
  GenerateJob(CausalLm* model, std::shared_ptr<const Tokenizer> tokenizer,
              std::span<const int32_t> prompt, GenerateOptions options, Sampler sampler);

  // A stream that has taken the prompt; null without a tokenizer.
  std::unique_ptr<DecodeStream> StartText() const;
  void Submit();
  Result<JobState> ChooseToken();
  Status RecordLogprob(int32_t id, float logprob);
  Result<std::string> TextOf(int32_t id, bool is_stop_id);
  std::optional<FinishReason> ReasonToFinish(bool is_stop_id) const;
  int64_t prompt_tokens() const { return static_cast<int64_t>(prompt_.size()); }

  std::vector<int32_t> prompt_;
  GenerateOptions options_;
  Sampler sampler_;
  StopTexts stop_texts_;
  std::shared_ptr<const Tokenizer> tokenizer_;  // may be null
  std::unique_ptr<DecodeStream> text_;          // null without a tokenizer
  int64_t cached_ = 0;                          // positions computed
  std::vector<float> logits_;                   // to choose from, or empty
  bool is_finished_ = false;
  GenerateEvent event_;
  GenerateResult result_;
};

}  // namespace reprise
