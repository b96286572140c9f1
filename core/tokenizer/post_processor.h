// The fourth stage of a tokenizer: it adds the special tokens that a model expects around a text,
// and may take white space out of offsets.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/growing_array.h"
#include "tokenizer/json_fields.h"

namespace reprise {

// Immutable once read; before, it leaves a text as it is.
class PostProcessor {
 public:
  // White space at a token's ends does not count to its offsets; a single space in front of the
  // first token does where the pre-tokenizer may have put it there.
  struct Trim {
    bool keeps_prefix_space;
  };

  // Reads the component described by the fields, in its form for one text. What may be wrong:
  // unsupported for another type or option, invalid_tokenizer.
  void Read(const JsonFields& fields);

  // Puts special tokens around the ids of one text, in memory that a MemoryWatch watches. Without
  // special tokens only the places of the text count, of which a template may have several.
  void Apply(bool add_special_tokens, GrowingArray<int32_t>& ids) const;
  // The same for what belongs to each id: an added one gets `added`.
  template <typename T>
  void ApplyToEach(bool add_special_tokens, const T& added, GrowingArray<T>& values) const {
    if (LeavesText(add_special_tokens)) return;
    GrowingArray<T> result;
    for (const Piece& piece : pieces_) {
      if (!piece) {
        result.Append(values);
      } else if (add_special_tokens) {
        result.AppendRepeated(piece->size(), added);
      }
    }
    values = std::move(result);
  }

  // How many special tokens are added, and how often the text stands between them.
  size_t added_tokens() const;
  size_t text_places() const;
  // One more than the largest id that is added; 0 where none is.
  int64_t id_limit() const;
  // What is trimmed, one after the other.
  std::span<const Trim> trims() const { return trims_; }

 private:
  // Special tokens, or nothing for the text.
  using Piece = std::optional<std::vector<int32_t>>;

  // Whether the result is the text's tokens as they are.
  bool LeavesText(bool add_special_tokens) const {
    return text_places() == 1 && (!add_special_tokens || added_tokens() == 0);
  }
  bool adds_tokens() const { return pieces_.size() != 1 || pieces_[0].has_value(); }

  void ReadSequence(const JsonFields& fields);
  void ReadTemplate(const JsonFields& fields);
  void ReadEnclosing(const JsonFields& fields);
  void ReadTrim(const JsonFields& fields);

  std::vector<Piece> pieces_{std::nullopt};
  std::vector<Trim> trims_;
};

}  // namespace reprise
