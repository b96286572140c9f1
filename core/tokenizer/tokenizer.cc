#include "tokenizer/tokenizer.h"

#include <algorithm>
#include <utility>

#include "base/fill_in.h"

namespace reprise {

Status Tokenizer::EncodePart(std::string_view text, bool is_first, const std::set<int32_t>& refused,
                             WordCache* cache, GrowingArray<int32_t>& ids) const {
  NormalizedText normalized{GrowingText(), is_first};
  if (normalizer_ != nullptr) {
    normalized.text.Append(text);
    normalizer_->Apply(normalized);
    text = normalized.text;
  }
  const GrowingArray<TextPart> parts = added_tokens_.Split(text, /*normalized=*/true, refused);
  REPRISE_TRY(MemoryWatch::Check());
  for (const TextPart& part : parts) {
    if (part.token) {
      ids.push_back(*part.token);
      continue;
    }
    const std::string_view rest = text.substr(part.start, part.end - part.start);
    const bool is_start = normalized.keeps_start && part.start == 0;
    for (size_t at = 0; at < rest.size();) {
      REPRISE_TRY(AppendWords(TakeWords(rest, is_start, at), cache, ids));
    }
  }
  return {};
}

PreTokenizedText Tokenizer::TakeWords(std::string_view text, bool is_first, size_t& at) const {
  // Little enough that the words of a portion stay near the processor.
  constexpr size_t kPortionBytes = size_t{1} << 16;
  if (pre_tokenizer_ != nullptr) {
    return pre_tokenizer_->ApplyToPortion(text, is_first, at, kPortionBytes);
  }
  at = text.size();
  return PreTokenizedText({GrowingText(text), is_first});
}

Status Tokenizer::AppendWords(PreTokenizedText words, WordCache* cache,
                              GrowingArray<int32_t>& ids) const {
  REPRISE_TRY(MemoryWatch::Check());
  model_->SplitFurther(words);
  REPRISE_TRY(MemoryWatch::Check());
  return reprise::AppendWords(cache, words.text,
                              std::span<const PreTokenizedText::Word>(words.words), ids,
                              [&](std::string_view word) { return model_->Encode(word, ids); });
}

Result<GrowingArray<int32_t>> Tokenizer::EncodeText(std::string_view text,
                                                    const std::set<int32_t>& refused) const {
  REPRISE_TRY(CheckText(text));
  const MemoryWatch watch;
  GrowingArray<int32_t> ids;
  WordCaches::Loan cache(word_caches_);
  for (const TextPart& part : added_tokens_.Split(text, /*normalized=*/false, refused)) {
    if (part.token) {
      ids.push_back(*part.token);
    } else {
      const std::string_view between = text.substr(part.start, part.end - part.start);
      REPRISE_TRY(EncodePart(between, part.start == 0, refused, cache.get(), ids));
    }
  }
  REPRISE_TRY(MemoryWatch::Check());
  return ids;
}

Result<GrowingArray<int32_t>> Tokenizer::Encode(std::string_view text,
                                                bool add_special_tokens) const {
  REPRISE_ASSIGN(GrowingArray<int32_t> ids, EncodeText(text, {}));
  const MemoryWatch watch;
  post_processor_.Apply(add_special_tokens, ids);
  REPRISE_TRY(MemoryWatch::Check());
  return ids;
}

Result<std::optional<std::string_view>> Tokenizer::DecoderInput(int32_t id,
                                                                bool skip_special_tokens) const {
  const AddedToken* added = added_tokens_.Token(id);
  std::optional<std::string_view> token;
  if (added != nullptr) {
    token = added->text;
  } else {
    token = model_->vocabulary().Token(id);
  }
  if (!token) {
    return Fail(Error(ErrorCode::kTokenOutOfRange,
                      FillIn("Id {} is no token of this tokenizer", {std::to_string(id)}))
                    .With("id", int64_t{id}));
  }
  if (skip_special_tokens && added_tokens_.IsSpecialText(*token)) token.reset();
  return token;
}

std::optional<int32_t> Tokenizer::TokenToId(std::string_view token) const {
  if (const std::optional<int32_t> id = added_tokens_.Find(token)) return id;
  return model_->vocabulary().Find(token);
}

std::optional<std::string_view> Tokenizer::IdToToken(int32_t id) const {
  if (const AddedToken* token = added_tokens_.Token(id)) return token->content;
  return model_->vocabulary().Token(id);
}

bool Tokenizer::IsSpecial(int32_t id) const {
  const AddedToken* token = added_tokens_.Token(id);
  return token != nullptr && token->special;
}

DecodeStream::DecodeStream(std::shared_ptr<const Tokenizer> tokenizer, bool skip_special_tokens)
    : tokenizer_(std::move(tokenizer)),
      skip_special_tokens_(skip_special_tokens),
      stages_(tokenizer_->decoder().Start(std::make_unique<TextSink>(ready_))) {}

Result<std::string> DecodeStream::Push(int32_t id) {
  REPRISE_ASSIGN(const auto token, tokenizer_->DecoderInput(id, skip_special_tokens_));
  if (!token) return std::string();
  stages_->Text(*token);
  stages_->EndToken();
  return std::exchange(ready_, std::string());
}

std::string DecodeStream::Finish() {
  stages_->Finish();
  return std::exchange(ready_, std::string());
}

}  // namespace reprise
