#include "tokenizer/decoder.h"

#include <utility>
#include <vector>

#include "tokenizer/decoder_stages.h"
#include "tokenizer/string_pattern.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

using Parsed = Result<std::unique_ptr<const Decoder>>;
using StagePtr = std::unique_ptr<DecoderStage>;

class SequenceDecoder : public Decoder {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "decoders"}));
    REPRISE_ASSIGN(const auto parts, fields.Array("decoders"));
    auto sequence = std::make_unique<SequenceDecoder>();
    for (size_t i = 0; i < parts.size(); ++i) {
      REPRISE_ASSIGN(const JsonFields part, fields.Element("decoders", i));
      REPRISE_ASSIGN(auto decoder, Parse(part));
      sequence->parts_.push_back(std::move(decoder));
    }
    return sequence;
  }

  StagePtr Start(StagePtr next) const override {
    for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) {
      next = (*part)->Start(std::move(next));
    }
    return next;
  }

 private:
  std::vector<std::unique_ptr<const Decoder>> parts_;
};

// A decoder without settings.
template <typename Stage>
class PlainDecoder : public Decoder {
 public:
  StagePtr Start(StagePtr next) const override { return std::make_unique<Stage>(std::move(next)); }
};

class ReplaceDecoder : public Decoder {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "pattern", "content"}));
    auto replace = std::make_unique<ReplaceDecoder>();
    REPRISE_ASSIGN(replace->pattern_, ParseStringPattern(fields));
    REPRISE_ASSIGN(replace->content_, fields.String("content"));
    return replace;
  }

  StagePtr Start(StagePtr next) const override {
    return std::make_unique<ReplaceStage>(std::move(next), pattern_, content_);
  }

 private:
  std::string pattern_;
  std::string content_;
};

class StripDecoder : public Decoder {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    constexpr int64_t kMost = 1'000'000;
    REPRISE_TRY(fields.OnlyFields({"type", "content", "start", "stop"}));
    auto strip = std::make_unique<StripDecoder>();
    REPRISE_ASSIGN(strip->content_, fields.String("content"));
    if (strip->content_.empty() || Utf8Length(strip->content_[0]) != strip->content_.size()) {
      return fields.Expected("content", "one character");
    }
    REPRISE_ASSIGN(strip->start_, fields.Integer("start", 0, kMost));
    REPRISE_ASSIGN(strip->stop_, fields.Integer("stop", 0, kMost));
    return strip;
  }

  StagePtr Start(StagePtr next) const override {
    return std::make_unique<StripStage>(std::move(next), content_, start_, stop_);
  }

 private:
  std::string content_;
  int64_t start_ = 0;
  int64_t stop_ = 0;
};

}  // namespace

Parsed Decoder::Parse(const JsonFields& fields) {
  REPRISE_ASSIGN(const std::string type, fields.String("type"));
  if (type == "Sequence") return SequenceDecoder::FromFields(fields);
  if (type == "Replace") return ReplaceDecoder::FromFields(fields);
  if (type == "Strip") return StripDecoder::FromFields(fields);
  if (type == "ByteLevel") {
    // The options are those of the pre-tokenizer; none changes what is decoded.
    REPRISE_TRY(fields.OnlyFields({"type", "add_prefix_space", "trim_offsets", "use_regex"}));
    return std::make_unique<PlainDecoder<ByteLevelStage>>();
  }
  if (type == "ByteFallback" || type == "Fuse") {
    REPRISE_TRY(fields.OnlyFields({"type"}));
    if (type == "Fuse") return std::make_unique<PlainDecoder<FuseStage>>();
    return std::make_unique<PlainDecoder<ByteFallbackStage>>();
  }
  return fields.UnknownType();
}

std::unique_ptr<const Decoder> Decoder::JoinWithSpaces() {
  return std::make_unique<PlainDecoder<SpacedStage>>();
}

}  // namespace reprise
