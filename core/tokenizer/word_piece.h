// The model WordPiece (Schuster and Nakajima 2012): the longest token first, from left to right.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "tokenizer/byte_trie.h"
#include "tokenizer/model.h"

namespace reprise {

class WordPieceModel : public Model {
 public:
  static std::unique_ptr<Model> FromFields(const JsonFields& fields, const HashKey& key);

  // In time linear in the word, times the length of the longest token. A word with a part that is
  // no token, or of more than max_input_chars_per_word code points, is the unk token.
  Status Encode(std::string_view word, GrowingArray<int32_t>& ids) const override;
  Status EncodeWithRanges(std::string_view word, GrowingArray<int32_t>& ids,
                          GrowingArray<TextRange>& ranges) const override;
  std::optional<int32_t> unk_id() const override { return unk_id_; }

 private:
  explicit WordPieceModel(Vocabulary vocabulary);

  // `ranges` may be null.
  bool AppendPieces(std::string_view word, GrowingArray<int32_t>& ids,
                    GrowingArray<TextRange>* ranges) const;
  Status EncodeWord(std::string_view word, GrowingArray<int32_t>& ids,
                    GrowingArray<TextRange>* ranges) const;

  ByteTrie trie_;
  std::optional<ByteTrie::Node> continuing_;  // behind the prefix of continuing tokens
  std::optional<int32_t> unk_id_;
  size_t max_characters_ = 0;
};

}  // namespace reprise
