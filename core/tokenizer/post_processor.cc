#include "tokenizer/post_processor.h"

#include <limits>
#include <string>
#include <utility>

namespace reprise {
namespace {

using Parsed = Result<std::unique_ptr<const PostProcessor>>;

bool IsId(const JsonValue& value) {
  return value.kind() == JsonValue::Kind::kInt && value.integer() >= 0 &&
         value.integer() <= std::numeric_limits<int32_t>::max();
}

class SequencePostProcessor : public PostProcessor {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "processors"}));
    REPRISE_ASSIGN(const auto parts, fields.Array("processors"));
    auto sequence = std::make_unique<SequencePostProcessor>();
    bool has_changing = false;
    for (size_t i = 0; i < parts.size(); ++i) {
      REPRISE_ASSIGN(const JsonFields part, fields.Element("processors", i));
      REPRISE_ASSIGN(auto processor, Parse(part));
      // The reference library gives the second one the pieces of the first as so many texts.
      if (has_changing && processor->changes_ids()) {
        return part.Unsupported("type", "a second processor that adds tokens is not supported");
      }
      has_changing |= processor->changes_ids();
      sequence->parts_.push_back(std::move(processor));
    }
    return sequence;
  }

  void Apply(bool add_special_tokens, std::vector<int32_t>& ids) const override {
    for (const auto& part : parts_) part->Apply(add_special_tokens, ids);
  }

 private:
  std::vector<std::unique_ptr<const PostProcessor>> parts_;
};

// Changes offsets only.
class ByteLevelPostProcessor : public PostProcessor {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "add_prefix_space", "trim_offsets", "use_regex"}));
    return std::make_unique<ByteLevelPostProcessor>();
  }

  void Apply(bool, std::vector<int32_t>&) const override {}
  bool changes_ids() const override { return false; }
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

  void Apply(bool add_special_tokens, std::vector<int32_t>& ids) const override {
    std::vector<int32_t> result;
    result.reserve(ids.size() + pieces_.size());
    for (const Piece& piece : pieces_) {
      if (!piece.is_text && !add_special_tokens) continue;
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
      if (!IsId(id)) return description.Invalid("ids", "expected token ids");
      special.ids.push_back(static_cast<int32_t>(id.integer()));
    }
    pieces_.push_back(std::move(special));
    return {};
  }

  std::vector<Piece> pieces_;
};

// A token before the text and one behind it, as BERT and RoBERTa have them.
class EnclosingPostProcessor : public PostProcessor {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    // The last two change offsets only, and only RobertaProcessing has them.
    REPRISE_TRY(fields.OnlyFields({"type", "sep", "cls", "trim_offsets", "add_prefix_space"}));
    auto processor = std::make_unique<EnclosingPostProcessor>();
    REPRISE_ASSIGN(processor->first_, ReadToken(fields, "cls"));
    REPRISE_ASSIGN(processor->last_, ReadToken(fields, "sep"));
    return processor;
  }

  void Apply(bool add_special_tokens, std::vector<int32_t>& ids) const override {
    if (!add_special_tokens) return;
    ids.insert(ids.begin(), first_);
    ids.push_back(last_);
  }

 private:
  static Result<int32_t> ReadToken(const JsonFields& fields, std::string_view name) {
    REPRISE_ASSIGN(const auto pair, fields.Array(name));
    if (pair.size() != 2 || !pair[0].is_string() || !IsId(pair[1])) {
      return fields.Invalid(name, "expected [\"token\", id]");
    }
    return static_cast<int32_t>(pair[1].integer());
  }

  int32_t first_ = 0;
  int32_t last_ = 0;
};

}  // namespace

Parsed PostProcessor::Parse(const JsonFields& fields) {
  REPRISE_ASSIGN(const std::string type, fields.String("type"));
  if (type == "Sequence") return SequencePostProcessor::FromFields(fields);
  if (type == "ByteLevel") return ByteLevelPostProcessor::FromFields(fields);
  if (type == "BertProcessing" || type == "RobertaProcessing") {
    return EnclosingPostProcessor::FromFields(fields);
  }
  if (type == "TemplateProcessing") return TemplatePostProcessor::FromFields(fields);
  return fields.UnknownType();
}

}  // namespace reprise
