// The pieces that training a Unigram model starts from: all characters, and what occurs in several
// places of the words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tokenizer/training/word_counter.h"

namespace reprise {

// A text that may become a token, with the natural logarithm of its probability.
struct Piece {
  std::string text;
  double score;
};

struct SeedOptions {
  int64_t max_characters;  // of a piece
  int64_t min_frequency;   // of pieces of several characters, in the texts
  size_t max_pieces;       // characters are taken in any case
};

// Characters but U+0000, which ends words, come first, the most frequent ones before others, with
// their count as weight; then the right-maximal substrings (those that two different characters or
// ends follow), by the number of places where they stand in the words, each word taken once, times
// their length. Equal weights: the higher text first. So are seeds made by Hugging Face's
// UnigramTrainer, after SentencePiece (Kudo 2018, arXiv:1804.10959, section 3.2). The scores are
// the logarithms of the weights' shares. Takes linear time but for sorting the pieces. Errors:
// unsupported where the words together have 2^31 characters or more.
Result<std::vector<Piece>> MakeSeedPieces(const std::vector<CountedWord>& words,
                                          const SeedOptions& options);

}  // namespace reprise
