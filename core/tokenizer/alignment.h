// Where each byte of a rewritten text comes from in the original text. Texts carry an alignment
// only where offsets are asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/growing_array.h"
#include "tokenizer/regex/regex.h"
#include "unicode/normalization.h"

namespace reprise {

// Bytes [start, end) of a text.
struct TextRange {
  uint32_t start = 0;
  uint32_t end = 0;
  bool operator==(const TextRange&) const = default;
};

// For each byte of a text, the range of the original from which its character comes. Ranges ascend
// and may overlap. The rules of each rewriting are those of Hugging Face's library
// (NormalizedString in huggingface/tokenizers, tokenizer/normalizer.rs): a character that was added
// has the range of the one before it. Memory is watched (base/growing_array.h): where it lacks, an
// alignment is not to be used any more.
class Alignment {
 public:
  // Of a text that is the original's from the byte `start` on.
  Alignment(std::string_view text, size_t start);

  TextRange operator[](size_t byte) const { return ranges_[byte]; }
  // From where the bytes [start, end) come, which are not empty.
  TextRange Cover(size_t start, size_t end) const {
    return {ranges_[start].start, ranges_[end - 1].end};
  }
  Alignment Slice(size_t start, size_t end) const;

  // An alignment of no text, to be filled while the text is written anew.
  Alignment Restarted() const { return Alignment(origin_); }
  // The text written has `size` bytes now; the new ones come from `range`.
  void ExtendTo(size_t size, TextRange range) { ranges_.resize(size, range); }

  // The text's bytes outside [start, end) went.
  void Keep(size_t start, size_t end);
  // `bytes` bytes were put in front of a text, which is not empty. Where they are none, the first
  // character, of `first_length` bytes, comes from nowhere, as in the reference library.
  void Prepend(size_t bytes, size_t first_length);
  // Every match became `bytes` bytes.
  void Replace(std::span<const RegexMatch> matches, size_t bytes);
  // The text became these characters.
  void Rewrite(std::string_view text, std::span<const RewrittenCharacter> characters);

 private:
  explicit Alignment(uint32_t origin) : origin_(origin) {}
  TextRange RangeBefore(size_t byte) const {
    return byte == 0 ? TextRange{origin_, origin_} : ranges_[byte - 1];
  }

  uint32_t origin_;  // where the text started before anything was rewritten
  GrowingArray<TextRange> ranges_;
};

}  // namespace reprise
