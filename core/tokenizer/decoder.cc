#include "tokenizer/decoder.h"

#include <utility>
#include <vector>

#include "tokenizer/decoder_stages.h"
#include "tokenizer/metaspace_fields.h"
#include "tokenizer/pattern.h"

namespace reprise {
namespace {

using Parsed = std::unique_ptr<Decoder>;
using StagePtr = std::unique_ptr<DecoderStage>;

// A string that is not empty.
std::string_view TextOf(const JsonFields& fields, std::string_view name) {
  const std::string_view text = fields.String(name);
  if (text.empty()) fields.Expected(name, "a string that is not empty");
  return text;
}

class SequenceDecoder : public Decoder {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    fields.OnlyFields("type decoders");
    const size_t count = fields.Array("decoders").size();
    auto sequence = std::make_unique<SequenceDecoder>();
    for (size_t i = 0; i < count && fields.ok(); ++i) {
      sequence->parts_.push_back(Parse(fields.Element("decoders", i)));
    }
    if (fields.ok() && sequence->stages() > kMostStages) {
      fields.Invalid("decoders", "more than 256 decoders are not supported");
    }
    return sequence;
  }

  StagePtr Start(StagePtr next) const override {
    for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) {
      next = (*part)->Start(std::move(next));
    }
    return next;
  }
  size_t stages() const override {
    size_t sum = 0;
    for (const auto& part : parts_) sum += part->stages();
    return sum;
  }

 private:
  static constexpr size_t kMostStages = 256;  // what the stack holds many times over

  std::vector<std::unique_ptr<Decoder>> parts_;
};

// A decoder without settings.
template <typename Stage>
class PlainDecoder : public Decoder {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    fields.OnlyFields("type");
    return std::make_unique<PlainDecoder>();
  }

  StagePtr Start(StagePtr next) const override { return std::make_unique<Stage>(std::move(next)); }
};

class ReplaceDecoder : public Decoder {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    fields.OnlyFields("type pattern content");
    return std::make_unique<ReplaceDecoder>(fields);
  }

  explicit ReplaceDecoder(const JsonFields& fields)
      : pattern_(Pattern::Parse(fields)), content_(fields.String("content")) {}

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
    fields.OnlyFields("type content start stop");
    auto strip = std::make_unique<StripDecoder>();
    strip->content_ = fields.Character("content");
    strip->start_ = fields.Integer("start", 0, kMost);
    strip->stop_ = fields.Integer("stop", 0, kMost);
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
  static Parsed FromFields(const JsonFields& fields) {
    auto metaspace = std::make_unique<MetaspaceDecoder>();
    metaspace->fields_ = MetaspaceFields::Parse(fields);
    return metaspace;
  }

  StagePtr Start(StagePtr next) const override {
    const bool drops_first = fields_.scheme != PrependScheme::kNever;
    return std::make_unique<MetaspaceStage>(std::move(next), fields_.replacement, drops_first);
  }

 private:
  MetaspaceFields fields_;
};

class WordPieceDecoder : public Decoder {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    fields.OnlyFields("type prefix cleanup");
    auto word_piece = std::make_unique<WordPieceDecoder>();
    word_piece->prefix_ = fields.String("prefix");
    word_piece->cleans_ = fields.Boolean("cleanup");
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
    fields.OnlyFields("type suffix");
    auto bpe = std::make_unique<BpeDecoder>();
    bpe->suffix_ = TextOf(fields, "suffix");
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
    fields.OnlyFields("type pad_token word_delimiter_token cleanup");
    auto ctc = std::make_unique<CtcDecoder>();
    ctc->pad_ = fields.String("pad_token");
    ctc->delimiter_ = TextOf(fields, "word_delimiter_token");
    ctc->cleans_ = fields.Boolean("cleanup");
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

Parsed ParseByteLevel(const JsonFields& fields) {
  // The options are those of the pre-tokenizer; none changes what is decoded.
  fields.OnlyFields("type add_prefix_space trim_offsets use_regex");
  return std::make_unique<PlainDecoder<ByteLevelStage>>();
}

constexpr ComponentType<Decoder> kTypes[] = {
    {"Sequence", SequenceDecoder::FromFields},
    {"Replace", ReplaceDecoder::FromFields},
    {"Strip", StripDecoder::FromFields},
    {"WordPiece", WordPieceDecoder::FromFields},
    {"BPEDecoder", BpeDecoder::FromFields},
    {"CTC", CtcDecoder::FromFields},
    {"Metaspace", MetaspaceDecoder::FromFields},
    {"ByteLevel", ParseByteLevel},
    {"ByteFallback", PlainDecoder<ByteFallbackStage>::FromFields},
    {"Fuse", PlainDecoder<FuseStage>::FromFields},
};

}  // namespace

Parsed Decoder::Parse(const JsonFields& fields) { return ParseComponent<Decoder>(fields, kTypes); }

std::unique_ptr<const Decoder> Decoder::JoinWithSpaces() {
  return std::make_unique<PlainDecoder<SpacedStage>>();
}

}  // namespace reprise
