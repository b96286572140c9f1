// The second stage of a tokenizer: it splits normalised text into words, which the model then
// encodes one by one.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/growing_array.h"
#include "tokenizer/json_fields.h"
#include "tokenizer/normalizer.h"

namespace reprise {

// A text and its words: parts of it in order, none empty. What lies between words is gone.
struct PreTokenizedText {
  struct Word {
    size_t start;
    size_t end;
  };

  GrowingText text;
  GrowingArray<Word> words;
  // Whether the first word stands where the text as it was given began, before normalisation.
  bool first_word_is_first = true;
  // Null where nobody asks for offsets.
  std::unique_ptr<Alignment> alignment;

  // One word, or none where the text is empty.
  explicit PreTokenizedText(NormalizedText normalized);

  std::string_view View(const Word& word) const {
    return std::string_view(text).substr(word.start, word.end - word.start);
  }
};

// Appends words to a list, a few at a time, since a call for each would take as long as finding it.
// What was added is there once the appender is gone.
class WordAppender {
 public:
  explicit WordAppender(GrowingArray<PreTokenizedText::Word>& out) : out_(out) {}
  ~WordAppender() { Flush(); }
  WordAppender(const WordAppender&) = delete;
  WordAppender& operator=(const WordAppender&) = delete;

  void Add(size_t start, size_t end) {
    pending_[count_++] = {start, end};
    if (count_ == kPending) Flush();
  }

 private:
  static constexpr size_t kPending = 64;
  void Flush();

  GrowingArray<PreTokenizedText::Word>& out_;
  size_t count_ = 0;
  PreTokenizedText::Word pending_[kPending];
};

// Splits words into smaller ones and may rewrite them, in memory that a MemoryWatch watches: where
// that lacks, the words are not to be used any more. Immutable once parsed; threads may share one.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void Apply(PreTokenizedText& words) const = 0;

  // The words of a portion of a text, from `at` on and of about `size` bytes, or of all that is
  // left; sets `at` to its end. The words of all portions, one after the other, are those that
  // Apply makes of the whole. `is_first` says whether the text stands where the one given began.
  virtual PreTokenizedText ApplyToPortion(std::string_view text, bool is_first, size_t& at,
                                          size_t /*size*/) const {
    return ApplyUpTo(text.size(), text, is_first, at);
  }

  // Whether the last step writes each byte of words as its character of the byte alphabet.
  virtual bool WritesBytes() const { return false; }
  // Before it is shared, where it writes bytes: from now on it leaves them as they are.
  virtual void KeepBytes() {}

  // The component described by the fields. What may be wrong: unsupported for another type or
  // option, invalid_tokenizer.
  static std::unique_ptr<PreTokenizer> Parse(const JsonFields& fields);

 protected:
  // ApplyToPortion for the portion that ends at `end`, where what is behind is a text of its own.
  PreTokenizedText ApplyUpTo(size_t end, std::string_view text, bool is_first, size_t& at) const;
};

// The parsers of single families, for Parse: the last is that of all which only split.
using ParsedPreTokenizer = std::unique_ptr<PreTokenizer>;
ParsedPreTokenizer ParseByteLevelPreTokenizer(const JsonFields& fields);
ParsedPreTokenizer ParseMetaspacePreTokenizer(const JsonFields& fields);
ParsedPreTokenizer ParseSplittingPreTokenizer(const JsonFields& fields);

}  // namespace reprise
