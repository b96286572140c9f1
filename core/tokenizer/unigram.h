// The model Unigram (Kudo 2018, arXiv:1804.10959): of all ways to write a word in tokens, the one
// with the largest sum of scores.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tokenizer/byte_trie.h"
#include "tokenizer/model.h"

namespace reprise {

class UnigramModel : public Model {
 public:
  static std::unique_ptr<Model> FromFields(const JsonFields& fields, const HashKey& key);

  // In time linear in the word, times the length of the longest token. Scores are added in double
  // precision from left to right; of equal sums the one whose last token is longest counts, as in
  // the reference library. A character that is no token costs the lowest score less ten; a run of
  // these becomes the tokens of its bytes with byte_fallback, else one unk token.
  Status Encode(std::string_view word, GrowingArray<int32_t>& ids) const override;
  // Every byte token of a run has the range of the whole run.
  Status EncodeWithRanges(std::string_view word, GrowingArray<int32_t>& ids,
                          GrowingArray<TextRange>& ranges) const override;
  std::string_view TokenText(int32_t id, std::string_view part) const override;
  std::optional<int32_t> unk_id() const override { return unk_id_; }
  std::vector<int32_t> byte_fallback_ids() const override;

 private:
  UnigramModel(Vocabulary vocabulary, std::vector<double> scores, std::optional<int32_t> unk_id,
               bool byte_fallback);

  // The best way to write the text up to a place.
  struct Best {
    double score = 0;
    int32_t start = kNone;  // of the last token
    int32_t id = kNone;     // of the last token
  };
  static constexpr int32_t kNone = -1;

  Status FindBest(std::string_view word, std::span<Best> best) const;
  Status AppendRun(std::string_view run, GrowingArray<int32_t>& reversed) const;
  // `ranges` may be null.
  Status EncodeWord(std::string_view word, GrowingArray<int32_t>& ids,
                    GrowingArray<TextRange>* ranges) const;

  const std::vector<double> scores_;  // by id
  const std::optional<int32_t> unk_id_;
  const bool byte_fallback_;
  double unk_score_ = 0;
  ByteTrie trie_;
  std::array<int32_t, 256> byte_ids_;  // of <0x00> … <0xFF>; kNone where there is none
};

}  // namespace reprise
