#include "tokenizer/encoding.h"

#include <algorithm>
#include <utility>

#include "base/fill_in.h"

namespace reprise {
namespace {

constexpr int64_t kMaxLength = (int64_t{1} << 31) - 1;
constexpr int64_t kMaxBatchTokens = int64_t{1} << 28;

Failure Refuse(std::string_view argument, std::string_view expected, std::string_view found) {
  return Fail(Error(ErrorCode::kInvalidArgument,
                    FillIn("{} must be {}, found {}", {argument, expected, found}))
                  .With("argument", argument)
                  .With("expected", expected)
                  .With("found", found));
}

Status CheckRange(std::string_view argument, int64_t value, int64_t least) {
  if (value >= least && value <= kMaxLength) return {};
  return Refuse(
      argument,
      FillIn("an integer from {} to {}", {std::to_string(least), std::to_string(kMaxLength)}),
      std::to_string(value));
}

}  // namespace

Result<TextEncoder> TextEncoder::Create(std::shared_ptr<const Tokenizer> tokenizer,
                                        EncodeOptions options) {
  TextEncoder encoder(std::move(tokenizer), std::move(options));
  REPRISE_TRY(encoder.ReadAllowed());
  REPRISE_TRY(encoder.ReadTruncation());
  REPRISE_TRY(encoder.ReadPadding());
  return encoder;
}

Status TextEncoder::ReadAllowed() {
  if (!options_.allow_special) return {};
  for (const AddedToken* token : tokenizer_->special_tokens()) refused_.insert(token->id);
  for (const std::string& name : *options_.allow_special) {
    const std::optional<int32_t> id = tokenizer_->TokenToId(name);
    if (!id || !tokenizer_->IsSpecial(*id)) {
      return Refuse("allowSpecial", "names of the tokenizer's special tokens",
                    FillIn("\"{}\"", {name}));
    }
    refused_.erase(*id);
  }
  return {};
}

Status TextEncoder::ReadTruncation() {
  if (!options_.truncation) return {};
  const PostProcessor& post_processor = tokenizer_->post_processor();
  const size_t added = options_.add_special_tokens ? post_processor.added_tokens() : 0;
  const int64_t max_length = options_.truncation->max_length;
  REPRISE_TRY(CheckRange("truncation.maxLength", max_length, 0));
  if (max_length < static_cast<int64_t>(added)) {
    return Refuse("truncation.maxLength",
                  FillIn("at least the {} special tokens that are added", {std::to_string(added)}),
                  std::to_string(max_length));
  }
  const size_t places = std::max<size_t>(post_processor.text_places(), 1);
  max_text_tokens_ = (static_cast<size_t>(max_length) - added) / places;
  return {};
}

Status TextEncoder::ReadPadding() {
  if (!options_.padding) return {};
  const Padding& padding = *options_.padding;
  if (padding.length) REPRISE_TRY(CheckRange("padding.length", *padding.length, 0));
  REPRISE_TRY(CheckRange("padding.multipleOf", padding.multiple_of, 1));
  const std::optional<std::string>& name =
      padding.pad_token ? padding.pad_token : tokenizer_->pad_token();
  if (!name) {
    return Refuse("padding.padToken", "a token, since the tokenizer's file names none to pad with",
                  "nothing");
  }
  const std::optional<int32_t> id = tokenizer_->TokenToId(*name);
  if (!id) return Refuse("padding.padToken", "a token of the tokenizer", FillIn("\"{}\"", {*name}));
  pad_id_ = *id;
  return {};
}

void TextEncoder::Truncate(TokenizedText& tokens, Encoding& encoding) const {
  const size_t count = tokens.ids.size();
  if (!max_text_tokens_ || count <= *max_text_tokens_) return;
  const size_t removed = count - *max_text_tokens_;
  encoding.removed = static_cast<int64_t>(removed);
  tokens.Keep(options_.truncation->side == TextSide::kLeft ? removed : 0, *max_text_tokens_);
}

Result<Encoding> TextEncoder::Encode(std::string_view text) const {
  const MemoryWatch watch;
  Encoding encoding;
  const PostProcessor& post_processor = tokenizer_->post_processor();
  const bool adds = options_.add_special_tokens;
  TokenizedText tokens;
  if (options_.offsets) {
    REPRISE_ASSIGN(tokens, tokenizer_->EncodeTextWithRanges(text, refused_));
  } else {
    REPRISE_ASSIGN(tokens.ids, tokenizer_->EncodeText(text, refused_));
  }
  Truncate(tokens, encoding);
  if (options_.offsets) {
    for (const PostProcessor::Trim trim : post_processor.trims()) TrimRanges(text, trim, tokens);
    post_processor.ApplyToEach(adds, TextRange(), tokens.ranges);
    encoding.utf16 = Utf16Ranges(text, tokens.ranges);
    encoding.bytes = std::move(tokens.ranges);
  }
  post_processor.Apply(adds, tokens.ids);
  encoding.ids = std::move(tokens.ids);
  REPRISE_TRY(MemoryWatch::Check());
  return encoding;
}

Status TextEncoder::Pad(std::span<Encoding> batch) const {
  if (!options_.padding || batch.empty()) return {};
  int64_t length = options_.padding->length.value_or(0);
  if (!options_.padding->length) {
    for (const Encoding& encoding : batch)
      length = std::max<int64_t>(length, std::ssize(encoding.ids));
  }
  const int64_t multiple = options_.padding->multiple_of;
  length = (length + multiple - 1) / multiple * multiple;
  const auto count = static_cast<int64_t>(batch.size());
  if (length >= kMaxBatchTokens / count) {
    constexpr auto kTokenBytes = static_cast<int64_t>(sizeof(int32_t));
    return Fail(Error(ErrorCode::kOutOfMemory,
                      FillIn("Padding to {} tokens makes more tokens than are possible",
                             {std::to_string(length)}))
                    .With("argument", "padding")
                    .With("needs_bytes", length * count * kTokenBytes)
                    .With("has_bytes", kMaxBatchTokens * kTokenBytes));
  }
  const MemoryWatch watch;
  for (Encoding& encoding : batch) PadTo(static_cast<size_t>(length), encoding);
  return MemoryWatch::Check();
}

void TextEncoder::PadTo(size_t length, Encoding& encoding) const {
  if (encoding.ids.size() >= length) return;
  const size_t count = length - encoding.ids.size();
  encoding.padded = static_cast<int64_t>(count);
  const bool is_left = options_.padding->side == TextSide::kLeft;
  const auto pad = [&](auto& values, auto value) {
    auto* const gap = values.MakeGap(is_left ? 0 : values.size(), count);
    if (gap != nullptr) std::fill_n(gap, count, value);
  };
  pad(encoding.ids, pad_id_);
  if (!options_.offsets) return;
  pad(encoding.bytes, TextRange());
  pad(encoding.utf16, TextRange());
}

}  // namespace reprise
