// The model BPE: byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909) as tokenizer.json
// describes it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tokenizer/json_fields.h"
#include "tokenizer/merge_table.h"
#include "tokenizer/vocabulary.h"

namespace reprise {

// Merges the characters of a word, always the pair that stands first in the list of merges, the
// leftmost of equals.
class BpeModel {
 public:
  // Errors: invalid_tokenizer for merges of unknown tokens, unsupported for dropout and for
  // prefixes and suffixes of subwords.
  static Result<BpeModel> Parse(const JsonFields& fields);

  const Vocabulary& vocabulary() const { return vocabulary_; }

  // Appends the ids of one word (valid UTF-8, less than 2^31 bytes), in n log n time. Characters
  // outside the vocabulary become their bytes' tokens with byte_fallback, else the unk token, else
  // nothing, as the format has it. Errors: invalid_tokenizer where the unk token is needed and not
  // in the vocabulary.
  Status Encode(std::string_view word, std::vector<int32_t>& ids) const;

 private:
  explicit BpeModel(Vocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {}

  Status ReadOptions(const JsonFields& fields);
  Status ReadMerges(const JsonFields& fields);
  void FillTables();

  std::optional<int32_t> CharacterId(char32_t c, std::string_view text) const;
  bool AppendBytes(std::string_view character, std::vector<int32_t>& symbols) const;
  Status AppendSymbols(std::string_view word, std::vector<int32_t>& symbols) const;

  Vocabulary vocabulary_;
  MergeTable merges_;
  std::optional<std::string> unk_token_;
  std::optional<int32_t> unk_id_;
  bool fuse_unk_ = false;
  bool byte_fallback_ = false;
  bool ignore_merges_ = false;

  static constexpr int32_t kNone = -1;
  // Ids of the first code points, which hold the byte alphabet; kNone where there is no token.
  std::array<int32_t, 0x180> low_character_ids_;
  std::array<int32_t, 256> byte_ids_;  // of <0x00> … <0xFF>
};

}  // namespace reprise
