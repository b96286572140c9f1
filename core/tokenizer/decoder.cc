#include "tokenizer/decoder.h"

#include <utility>
#include <vector>

#include "tokenizer/decoder_stages.h"
#include "tokenizer/metaspace_fields.h"
#include "tokenizer/pattern.h"
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
    REPRISE_ASSIGN(Pattern pattern, Pattern::Parse(fields));
    REPRISE_ASSIGN(std::string content, fields.String("content"));
    return std::make_unique<ReplaceDecoder>(std::move(pattern), std::move(content));
  }

  ReplaceDecoder(Pattern pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}

  StagePtr Start(StagePtr next) const override {
    return std::make_unique<ReplaceStage>(std::move(next), pattern_, content_);
  }

 private:
  const Pattern pattern_;
  const std::string content_;
};

class StripDecoder : public Decoder {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    constexpr int64_t kMost = 1'000'000;
    REPRISE_TRY(fields.OnlyFields({"type", "content", "start", "stop"}));
    auto strip = std::make_unique<StripDecoder>();
    REPRISE_ASSIGN(const char32_t content, fields.Character("content"));
    AppendUtf8(content, strip->content_);
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

class MetaspaceDecoder : public Decoder {
 public:
  explicit MetaspaceDecoder(MetaspaceFields fields) : fields_(std::move(fields)) {}

  StagePtr Start(StagePtr next) const override {
    const bool drops_first = fields_.scheme != PrependScheme::kNever;
    return std::make_unique<MetaspaceStage>(std::move(next), fields_.replacement, drops_first);
  }

 private:
  const MetaspaceFields fields_;
};

class WordPieceDecoder : public Decoder {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "prefix", "cleanup"}));
    auto word_piece = std::make_unique<WordPieceDecoder>();
    REPRISE_ASSIGN(word_piece->prefix_, fields.String("prefix"));
    REPRISE_ASSIGN(word_piece->cleans_, fields.Boolean("cleanup"));
    return word_piece;
  }

  StagePtr Start(StagePtr next) const override {
    return std::make_unique<WordPieceStage>(std::move(next), prefix_, cleans_);
  }

 private:
  std::string prefix_;
  bool cleans_ = true;
};

class BpeDecoder : public Decoder {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "suffix"}));
    auto bpe = std::make_unique<BpeDecoder>();
    REPRISE_ASSIGN(bpe->suffix_, fields.String("suffix"));
    if (bpe->suffix_.empty()) return fields.Expected("suffix", "a string that is not empty");
    return bpe;
  }

  StagePtr Start(StagePtr next) const override {
    return std::make_unique<WordSuffixStage>(std::move(next), suffix_);
  }

 private:
  std::string suffix_;
};

class CtcDecoder : public Decoder {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    constexpr std::string_view kDelimiter = "word_delimiter_token";
    REPRISE_TRY(fields.OnlyFields({"type", "pad_token", kDelimiter, "cleanup"}));
    auto ctc = std::make_unique<CtcDecoder>();
    REPRISE_ASSIGN(ctc->pad_, fields.String("pad_token"));
    REPRISE_ASSIGN(ctc->delimiter_, fields.String(kDelimiter));
    if (ctc->delimiter_.empty()) return fields.Expected(kDelimiter, "a string that is not empty");
    REPRISE_ASSIGN(ctc->cleans_, fields.Boolean("cleanup"));
    return ctc;
  }

  StagePtr Start(StagePtr next) const override {
    return std::make_unique<CtcStage>(std::move(next), pad_, delimiter_, cleans_);
  }

 private:
  std::string pad_;
  std::string delimiter_;
  bool cleans_ = true;
};

}  // namespace

Parsed Decoder::Parse(const JsonFields& fields) {
  REPRISE_ASSIGN(const std::string type, fields.String("type"));
  if (type == "Sequence") return SequenceDecoder::FromFields(fields);
  if (type == "Replace") return ReplaceDecoder::FromFields(fields);
  if (type == "Strip") return StripDecoder::FromFields(fields);
  if (type == "WordPiece") return WordPieceDecoder::FromFields(fields);
  if (type == "BPEDecoder") return BpeDecoder::FromFields(fields);
  if (type == "CTC") return CtcDecoder::FromFields(fields);
  if (type == "Metaspace") {
    REPRISE_ASSIGN(MetaspaceFields metaspace, MetaspaceFields::Parse(fields));
    return std::make_unique<MetaspaceDecoder>(std::move(metaspace));
  }
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
