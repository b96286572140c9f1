#include "tokenizer/word_piece.h"

#include <algorithm>

#include "base/small_code.h"

namespace reprise {

REPRISE_SMALL WordPieceModel::WordPieceModel(Vocabulary vocabulary)
    : Model(std::move(vocabulary)), trie_(this->vocabulary().Texts()) {}

REPRISE_SMALL std::unique_ptr<Model> WordPieceModel::FromFields(const JsonFields& fields,
                                                                const HashKey& key) {
  fields.OnlyFields("type unk_token continuing_subword_prefix max_input_chars_per_word vocab");
  const std::string_view unk_token = fields.String("unk_token");
  const std::string_view prefix = fields.String("continuing_subword_prefix");
  const int64_t max_characters = fields.Integer("max_input_chars_per_word", 0, int64_t{1} << 31);
  if (!fields.ok()) return nullptr;
  std::unique_ptr<WordPieceModel> model(
      new WordPieceModel(Vocabulary::FromObject(fields, "vocab", key)));
  model->continuing_ = model->trie_.Walk(ByteTrie::kRoot, prefix);
  model->unk_id_ = model->vocabulary().Find(unk_token);
  model->max_characters_ = static_cast<size_t>(max_characters);
  return model;
}

bool WordPieceModel::AppendPieces(std::string_view word, GrowingArray<int32_t>& ids,
                                  GrowingArray<TextRange>* ranges) const {
  const auto is_start = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; };
  const auto characters = static_cast<size_t>(std::count_if(word.begin(), word.end(), is_start));
  if (characters > max_characters_) return false;
  std::optional<ByteTrie::Node> from = ByteTrie::kRoot;
  for (size_t at = 0; at < word.size();) {
    if (!from) return false;
    const std::optional<ByteTrie::Match> match = trie_.Longest(*from, word.substr(at));
    if (!match) return false;
    ids.push_back(match->value);
    const size_t end = at + match->length;
    if (ranges != nullptr) {
      ranges->push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(end)});
    }
    at = end;
    from = continuing_;
  }
  return true;
}

Status WordPieceModel::EncodeWord(std::string_view word, GrowingArray<int32_t>& ids,
                                  GrowingArray<TextRange>* ranges) const {
  const size_t first_id = ids.size(), first_range = ranges == nullptr ? 0 : ranges->size();
  if (AppendPieces(word, ids, ranges)) return {};
  ids.Truncate(first_id);
  if (ranges != nullptr) {
    ranges->Truncate(first_range);
    ranges->push_back({0, static_cast<uint32_t>(word.size())});
  }
  if (!unk_id_) return MissingUnk("unk_token", "not in the vocabulary", word);
  ids.push_back(*unk_id_);
  return {};
}

Status WordPieceModel::Encode(std::string_view word, GrowingArray<int32_t>& ids) const {
  return EncodeWord(word, ids, nullptr);
}

Status WordPieceModel::EncodeWithRanges(std::string_view word, GrowingArray<int32_t>& ids,
                                        GrowingArray<TextRange>& ranges) const {
  return EncodeWord(word, ids, &ranges);
}

}  // namespace reprise
