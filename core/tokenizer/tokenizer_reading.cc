// How a tokenizer is read, and what is asked of one now and then.
#include <algorithm>
#include <utility>

#include "base/fill_in.h"
#include "base/json_reader.h"
#include "hash/sha256.h"
#include "tokenizer/tokenizer.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

constexpr size_t kMaxTextBytes = size_t{1} << 30;

// The component in the field `name` by its own parser, or null where there is none.
template <typename Component>
std::unique_ptr<Component> ParseOptional(const JsonFields& file, std::string_view name) {
  return file.Has(name) ? Component::Parse(file.Object(name)) : nullptr;
}

}  // namespace

Status Tokenizer::CheckText(std::string_view text) {
  if (text.size() >= kMaxTextBytes) {
    return Fail(Error(ErrorCode::kInvalidArgument,
                      FillIn("The text has {} bytes; less than {} are possible",
                             {std::to_string(text.size()), std::to_string(kMaxTextBytes)}))
                    .With("byte", static_cast<int64_t>(kMaxTextBytes)));
  }
  if (const std::optional<size_t> at = FindInvalidUtf8(text)) {
    return Fail(Error(ErrorCode::kInvalidArgument,
                      FillIn("The text is not UTF-8 at byte {}", {std::to_string(*at)}))
                    .With("byte", static_cast<int64_t>(*at)));
  }
  return {};
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::Parse(std::string_view json,
                                                          std::string_view file) {
  Sha256 sha256;
  sha256.Update({reinterpret_cast<const uint8_t*>(json.data()), json.size()});
  const Sha256Digest digest = sha256.Finish();
  REPRISE_ASSIGN(const JsonValue tree, ParseJsonView(json, file));
  JsonSource source{file};
  const JsonFields fields(tree, source);
  fields.OnlyFields(
      "version truncation padding added_tokens normalizer pre_tokenizer post_processor decoder "
      "model");
  if (fields.Has("version")) {
    const std::string_view version = fields.String("version");
    if (version != "1.0") {
      fields.Unsupported("version", FillIn("\"{}\" is not supported", {version}));
    }
  }
  auto model = Model::Parse(fields.Object("model"), HashKey::Of(digest));
  if (!fields.ok()) return std::move(source.failure);
  std::shared_ptr<Tokenizer> tokenizer(new Tokenizer(std::move(model)));
  tokenizer->ReadComponents(fields);
  if (!fields.ok()) return std::move(source.failure);
  tokenizer->hash_ = ToHex(digest);
  return tokenizer;
}

void Tokenizer::ReadComponents(const JsonFields& file) {
  auto pre_tokenizer = ParseOptional<PreTokenizer>(file, "pre_tokenizer");
  if (!file.ok()) return;
  // Both sides of the byte alphabet are left out where both can be.
  if (pre_tokenizer != nullptr && pre_tokenizer->WritesBytes() && model_->TakeBytes()) {
    pre_tokenizer->KeepBytes();
  }
  pre_tokenizer_ = std::move(pre_tokenizer);
  normalizer_ = ParseOptional<Normalizer>(file, "normalizer");
  if (file.Has("post_processor")) post_processor_.Read(file.Object("post_processor"));
  decoder_ = ParseOptional<Decoder>(file, "decoder");
  if (decoder_ == nullptr) decoder_ = Decoder::JoinWithSpaces();
  if (!file.ok()) return;
  added_tokens_.Read(file, model_->vocabulary(), normalizer_.get());
  CountIds();
  if (!file.Has("padding")) return;
  const JsonFields padding = file.Object("padding");
  if (padding.Has("pad_token")) pad_token_ = padding.String("pad_token");
}

void Tokenizer::CountIds() {
  const Vocabulary& vocabulary = model_->vocabulary();
  vocab_size_ = vocabulary.size();
  token_id_limit_ = vocabulary.id_limit();
  for (const auto& [id, token] : added_tokens_.all()) {
    if (!vocabulary.Token(id)) ++vocab_size_;
    token_id_limit_ = std::max<int64_t>(token_id_limit_, int64_t{id} + 1);
  }
  id_limit_ = std::max(token_id_limit_, post_processor_.id_limit());
}

Tokenizer::~Tokenizer() = default;

Result<std::string> Tokenizer::Decode(std::span<const int32_t> ids,
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

std::vector<std::pair<std::string_view, int32_t>> Tokenizer::AllTokens() const {
  std::vector<std::pair<std::string_view, int32_t>> tokens;
  for (int64_t id = 0; id < token_id_limit_; ++id) {
    const auto token = IdToToken(static_cast<int32_t>(id));
    if (token && TokenToId(*token) == id) tokens.emplace_back(*token, static_cast<int32_t>(id));
  }
  return tokens;
}

std::vector<const AddedToken*> Tokenizer::special_tokens() const {
  std::vector<const AddedToken*> special;
  for (const auto& [id, token] : added_tokens_.all()) {
    if (token.special) special.push_back(&token);
  }
  return special;
}

}  // namespace reprise
