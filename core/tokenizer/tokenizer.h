// A tokenizer as Hugging Face's tokenizer.json describes it: normalizer, pre-tokenizer, model,
// post-processor and decoder, and added tokens.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/growing_array.h"
#include "base/status.h"
#include "tokenizer/added_tokens.h"
#include "tokenizer/decoder.h"
#include "tokenizer/model.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/post_processor.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/token_ranges.h"
#include "tokenizer/word_cache.h"

namespace reprise {

// Immutable but for caches that change no result, so that threads may share one.
class Tokenizer {
 public:
  // Reads a tokenizer.json; `file` names it in errors. The file's `truncation` and `padding` are
  // not applied. Errors, all with the fields file and path or byte: invalid_json,
  // invalid_tokenizer, unsupported for a component or option that is not known.
  static Result<std::shared_ptr<const Tokenizer>> Parse(std::string_view json,
                                                        std::string_view file);
  ~Tokenizer();

  // The ids of a text, with those that the post-processor adds where asked for. Errors:
  // invalid_argument with the field byte where the text is not UTF-8 or has 2^30 bytes or more;
  // invalid_tokenizer where an unk token is needed that the vocabulary lacks; out_of_memory with
  // needs_bytes, those of one array, where memory does not suffice.
  Result<GrowingArray<int32_t>> Encode(std::string_view text, bool add_special_tokens) const;

  // The ids of the text alone, without those that the post-processor adds. Added tokens whose ids
  // are `refused` are text like any other. Errors: those of Encode.
  Result<GrowingArray<int32_t>> EncodeText(std::string_view text,
                                           const std::set<int32_t>& refused) const;
  // The same, and where each token stands. Several times slower.
  Result<TokenizedText> EncodeTextWithRanges(std::string_view text,
                                             const std::set<int32_t>& refused) const;

  // The text of ids. Errors: token_out_of_range with the fields position and id.
  Result<std::string> Decode(std::span<const int32_t> ids, bool skip_special_tokens) const;

  // One more than the largest id that an encoding may have, 2^31 at most. The post-processor may
  // add ids that are no tokens, so that hardly any id below it may be one.
  int64_t id_limit() const { return id_limit_; }
  // One more than the largest id of a token, added ones included: so far go tables of tokens.
  int64_t token_id_limit() const { return token_id_limit_; }
  // The number of tokens, added ones included. With gaps between ids it is less than
  // token_id_limit().
  int64_t vocab_size() const { return vocab_size_; }

  std::optional<int32_t> TokenToId(std::string_view token) const;
  // The view lives as long as the tokenizer.
  std::optional<std::string_view> IdToToken(int32_t id) const;
  bool IsSpecial(int32_t id) const;
  // Every token that TokenToId finds with its id, in the order of ids. The views live as long as
  // the tokenizer.
  std::vector<std::pair<std::string_view, int32_t>> AllTokens() const;
  // What the decoder is given for an id: the token, or nothing where it is special and these are to
  // be left out. The view lives as long as the tokenizer. Errors: token_out_of_range with the field
  // id.
  Result<std::optional<std::string_view>> DecoderInput(int32_t id, bool skip_special_tokens) const;
  // Those of the model (model.h).
  std::optional<int32_t> unk_id() const { return model_->unk_id(); }
  std::vector<int32_t> byte_fallback_ids() const { return model_->byte_fallback_ids(); }
  // Added tokens marked special, by id. They live as long as the tokenizer.
  std::vector<const AddedToken*> special_tokens() const;

  // SHA-256 of the file's bytes, 64 hexadecimal digits.
  const std::string& hash() const { return hash_; }

  const PostProcessor& post_processor() const { return post_processor_; }
  const Decoder& decoder() const { return *decoder_; }
  // The token that the file's `padding` names, which is all that is taken from there.
  const std::optional<std::string>& pad_token() const { return pad_token_; }

 private:
  explicit Tokenizer(std::unique_ptr<Model> model) : model_(std::move(model)) {}

  static Status CheckText(std::string_view text);
  // All of the file but its model.
  void ReadComponents(const JsonFields& file);
  void CountIds();
  // `cache` may be null.
  Status EncodePart(std::string_view text, bool is_first, const std::set<int32_t>& refused,
                    WordCache* cache, GrowingArray<int32_t>& ids) const;
  // The words of a portion of normalised text, as PreTokenizer::ApplyToPortion takes it.
  PreTokenizedText TakeWords(std::string_view text, bool is_first, size_t& at) const;
  Status AppendWords(PreTokenizedText words, WordCache* cache, GrowingArray<int32_t>& ids) const;
  // `start` is where the part starts in the text.
  Status EncodePartWithRanges(std::string_view text, size_t start, const std::set<int32_t>& refused,
                              TokenizedText& tokens) const;
  // `parts` is scratch.
  Status AppendWordWithRanges(const PreTokenizedText& words, const PreTokenizedText::Word& word,
                              GrowingArray<TextRange>& parts, TokenizedText& tokens) const;
  // `text` is what became the token.
  void AppendAddedWithRange(int32_t id, std::string_view text, TextRange range,
                            TokenizedText& tokens) const;

  std::unique_ptr<const Normalizer> normalizer_;       // may be null
  std::unique_ptr<const PreTokenizer> pre_tokenizer_;  // may be null
  std::unique_ptr<Model> model_;
  PostProcessor post_processor_;
  std::unique_ptr<const Decoder> decoder_;
  AddedTokens added_tokens_;
  mutable WordCaches word_caches_;
  int64_t vocab_size_ = 0;
  int64_t id_limit_ = 0;
  int64_t token_id_limit_ = 0;
  std::string hash_;
  std::optional<std::string> pad_token_;
};

// Turns ids into text as they come. Text that a later id may still change, such as incomplete
// UTF-8, is held back. All pushes and Finish together give what Tokenizer::Decode gives.
class DecodeStream {
 public:
  DecodeStream(std::shared_ptr<const Tokenizer> tokenizer, bool skip_special_tokens);
  // The stages hold an address inside.
  DecodeStream(const DecodeStream&) = delete;
  DecodeStream& operator=(const DecodeStream&) = delete;

  // The text that this id completes, often none. Errors: token_out_of_range; the stream then goes
  // on as if the id had not come.
  Result<std::string> Push(int32_t id);
  // The rest. The stream must not be used again.
  std::string Finish();

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  bool skip_special_tokens_;
  std::string ready_;
  std::unique_ptr<DecoderStage> stages_;
};

}  // namespace reprise
