// Encoding with everything that may be asked for beside the ids: offsets, truncation, padding, and
// which special tokens count in the text.
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
#include "tokenizer/alignment.h"
#include "tokenizer/tokenizer.h"

namespace reprise {

enum class TextSide : uint8_t { kLeft, kRight };

// The result has at most `max_length` tokens, special ones included: tokens of the text are taken
// off its `side`.
struct Truncation {
  int64_t max_length = 0;
  TextSide side = TextSide::kRight;
};

// The result has `length` tokens, or as many as the longest of a batch, rounded up to a multiple of
// `multiple_of`; longer ones stay as they are. Pad tokens come to the `side`.
struct Padding {
  std::optional<int64_t> length = std::nullopt;  // nothing for the longest
  TextSide side = TextSide::kRight;
  std::optional<std::string> pad_token = std::nullopt;  // default: the one that the file names
  int64_t multiple_of = 1;
};

struct EncodeOptions {
  bool add_special_tokens = false;
  bool offsets = false;
  // Names of the special tokens that count where they stand in the text, or nothing for all.
  std::optional<std::vector<std::string>> allow_special = std::nullopt;
  std::optional<Truncation> truncation = std::nullopt;
  std::optional<Padding> padding = std::nullopt;
};

// What became of one text.
struct Encoding {
  GrowingArray<int32_t> ids;
  // With offsets, where each token stands: in bytes of the text and in UTF-16 units. That of tokens
  // that were added is [0, 0).
  GrowingArray<TextRange> bytes;
  GrowingArray<TextRange> utf16;
  int64_t removed = 0;  // tokens of the text that truncation took
  int64_t padded = 0;   // pad tokens among the ids, all at one side
};

// Encodes with the same options text by text. Immutable, so that threads may share one.
class TextEncoder {
 public:
  // Errors: invalid_argument with the field argument (allowSpecial, truncation.maxLength,
  // padding.length, padding.multipleOf, padding.padToken).
  static Result<TextEncoder> Create(std::shared_ptr<const Tokenizer> tokenizer,
                                    EncodeOptions options);

  // Without padding. Errors: those of Tokenizer::Encode.
  Result<Encoding> Encode(std::string_view text) const;
  // Pads the encodings of one batch, where padding was asked for. Errors: out_of_memory where all
  // together would have 2^28 tokens or more or memory does not suffice; the encodings are then not
  // to be used.
  Status Pad(std::span<Encoding> batch) const;

  bool has_offsets() const { return options_.offsets; }

 private:
  TextEncoder(std::shared_ptr<const Tokenizer> tokenizer, EncodeOptions options)
      : tokenizer_(std::move(tokenizer)), options_(std::move(options)) {}

  Status ReadAllowed();
  Status ReadTruncation();
  Status ReadPadding();
  void Truncate(TokenizedText& tokens, Encoding& encoding) const;
  void PadTo(size_t length, Encoding& encoding) const;

  std::shared_ptr<const Tokenizer> tokenizer_;
  EncodeOptions options_;
  std::set<int32_t> refused_;
  // Most tokens of the text itself.
  std::optional<size_t> max_text_tokens_;
  int32_t pad_id_ = 0;
};

}  // namespace reprise
