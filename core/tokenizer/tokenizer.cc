#include "tokenizer/tokenizer.h"

#include <algorithm>
#include <utility>

#include "base/json_reader.h"
#include "base/small_code.h"
#include "hash/sha256.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

constexpr size_t kMaxTextBytes = size_t{1} << 30;

// The component in the field `name` by its own parser, or null where there is none.
template <typename Component>
Result<std::unique_ptr<const Component>> ParseOptional(const JsonFields& file,
                                                       std::string_view name) {
  if (file.Find(name) == nullptr) return nullptr;
  REPRISE_ASSIGN(const JsonFields fields, file.Object(name));
  return Component::Parse(fields);
}

}  // namespace

REPRISE_SMALL Status Tokenizer::CheckText(std::string_view text) {
  if (text.size() >= kMaxTextBytes) {
    return Fail(Error(ErrorCode::kInvalidArgument,
                      "The text has " + std::to_string(text.size()) + " bytes; less than " +
                          std::to_string(kMaxTextBytes) + " are possible")
                    .With("byte", static_cast<int64_t>(kMaxTextBytes)));
  }
  if (const std::optional<size_t> at = FindInvalidUtf8(text)) {
    return Fail(
        Error(ErrorCode::kInvalidArgument, "The text is not UTF-8 at byte " + std::to_string(*at))
            .With("byte", static_cast<int64_t>(*at)));
  }
  return {};
}

REPRISE_SMALL Result<std::shared_ptr<const Tokenizer>> Tokenizer::Parse(std::string_view json,
                                                                        std::string_view file) {
  Sha256 sha256;
  sha256.Update({reinterpret_cast<const uint8_t*>(json.data()), json.size()});
  const Sha256Digest digest = sha256.Finish();
  REPRISE_ASSIGN(const JsonValue tree, ParseJsonView(json, file));
  REPRISE_ASSIGN(const JsonFields fields, JsonFields::FromValue(tree, "$", file));
  REPRISE_TRY(fields.OnlyFields({"version", "truncation", "padding", "added_tokens", "normalizer",
                                 "pre_tokenizer", "post_processor", "decoder", "model"}));
  if (fields.Find("version") != nullptr) {
    REPRISE_ASSIGN(const std::string version, fields.String("version"));
    if (version != "1.0") {
      return fields.Unsupported("version", "\"" + version + "\" is not supported");
    }
  }
  REPRISE_ASSIGN(const JsonFields model_fields, fields.Object("model"));
  REPRISE_ASSIGN(auto model, Model::Parse(model_fields, HashKey::Of(digest)));
  std::unique_ptr<PreTokenizer> pre_tokenizer;
  if (fields.Find("pre_tokenizer") != nullptr) {
    REPRISE_ASSIGN(const JsonFields part, fields.Object("pre_tokenizer"));
    REPRISE_ASSIGN(pre_tokenizer, PreTokenizer::Parse(part));
    // Both sides of the byte alphabet are left out where both can be.
    if (pre_tokenizer->WritesBytes() && model->TakeBytes()) pre_tokenizer->KeepBytes();
  }
  std::shared_ptr<Tokenizer> tokenizer(new Tokenizer(std::move(model)));
  tokenizer->pre_tokenizer_ = std::move(pre_tokenizer);
  REPRISE_ASSIGN(tokenizer->normalizer_, ParseOptional<Normalizer>(fields, "normalizer"));
  if (fields.Find("post_processor") != nullptr) {
    REPRISE_ASSIGN(const JsonFields processor, fields.Object("post_processor"));
    REPRISE_ASSIGN(tokenizer->post_processor_, PostProcessor::Parse(processor));
  }
  REPRISE_ASSIGN(tokenizer->decoder_, ParseOptional<Decoder>(fields, "decoder"));
  if (tokenizer->decoder_ == nullptr) tokenizer->decoder_ = Decoder::JoinWithSpaces();
  REPRISE_ASSIGN(
      tokenizer->added_tokens_,
      AddedTokens::Parse(fields, tokenizer->model_->vocabulary(), tokenizer->normalizer_.get()));
  tokenizer->CountIds();
  REPRISE_TRY(tokenizer->ReadPadToken(fields));
  tokenizer->hash_ = ToHex(digest);
  return tokenizer;
}

REPRISE_SMALL Status Tokenizer::ReadPadToken(const JsonFields& file) {
  if (file.Find("padding") == nullptr) return {};
  REPRISE_ASSIGN(const JsonFields padding, file.Object("padding"));
  if (padding.Find("pad_token") == nullptr) return {};
  REPRISE_ASSIGN(pad_token_, padding.String("pad_token"));
  return {};
}

REPRISE_SMALL void Tokenizer::CountIds() {
  const Vocabulary& vocabulary = model_->vocabulary();
  vocab_size_ = vocabulary.size();
  token_id_limit_ = vocabulary.id_limit();
  for (const auto& [id, token] : added_tokens_.all()) {
    if (!vocabulary.Token(id)) ++vocab_size_;
    token_id_limit_ = std::max<int64_t>(token_id_limit_, int64_t{id} + 1);
  }
  id_limit_ = std::max(token_id_limit_, post_processor_.id_limit());
}

Status Tokenizer::EncodePart(std::string_view text, bool is_first, const std::set<int32_t>& refused,
                             WordCache* cache, std::vector<int32_t>& ids) const {
  NormalizedText normalized{std::string(text), is_first};
  if (normalizer_ != nullptr) normalizer_->Apply(normalized);
  for (const TextPart& part : added_tokens_.Split(normalized.text, /*normalized=*/true, refused)) {
    if (part.token) {
      ids.push_back(*part.token);
      continue;
    }
    const std::string_view rest =
        std::string_view(normalized.text).substr(part.start, part.end - part.start);
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
  return PreTokenizedText({std::string(text), is_first});
}

Status Tokenizer::AppendWords(PreTokenizedText words, WordCache* cache,
                              std::vector<int32_t>& ids) const {
  model_->SplitFurther(words);
  return reprise::AppendWords(cache, words.text,
                              std::span<const PreTokenizedText::Word>(words.words), ids,
                              [&](std::string_view word) { return model_->Encode(word, ids); });
}

Result<std::vector<int32_t>> Tokenizer::EncodeText(std::string_view text,
                                                   const std::set<int32_t>& refused) const {
  REPRISE_TRY(CheckText(text));
  std::vector<int32_t> ids;
  WordCaches::Loan cache(word_caches_);
  for (const TextPart& part : added_tokens_.Split(text, /*normalized=*/false, refused)) {
    if (part.token) {
      ids.push_back(*part.token);
    } else {
      const std::string_view between = text.substr(part.start, part.end - part.start);
      REPRISE_TRY(EncodePart(between, part.start == 0, refused, cache.get(), ids));
    }
  }
  return ids;
}

Result<std::vector<int32_t>> Tokenizer::Encode(std::string_view text,
                                               bool add_special_tokens) const {
  REPRISE_ASSIGN(std::vector<int32_t> ids, EncodeText(text, {}));
  post_processor_.Apply(add_special_tokens, ids);
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
                      "Id " + std::to_string(id) + " is no token of this tokenizer")
                    .With("id", int64_t{id}));
  }
  if (skip_special_tokens && added_tokens_.IsSpecialText(*token)) token.reset();
  return token;
}

REPRISE_SMALL Result<std::string> Tokenizer::Decode(std::span<const int32_t> ids,
                                                    bool skip_special_tokens) const {
  std::string text;
  const auto stages = decoder_->Start(std::make_unique<TextSink>(text));
  for (size_t i = 0; i < ids.size(); ++i) {
    auto token = DecoderInput(ids[i], skip_special_tokens);
    if (!token) {
      return Fail(std::move(token).error().With("position", static_cast<int64_t>(i)));
    }
    if (!*token) continue;
    stages->Text(**token);
    stages->EndToken();
  }
  stages->Finish();
  return text;
}

std::optional<int32_t> Tokenizer::TokenToId(std::string_view token) const {
  if (const std::optional<int32_t> id = added_tokens_.Find(token)) return id;
  return model_->vocabulary().Find(token);
}

std::optional<std::string_view> Tokenizer::IdToToken(int32_t id) const {
  if (const AddedToken* token = added_tokens_.Token(id)) return token->content;
  return model_->vocabulary().Token(id);
}

REPRISE_SMALL std::vector<std::pair<std::string_view, int32_t>> Tokenizer::AllTokens() const {
  std::vector<std::pair<std::string_view, int32_t>> tokens;
  for (int64_t id = 0; id < token_id_limit_; ++id) {
    const auto token = IdToToken(static_cast<int32_t>(id));
    if (token && TokenToId(*token) == id) tokens.emplace_back(*token, static_cast<int32_t>(id));
  }
  return tokens;
}

bool Tokenizer::IsSpecial(int32_t id) const {
  const AddedToken* token = added_tokens_.Token(id);
  return token != nullptr && token->special;
}

REPRISE_SMALL std::vector<const AddedToken*> Tokenizer::special_tokens() const {
  std::vector<const AddedToken*> special;
  for (const auto& [id, token] : added_tokens_.all()) {
    if (token.special) special.push_back(&token);
  }
  return special;
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
