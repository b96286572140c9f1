// The model WordLevel: each word is a token.
#pragma once

#include <optional>
#include <string>

#include "tokenizer/model.h"

namespace reprise {

class WordLevelModel : public Model {
 public:
  static std::unique_ptr<Model> FromFields(const JsonFields& fields, const HashKey& key);
  Status Encode(std::string_view word, GrowingArray<int32_t>& ids) const override;
  Status EncodeWithRanges(std::string_view word, GrowingArray<int32_t>& ids,
                          GrowingArray<TextRange>& ranges) const override;
  std::optional<int32_t> unk_id() const override { return unk_id_; }

 private:
  WordLevelModel(Vocabulary vocabulary, std::string_view unk_token)
      : Model(std::move(vocabulary)), unk_id_(this->vocabulary().Find(unk_token)) {}

  const std::optional<int32_t> unk_id_;
};

}  // namespace reprise
