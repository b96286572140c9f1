// Counts the words of texts as they come in: the first stage of training, whose memory grows with
// the number of distinct words only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/training/training_options.h"

namespace reprise {

// A word of the pre-tokenized texts and how often it occurs.
struct CountedWord {
  std::string text;
  int64_t count;
};

class WordCounter {
 public:
  explicit WordCounter(const TokenizerTrainingOptions& options);

  // Cuts one text by normalizer and pre-tokenizer and counts its words. Errors: invalid_argument
  // with the field byte where it is not UTF-8; out_of_memory where memory does not suffice for the
  // text. The text then does not count.
  Status Add(std::string_view text);

  // The words, ascending by bytes, so that neither the order of texts nor that of a hash table is
  // in a result. The counter is empty afterwards.
  std::vector<CountedWord> Take();

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view word) const { return std::hash<std::string_view>()(word); }
  };

  std::unique_ptr<const Normalizer> normalizer_;  // may be null
  std::unique_ptr<const PreTokenizer> pre_tokenizer_;
  std::unordered_map<std::string, int64_t, Hash, std::equal_to<>> counts_;
};

}  // namespace reprise
