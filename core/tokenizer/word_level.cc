#include "tokenizer/word_level.h"

namespace reprise {

std::unique_ptr<Model> WordLevelModel::FromFields(const JsonFields& fields, const HashKey& key) {
  fields.OnlyFields("type vocab unk_token");
  const std::string_view unk_token = fields.String("unk_token");
  if (!fields.ok()) return nullptr;
  return std::unique_ptr<Model>(
      new WordLevelModel(Vocabulary::FromObject(fields, "vocab", key), unk_token));
}

Status WordLevelModel::Encode(std::string_view word, GrowingArray<int32_t>& ids) const {
  std::optional<int32_t> id = vocabulary().Find(word);
  if (!id) id = unk_id_;
  if (!id) return MissingUnk("unk_token", "not in the vocabulary", word);
  ids.push_back(*id);
  return {};
}

Status WordLevelModel::EncodeWithRanges(std::string_view word, GrowingArray<int32_t>& ids,
                                        GrowingArray<TextRange>& ranges) const {
  REPRISE_TRY(Encode(word, ids));
  ranges.push_back({0, static_cast<uint32_t>(word.size())});
  return {};
}

}  // namespace reprise
