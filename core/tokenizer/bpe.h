// The model BPE: byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909) as tokenizer.json
// describes it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/mark_borders.h"
#include "tokenizer/merge_table.h"
#include "tokenizer/model.h"
#include "tokenizer/token_bytes.h"

namespace reprise {

// Merges the characters of a word, always the pair that stands first in the list of merges, the
// leftmost of equals.
class BpeModel : public Model {
 public:
  // What may be wrong: invalid_tokenizer for merges of unknown tokens, unsupported for dropout.
  static std::unique_ptr<Model> FromFields(const JsonFields& fields, const HashKey& key);

  // In n log n time. Characters outside the vocabulary become their bytes' tokens with
  // byte_fallback, else the unk token, else nothing, as the format has it.
  Status Encode(std::string_view word, GrowingArray<int32_t>& ids) const override;
  void SplitFurther(PreTokenizedText& words) const override;
  // Characters that become nothing have no length, so that the ranges behind them are too far to
  // the front, and the bytes of affixes have one.
  Status EncodeWithRanges(std::string_view word, GrowingArray<int32_t>& ids,
                          GrowingArray<TextRange>& ranges) const override;

  std::optional<int32_t> unk_id() const override { return unk_id_; }
  std::vector<int32_t> byte_fallback_ids() const override;

  bool TakeBytes() override;

 private:
  BpeModel(Vocabulary vocabulary, const HashKey& key) : Model(std::move(vocabulary)), key_(key) {}

  void ReadOptions(const JsonFields& fields);
  void ReadMerges(const JsonFields& fields);
  class MergeReader;
  void FillTables();
  void FindBorders();

  std::optional<int32_t> CharacterId(char32_t c, std::string_view text) const;
  std::string_view WithAffixes(std::string_view character, bool is_first, bool is_last,
                               std::string& storage) const;
  bool AppendBytes(std::string_view character, GrowingArray<int32_t>& symbols) const;
  // `lengths`, which may be null, gets the bytes that each symbol stands for.
  Status AppendSymbols(std::string_view word, GrowingArray<int32_t>& symbols,
                       GrowingArray<uint32_t>* lengths) const;

  const HashKey key_;  // of the hash tables
  MergeTable merges_;
  std::unique_ptr<const TokenBytes> token_bytes_;  // where words are bytes, else null
  std::unique_ptr<const MarkBorders> borders_;     // where words are split further, else null
  std::optional<std::string> unk_token_;
  std::optional<int32_t> unk_id_;
  std::string prefix_;  // of characters that are not the first of a word
  std::string suffix_;  // of the last character of a word
  bool fuse_unk_ = false;
  bool byte_fallback_ = false;
  bool ignore_merges_ = false;

  static constexpr int32_t kNone = -1;
  // Ids of the first code points, which hold the byte alphabet; kNone where there is no token.
  std::array<int32_t, 0x180> low_character_ids_;
  std::array<int32_t, 256> byte_ids_;  // of <0x00> … <0xFF>
};

}  // namespace reprise
