// Added tokens: texts that stand for one token each wherever they occur, found before the text is
// normalised or split.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "tokenizer/json_fields.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/token_trie.h"
#include "tokenizer/vocabulary.h"

namespace reprise {

struct AddedToken {
  int32_t id = 0;
  std::string content;
  bool single_word = false;  // only where no word character touches it
  bool lstrip = false;       // takes the white space before it
  bool rstrip = false;       // takes the white space behind it
  bool normalized = false;   // is sought in the normalised text, its content normalised too
  bool special = false;      // left out of decoded text where that is asked for
};

// A part of a text: an added token, or text in between.
struct TextPart {
  size_t start;
  size_t end;
  std::optional<int32_t> token;
};

// The added tokens of a tokenizer. Immutable once parsed.
class AddedTokens {
 public:
  AddedTokens() = default;

  // Reads the array `added_tokens` of a file. Errors: invalid_tokenizer for an id that contradicts
  // the vocabulary or another added token; unsupported for an unknown option.
  static Result<AddedTokens> Parse(const JsonFields& file, const Vocabulary& vocabulary,
                                   const Normalizer* normalizer);

  // Parts a text by the tokens that are sought before (false) or after (true) normalisation. At
  // each place the longest token counts. Parts of text are not empty.
  std::vector<TextPart> Split(std::string_view text, bool normalized) const;

  // By id.
  const std::map<int32_t, AddedToken>& all() const { return tokens_; }
  std::optional<int32_t> Find(std::string_view content) const;
  const AddedToken* Token(int32_t id) const;

 private:
  std::map<int32_t, AddedToken> tokens_;
  std::unordered_map<std::string, int32_t> ids_;
  TokenTrie plain_;
  TokenTrie normalized_;
};

}  // namespace reprise
