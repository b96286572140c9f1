// Added tokens: texts that stand for one token each wherever they occur, found before the text is
// normalised or split.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/growing_array.h"
#include "tokenizer/byte_trie.h"
#include "tokenizer/json_fields.h"
#include "tokenizer/normalizer.h"
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
  // What it is sought by and decoded to: the content, normalised where `normalized` says so.
  std::string text;
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
  // Reads the array `added_tokens` of a file. A token of the vocabulary keeps its id there; the
  // others are numbered from the vocabulary's size on, whatever the file says, as the reference
  // library does. What may be wrong: invalid_tokenizer for an id that belongs to another token of
  // the vocabulary or of the list, for a content that is there twice, and for two tokens that are
  // the same once normalised; unsupported for an unknown option.
  void Read(const JsonFields& file, const Vocabulary& vocabulary, const Normalizer* normalizer);

  // Parts a text by the tokens that are sought before (false) or after (true) normalisation. At
  // each place the longest token counts; where its id is `refused`, it is text like any other, and
  // no token inside it counts. Parts of text are not empty.
  GrowingArray<TextPart> Split(std::string_view text, bool normalized,
                               const std::set<int32_t>& refused = {}) const;

  // By id.
  const std::map<int32_t, AddedToken>& all() const { return tokens_; }
  std::optional<int32_t> Find(std::string_view content) const;
  const AddedToken* Token(int32_t id) const;
  // Whether a decoded token counts as special: by its text, as in the reference library.
  bool IsSpecialText(std::string_view text) const;

 private:
  // The tokens to be found before or after normalisation.
  struct Sought {
    ByteTrie trie;
    std::bitset<256> first_bytes;
    std::optional<char> only_first_byte;  // where all start alike, as with "<"

    // The next place from `at` on where one may start, or the end.
    size_t NextStart(std::string_view text, size_t at) const;

    // The next place from `from` on where one of them starts, and the longest that does.
    std::optional<ByteTrie::Match> FindNext(std::string_view text, size_t from,
                                            size_t& start) const;
  };

  void Add(const JsonFields& fields, const Vocabulary& vocabulary, const Normalizer* normalizer);
  void Place(const JsonFields& fields, const Vocabulary& vocabulary, AddedToken& token);
  void BuildTries(const JsonFields& file);

  // What is known of a content, whichever token has its id.
  struct Named {
    int32_t id = 0;
    bool special = false;
  };
  using ByText = std::map<std::string, Named, std::less<>>;

  std::map<int32_t, AddedToken> tokens_;
  ByText named_;  // by content
  std::set<int32_t> declared_ids_;
  int32_t next_id_ = 0;
  Sought plain_;
  Sought normalized_;
};

}  // namespace reprise
