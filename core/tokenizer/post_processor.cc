#include "tokenizer/post_processor.h"

#include <limits>
#include <string>
#include <utility>

namespace reprise {
namespace {

using Parsed = Result<std::unique_ptr<const PostProcessor>>;

class SequencePostProcessor : public PostProcessor {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "processors"}));
    REPRISE_ASSIGN(const auto parts, fields.Array("processors"));
    auto sequence = std::make_unique<SequencePostProcessor>();
    for (size_t i = 0; i < parts.size(); ++i) {
      REPRISE_ASSIGN(const JsonFields part, fields.Element("processors", i));
      REPRISE_ASSIGN(auto processor, Parse(part));
      sequence->parts_.push_back(std::move(processor));
    }
    return sequence;
  }

  void AddSpecialTokens(std::vector<int32_t>& ids) const override {
    for (const auto& part : parts_) part->AddSpecialTokens(ids);
  }

 private:
  std::vector<std::unique_ptr<const PostProcessor>> parts_;
};

class ByteLevelPostProcessor : public PostProcessor {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "add_prefix_space", "trim_offsets", "use_regex"}));
    return std::make_unique<ByteLevelPostProcessor>();
  }

  void AddSpecialTokens(std::vector<int32_t>&) const override {}
};

// A list of special tokens and of places for the text.
class TemplatePostProcessor : public PostProcessor {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "single", "pair", "special_tokens"}));
    REPRISE_ASSIGN(const auto pieces, fields.Array("single"));
    auto processor = std::make_unique<TemplatePostProcessor>();
    for (size_t i = 0; i < pieces.size(); ++i) {
      REPRISE_ASSIGN(const JsonFields piece, fields.Element("single", i));
      REPRISE_TRY(processor->AddPiece(fields, piece));
    }
    return processor;
  }

  void AddSpecialTokens(std::vector<int32_t>& ids) const override {
    std::vector<int32_t> result;
    result.reserve(ids.size() + pieces_.size());
    for (const Piece& piece : pieces_) {
      const std::vector<int32_t>& added = piece.is_text ? ids : piece.ids;
      result.insert(result.end(), added.begin(), added.end());
    }
    ids = std::move(result);
  }

 private:
  struct Piece {
    bool is_text;
    std::vector<int32_t> ids;
  };

  Status AddPiece(const JsonFields& processor, const JsonFields& piece) {
    REPRISE_TRY(piece.OnlyFields({"Sequence", "SpecialToken"}));
    if (piece.Find("Sequence") != nullptr) {
      REPRISE_ASSIGN(const JsonFields sequence, piece.Object("Sequence"));
      const Result<std::string> id = sequence.String("id");
      if (id != "A") return sequence.Expected("id", "\"A\" in the template of one text");
      pieces_.push_back({true, {}});
      return {};
    }
    REPRISE_ASSIGN(const JsonFields token, piece.Object("SpecialToken"));
    REPRISE_ASSIGN(const std::string name, token.String("id"));
    REPRISE_ASSIGN(const JsonFields tokens, processor.Object("special_tokens"));
    REPRISE_ASSIGN(const JsonFields description, tokens.Object(name));
    REPRISE_ASSIGN(const auto ids, description.Array("ids"));
    Piece special{false, {}};
    for (const JsonValue& id : ids) {
      if (id.kind() != JsonValue::Kind::kInt || id.integer() < 0 ||
          id.integer() > std::numeric_limits<int32_t>::max()) {
        return description.Invalid("ids", "expected token ids");
      }
      special.ids.push_back(static_cast<int32_t>(id.integer()));
    }
    pieces_.push_back(std::move(special));
    return {};
  }

  std::vector<Piece> pieces_;
};

}  // namespace

Parsed PostProcessor::Parse(const JsonFields& fields) {
  REPRISE_ASSIGN(const std::string type, fields.String("type"));
  if (type == "Sequence") return SequencePostProcessor::FromFields(fields);
  if (type == "ByteLevel") return ByteLevelPostProcessor::FromFields(fields);
  if (type == "TemplateProcessing") return TemplatePostProcessor::FromFields(fields);
  return fields.UnknownType();
}

}  // namespace reprise
