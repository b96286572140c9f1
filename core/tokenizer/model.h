// The third stage of a tokenizer: it turns words into ids.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/growing_array.h"
#include "base/status.h"
#include "tokenizer/alignment.h"
#include "tokenizer/json_fields.h"
#include "tokenizer/vocabulary.h"

namespace reprise {

struct PreTokenizedText;

// Immutable once parsed; threads may share one.
class Model {
 public:
  virtual ~Model() = default;

  // Appends the ids of one word: valid UTF-8, not empty, less than 2^30 bytes. Memory is watched
  // (base/growing_array.h): where it lacks, the ids are not to be used. Errors: invalid_tokenizer
  // where the unk token is needed and missing.
  virtual Status Encode(std::string_view word, GrowingArray<int32_t>& ids) const = 0;

  // Splits words further where their ids, one after the other, are those of the whole word.
  virtual void SplitFurther(PreTokenizedText&) const {}

  // The same as Encode, and appends to `ranges` which bytes of the word each token stands for: none
  // of them empty, in order, and as the reference library has it, which lets some lie beyond the
  // word's end.
  virtual Status EncodeWithRanges(std::string_view word, GrowingArray<int32_t>& ids,
                                  GrowingArray<TextRange>& ranges) const = 0;

  // The text that a token of this id stands for where `part` of a word became it, as the reference
  // library keeps it: the token's own, or for an unk token perhaps the part. The id is one of the
  // vocabulary's.
  virtual std::string_view TokenText(int32_t id, std::string_view part) const;

  // The token of text that the vocabulary lacks, where there is one.
  virtual std::optional<int32_t> unk_id() const = 0;
  // The tokens of bytes that such text becomes where the model falls back to them, without those
  // that the vocabulary lacks.
  virtual std::vector<int32_t> byte_fallback_ids() const { return {}; }

  // Before it is shared: from now on words are bytes as they are, not written in the byte alphabet.
  // False where the model cannot take such words.
  virtual bool TakeBytes() { return false; }

  const Vocabulary& vocabulary() const { return vocabulary_; }

  // The model described by the fields: BPE, Unigram, WordPiece or WordLevel; where `type` is
  // missing, the one that has these fields. `key` is that of its hash tables. What may be wrong:
  // unsupported for another type or option, invalid_tokenizer.
  static std::unique_ptr<Model> Parse(const JsonFields& fields, const HashKey& key);

 protected:
  explicit Model(Vocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {}

  // The error of a word that needs an unk token: `what` says which is missing.
  static Failure MissingUnk(std::string_view field, std::string_view what, std::string_view text);

 private:
  const Vocabulary vocabulary_;
};

}  // namespace reprise
