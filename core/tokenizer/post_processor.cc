#include "tokenizer/post_processor.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

namespace reprise {
namespace {

bool IsId(const JsonValue& value) {
  return value.kind() == JsonValue::Kind::kInt && value.integer() >= 0 &&
         value.integer() <= std::numeric_limits<int32_t>::max();
}

// A field of the form ["token", id].
int32_t ReadToken(const JsonFields& fields, std::string_view name) {
  const auto pair = fields.Array(name);
  if (pair.size() == 2 && pair[0].is_string() && IsId(pair[1])) {
    return static_cast<int32_t>(pair[1].integer());
  }
  fields.Invalid(name, "expected [\"token\", id]");
  return 0;
}

// The ids of the special token `name` of a template.
std::vector<int32_t> ReadTemplateToken(const JsonFields& processor, std::string_view name) {
  const JsonFields tokens = processor.Object("special_tokens");
  const JsonFields description = tokens.Object(name);
  std::vector<int32_t> read;
  for (const JsonValue& id : description.Array("ids")) {
    if (!IsId(id)) {
      description.Invalid("ids", "expected token ids");
      break;
    }
    read.push_back(static_cast<int32_t>(id.integer()));
  }
  return read;
}

}  // namespace

void PostProcessor::Read(const JsonFields& fields) {
  const std::string_view type = fields.String("type");
  if (type == "Sequence") {
    ReadSequence(fields);
  } else if (type == "ByteLevel") {
    fields.OnlyFields("type add_prefix_space trim_offsets use_regex");
    ReadTrim(fields);
  } else if (type == "BertProcessing") {
    ReadEnclosing(fields);
  } else if (type == "RobertaProcessing") {
    ReadEnclosing(fields);
    ReadTrim(fields);
  } else if (type == "TemplateProcessing") {
    ReadTemplate(fields);
  } else {
    fields.UnknownType();
  }
}

void PostProcessor::ReadSequence(const JsonFields& fields) {
  fields.OnlyFields("type processors");
  const size_t count = fields.Array("processors").size();
  bool has_adding = false;
  for (size_t i = 0; i < count && fields.ok(); ++i) {
    const JsonFields fields_of_part = fields.Element("processors", i);
    PostProcessor part;
    part.Read(fields_of_part);
    // The reference library gives the second one the pieces of the first as so many texts.
    if (has_adding && part.adds_tokens()) {
      fields_of_part.Unsupported("type", "a second processor that adds tokens is not supported");
    }
    if (part.adds_tokens()) pieces_ = std::move(part.pieces_);
    has_adding |= adds_tokens();
    trims_.insert(trims_.end(), part.trims_.begin(), part.trims_.end());
  }
}

// The options trim_offsets and add_prefix_space of ByteLevel and RobertaProcessing.
void PostProcessor::ReadTrim(const JsonFields& fields) {
  const bool trims = fields.Boolean("trim_offsets", true);
  const bool keeps_prefix_space = fields.Boolean("add_prefix_space", true);
  if (trims) trims_.push_back({keeps_prefix_space});
}

// A list of special tokens and of places for the text.
void PostProcessor::ReadTemplate(const JsonFields& fields) {
  fields.OnlyFields("type single pair special_tokens");
  const size_t count = fields.Array("single").size();
  pieces_.clear();
  for (size_t i = 0; i < count && fields.ok(); ++i) {
    const JsonFields piece = fields.Element("single", i);
    piece.OnlyFields("Sequence SpecialToken");
    if (piece.Has("Sequence")) {
      const JsonFields sequence = piece.Object("Sequence");
      const JsonValue* id = sequence.Find("id");
      if (id == nullptr || !id->is_string() || id->string() != "A") {
        sequence.Expected("id", "\"A\" in the template of one text");
      }
      pieces_.emplace_back();
    } else {
      const JsonFields token = piece.Object("SpecialToken");
      pieces_.emplace_back(ReadTemplateToken(fields, token.String("id")));
    }
  }
}

// A token before the text and one behind it, as BERT and RoBERTa have them.
void PostProcessor::ReadEnclosing(const JsonFields& fields) {
  // Only RobertaProcessing has the last two.
  fields.OnlyFields("type sep cls trim_offsets add_prefix_space");
  const int32_t first = ReadToken(fields, "cls");
  const int32_t last = ReadToken(fields, "sep");
  pieces_ = {std::vector{first}, std::nullopt, std::vector{last}};
}

void PostProcessor::Apply(bool add_special_tokens, GrowingArray<int32_t>& ids) const {
  if (LeavesText(add_special_tokens)) return;
  GrowingArray<int32_t> result;
  result.reserve(ids.size() + added_tokens());
  for (const Piece& piece : pieces_) {
    if (piece && !add_special_tokens) continue;
    result.Append(piece ? std::span<const int32_t>(*piece) : std::span<const int32_t>(ids));
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
