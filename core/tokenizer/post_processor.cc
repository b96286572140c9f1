#include "tokenizer/post_processor.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace reprise {
namespace {

bool IsId(const JsonValue& value) {
  return value.kind() == JsonValue::Kind::kInt && value.integer() >= 0 &&
         value.integer() <= std::numeric_limits<int32_t>::max();
}

// A field of the form ["token", id].
Result<int32_t> ReadToken(const JsonFields& fields, std::string_view name) {
  REPRISE_ASSIGN(const auto pair, fields.Array(name));
  if (pair.size() != 2 || !pair[0].is_string() || !IsId(pair[1])) {
    return fields.Invalid(name, "expected [\"token\", id]");
  }
  return static_cast<int32_t>(pair[1].integer());
}

// The ids of the special token `name` of a template.
Result<std::vector<int32_t>> ReadTemplateToken(const JsonFields& processor,
                                               const std::string& name) {
  REPRISE_ASSIGN(const JsonFields tokens, processor.Object("special_tokens"));
  REPRISE_ASSIGN(const JsonFields description, tokens.Object(name));
  REPRISE_ASSIGN(const auto ids, description.Array("ids"));
  std::vector<int32_t> read;
  for (const JsonValue& id : ids) {
    if (!IsId(id)) return description.Invalid("ids", "expected token ids");
    read.push_back(static_cast<int32_t>(id.integer()));
  }
  return read;
}

}  // namespace

Result<PostProcessor> PostProcessor::Parse(const JsonFields& fields) {
  REPRISE_ASSIGN(const std::string type, fields.String("type"));
  PostProcessor processor;
  if (type == "Sequence") {
    REPRISE_TRY(processor.ReadSequence(fields));
  } else if (type == "ByteLevel") {
    REPRISE_TRY(fields.OnlyFields({"type", "add_prefix_space", "trim_offsets", "use_regex"}));
    REPRISE_TRY(processor.ReadTrim(fields));
  } else if (type == "BertProcessing") {
    REPRISE_TRY(processor.ReadEnclosing(fields, /*trims=*/false));
  } else if (type == "RobertaProcessing") {
    REPRISE_TRY(processor.ReadEnclosing(fields, /*trims=*/true));
  } else if (type == "TemplateProcessing") {
    REPRISE_TRY(processor.ReadTemplate(fields));
  } else {
    return fields.UnknownType();
  }
  return processor;
}

Status PostProcessor::ReadSequence(const JsonFields& fields) {
  REPRISE_TRY(fields.OnlyFields({"type", "processors"}));
  REPRISE_ASSIGN(const auto parts, fields.Array("processors"));
  bool has_adding = false;
  for (size_t i = 0; i < parts.size(); ++i) {
    REPRISE_ASSIGN(const JsonFields fields_of_part, fields.Element("processors", i));
    REPRISE_ASSIGN(PostProcessor part, Parse(fields_of_part));
    // The reference library gives the second one the pieces of the first as so many texts.
    if (has_adding && part.adds_tokens()) {
      return fields_of_part.Unsupported("type",
                                        "a second processor that adds tokens is not supported");
    }
    if (part.adds_tokens()) pieces_ = std::move(part.pieces_);
    has_adding |= adds_tokens();
    trims_.insert(trims_.end(), part.trims_.begin(), part.trims_.end());
  }
  return {};
}

// The options trim_offsets and add_prefix_space of ByteLevel and RobertaProcessing.
Status PostProcessor::ReadTrim(const JsonFields& fields) {
  REPRISE_ASSIGN(const bool trims, fields.Boolean("trim_offsets", true));
  REPRISE_ASSIGN(const bool keeps_prefix_space, fields.Boolean("add_prefix_space", true));
  if (trims) trims_.push_back({keeps_prefix_space});
  return {};
}

// A list of special tokens and of places for the text.
Status PostProcessor::ReadTemplate(const JsonFields& fields) {
  REPRISE_TRY(fields.OnlyFields({"type", "single", "pair", "special_tokens"}));
  REPRISE_ASSIGN(const auto pieces, fields.Array("single"));
  pieces_.clear();
  for (size_t i = 0; i < pieces.size(); ++i) {
    REPRISE_ASSIGN(const JsonFields piece, fields.Element("single", i));
    REPRISE_TRY(piece.OnlyFields({"Sequence", "SpecialToken"}));
    if (piece.Find("Sequence") != nullptr) {
      REPRISE_ASSIGN(const JsonFields sequence, piece.Object("Sequence"));
      const Result<std::string> id = sequence.String("id");
      if (!id || *id != "A") return sequence.Expected("id", "\"A\" in the template of one text");
      pieces_.emplace_back();
      continue;
    }
    REPRISE_ASSIGN(const JsonFields token, piece.Object("SpecialToken"));
    REPRISE_ASSIGN(const std::string name, token.String("id"));
    REPRISE_ASSIGN(auto ids, ReadTemplateToken(fields, name));
    pieces_.emplace_back(std::move(ids));
  }
  return {};
}

// A token before the text and one behind it, as BERT and RoBERTa have them.
Status PostProcessor::ReadEnclosing(const JsonFields& fields, bool trims) {
  // Only RobertaProcessing has the last two.
  REPRISE_TRY(fields.OnlyFields({"type", "sep", "cls", "trim_offsets", "add_prefix_space"}));
  REPRISE_ASSIGN(const int32_t first, ReadToken(fields, "cls"));
  REPRISE_ASSIGN(const int32_t last, ReadToken(fields, "sep"));
  pieces_ = {std::vector{first}, std::nullopt, std::vector{last}};
  return trims ? ReadTrim(fields) : Status();
}

void PostProcessor::Apply(bool add_special_tokens, std::vector<int32_t>& ids) const {
  if (LeavesText(add_special_tokens)) return;
  std::vector<int32_t> result;
  result.reserve(ids.size() + added_tokens());
  for (const Piece& piece : pieces_) {
    if (piece && !add_special_tokens) continue;
    const std::vector<int32_t>& added = piece ? *piece : ids;
    result.insert(result.end(), added.begin(), added.end());
  }
  ids = std::move(result);
}

size_t PostProcessor::added_tokens() const {
  size_t count = 0;
  for (const Piece& piece : pieces_) count += piece ? piece->size() : 0;
  return count;
}

int64_t PostProcessor::id_limit() const {
  int64_t limit = 0;
  for (const Piece& piece : pieces_) {
    if (!piece) continue;
    for (const int32_t id : *piece) limit = std::max<int64_t>(limit, int64_t{id} + 1);
  }
  return limit;
}

size_t PostProcessor::text_places() const {
  size_t count = 0;
  for (const Piece& piece : pieces_) count += piece ? 0 : 1;
  return count;
}

}  // namespace reprise
