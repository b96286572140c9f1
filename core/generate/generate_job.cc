#include "generate/generate_job.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/argument_error.h"

namespace reprise {
namespace {

Status CheckOptions(const GenerateOptions& options, int64_t vocab_size, bool has_tokenizer) {
  if (options.max_tokens && (*options.max_tokens < 1 || *options.max_tokens > kMaxExactInteger)) {
    return ArgumentOutOfRange("maxTokens", "an integer from 1 to 9007199254740991",
                              static_cast<double>(*options.max_tokens));
  }
  if (options.logprobs &&
      (*options.logprobs < 0 || *options.logprobs > GenerateOptions::kMaxLogprobs)) {
    return ArgumentOutOfRange("logprobs", "an integer from 0 to 20",
                              static_cast<double>(*options.logprobs));
  }
  const auto refuse_stop = [](const char* message, const char* expected, const char* found) {
    return Fail(Error(ErrorCode::kInvalidArgument, message)
                    .With("argument", "stop")
                    .With("expected", expected)
                    .With("found", found));
  };
  if (!has_tokenizer && !options.stop_texts.empty()) {
    return refuse_stop("stop texts need a tokenizer, and there is none", "no stop texts",
                       "stop texts");
  }
  if (std::ranges::count(options.stop_texts, std::string()) != 0) {
    return refuse_stop("a stop text must not be empty", "texts that are not empty", "\"\"");
  }
  for (const int64_t id : options.stop_ids) {
    if (id >= 0 && id < vocab_size) continue;
    return Fail(Error(ErrorCode::kTokenOutOfRange, "stopIds: token " + std::to_string(id) +
                                                       " is outside the vocabulary of " +
                                                       std::to_string(vocab_size))
                    .With("argument", "stopIds")
                    .With("expected", vocab_size)
                    .With("found", id));
  }
  return {};
}

}  // namespace

std::string_view FinishReasonName(FinishReason reason) {
  switch (reason) {
    case FinishReason::kStopId:
      return "stop_id";
    case FinishReason::kStopText:
      return "stop_text";
    case FinishReason::kMaxTokens:
      return "max_tokens";
    case FinishReason::kContext:
      return "context";
    case FinishReason::kAborted:
      return "aborted";
  }
  return "unknown";
}

Result<std::unique_ptr<GenerateJob>> GenerateJob::Create(CausalLm* model,
                                                         std::shared_ptr<const Tokenizer> tokenizer,
                                                         std::span<const int32_t> prompt,
                                                         GenerateOptions options) {
  const int64_t vocab_size = model->config().vocab_size;
  REPRISE_TRY(model->CheckTokens(prompt, "prompt"));
  REPRISE_TRY(CheckOptions(options, vocab_size, tokenizer != nullptr));
  REPRISE_ASSIGN(Sampler sampler,
                 Sampler::Create(options.sampling, options.seed, vocab_size, prompt));
  return std::unique_ptr<GenerateJob>(
      new GenerateJob(model, std::move(tokenizer), prompt, std::move(options), std::move(sampler)));
}

GenerateJob::GenerateJob(CausalLm* model, std::shared_ptr<const Tokenizer> tokenizer,
                         std::span<const int32_t> prompt, GenerateOptions options, Sampler sampler)
    : ModelJob(model),
      prompt_(prompt.begin(), prompt.end()),
      options_(std::move(options)),
      sampler_(std::move(sampler)),
      stop_texts_(options_.stop_texts),
      tokenizer_(std::move(tokenizer)),
      text_(StartText()) {
  if (prompt_tokens() == model->context_tokens()) {
    is_finished_ = true;
    result_.finish_reason = FinishReason::kContext;
  }
}

std::unique_ptr<DecodeStream> GenerateJob::StartText() const {
  if (tokenizer_ == nullptr) return nullptr;
  auto text = std::make_unique<DecodeStream>(tokenizer_, /*skip_special_tokens=*/true);
  // The continuation is what its tokens add to the prompt's text, a space before the first word
  // included. An id of the prompt that is no token has no text to add to.
  for (const int32_t id : prompt_) (void)text->Push(id);
  return text;
}

GenerateResult GenerateJob::result() const {
  GenerateResult result = result_;
  if (is_finished_ || text_ == nullptr) return result;
  // Anew, since the stream of a job that goes on cannot be finished. None of the ids is a stop id.
  const std::unique_ptr<DecodeStream> text = StartText();
  StopTexts stop_texts(options_.stop_texts);
  result.text.clear();
  for (const int32_t id : result.tokens) result.text += stop_texts.Push(*text->Push(id));
  result.text += stop_texts.Push(text->Finish());
  result.text += stop_texts.Finish();
  return result;
}

void GenerateJob::Submit() {
  CausalLm& lm = model();
  if (cached_ >= prompt_tokens()) {
    lm.WriteTokens(std::span(result_.tokens).last(1), cached_);
    lm.SubmitForward(cached_, 1);
    lm.SubmitLogits(0, 1, lm.last_logits());
    cached_ += 1;
  } else {
    if (cached_ == 0) lm.WriteTokens(prompt_, 0);
    const int64_t rows = std::min(CausalLm::kChunkTokens, prompt_tokens() - cached_);
    lm.SubmitForward(cached_, rows);
    cached_ += rows;
    if (cached_ < prompt_tokens()) {
      // Any read tells when the chunk has been computed.
      RequestRead(lm.tokens(), 0, 1);
      return;
    }
    lm.SubmitLogits(rows - 1, 1, lm.last_logits());
  }
  RequestRead(lm.last_logits(), 0, lm.config().vocab_size);
}

Result<JobState> GenerateJob::Step(int64_t work_units) {
  if (is_finished_) return JobState::kDone;
  if (!logits_.empty()) return ChooseToken();
  if (!is_waiting()) Submit();
  std::vector<uint8_t> bytes;
  REPRISE_ASSIGN(const bool is_there, AwaitRead(work_units, &bytes));
  if (!is_there) return waiting_state();
  if (cached_ >= prompt_tokens()) {
    logits_.resize(bytes.size() / sizeof(float));
    std::memcpy(logits_.data(), bytes.data(), bytes.size());
  }
  if (cached_ > prompt_tokens()) return ChooseToken();
  event_ = JobProgress{cached_, prompt_tokens()};
  return JobState::kEvent;
}

Result<JobState> GenerateJob::ChooseToken() {
  std::vector<float> logits = std::exchange(logits_, {});
  const bool needs_logprob = options_.logprobs || options_.records;
  const std::vector<float> raw = needs_logprob ? logits : std::vector<float>();
  TokenEvent token;
  REPRISE_ASSIGN(token.id, sampler_.Choose(logits));
  const bool is_stop_id = std::ranges::count(options_.stop_ids, token.id) != 0;
  REPRISE_ASSIGN(token.text, TextOf(token.id, is_stop_id));
  if (needs_logprob) {
    const LogNormalizer normalizer = NormalizeLogits(raw);
    const float logprob = normalizer.Apply(raw[static_cast<size_t>(token.id)]);
    if (options_.records) REPRISE_TRY(RecordLogprob(token.id, logprob));
    if (options_.logprobs) {
      token.logprob = {{token.id, logprob}, TopLogprobs(raw, normalizer, *options_.logprobs)};
      result_.logprobs.push_back(*token.logprob);
    }
  }
  result_.tokens.push_back(token.id);
  if (const auto reason = ReasonToFinish(is_stop_id)) {
    is_finished_ = true;
    result_.finish_reason = *reason;
    if (text_ != nullptr) {
      // A stop text may end in what the decoder held back.
      token.text += stop_texts_.Push(text_->Finish());
      token.text += stop_texts_.Finish();
      if (stop_texts_.found() && !is_stop_id) result_.finish_reason = FinishReason::kStopText;
    }
  }
  result_.text += token.text;
  event_ = std::move(token);
  return JobState::kEvent;
}

Status GenerateJob::RecordLogprob(int32_t id, float logprob) {
  if (!std::isfinite(logprob)) {
    return Fail(Error(ErrorCode::kUnsupported, "token " + std::to_string(id) +
                                                   " has no finite logprob, so that no record of "
                                                   "it can be kept")
                    .With("id", int64_t{id}));
  }
  result_.chosen_logprobs.push_back(logprob);
  return {};
}

Result<std::string> GenerateJob::TextOf(int32_t id, bool is_stop_id) {
  if (text_ == nullptr || is_stop_id) return std::string();
  REPRISE_ASSIGN(const std::string text, text_->Push(id));
  return stop_texts_.Push(text);
}

std::optional<FinishReason> GenerateJob::ReasonToFinish(bool is_stop_id) const {
  const auto made = static_cast<int64_t>(result_.tokens.size());
  if (is_stop_id) return FinishReason::kStopId;
  if (stop_texts_.found()) return FinishReason::kStopText;
  if (options_.max_tokens && made >= *options_.max_tokens) return FinishReason::kMaxTokens;
  if (prompt_tokens() + made >= model().context_tokens()) return FinishReason::kContext;
  return std::nullopt;
}

}  // namespace reprise
