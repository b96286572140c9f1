#include "tokenizer/model.h"

#include <string>

#include "base/fill_in.h"
#include "tokenizer/bpe.h"
#include "tokenizer/unigram.h"
#include "tokenizer/word_level.h"
#include "tokenizer/word_piece.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

// Files of older versions name no type; the fields tell.
std::string_view GuessType(const JsonFields& fields) {
  const JsonValue* vocabulary = fields.Find("vocab");
  if (vocabulary != nullptr && vocabulary->is_array()) return "Unigram";
  if (fields.Has("merges")) return "BPE";
  if (fields.Has("max_input_chars_per_word")) return "WordPiece";
  return "WordLevel";
}

}  // namespace

std::unique_ptr<Model> Model::Parse(const JsonFields& fields, const HashKey& key) {
  const std::string_view type = fields.Has("type") ? fields.String("type") : GuessType(fields);
  if (type == "BPE") return BpeModel::FromFields(fields, key);
  if (type == "Unigram") return UnigramModel::FromFields(fields, key);
  if (type == "WordPiece") return WordPieceModel::FromFields(fields, key);
  if (type == "WordLevel") return WordLevelModel::FromFields(fields, key);
  fields.UnknownType();
  return nullptr;
}

std::string_view Model::TokenText(int32_t id, std::string_view) const {
  return *vocabulary().Token(id);
}

Failure Model::MissingUnk(std::string_view field, std::string_view what, std::string_view text) {
  constexpr size_t kShown = 40;
  std::string shown(text.substr(0, kShown));
  while (FindInvalidUtf8(shown)) shown.pop_back();
  const std::string path = FillIn("$.model.{}", {field});
  return Fail(
      Error(ErrorCode::kInvalidTokenizer, FillIn("{}: {}, needed for \"{}\"", {path, what, shown}))
          .With("path", path));
}

}  // namespace reprise
