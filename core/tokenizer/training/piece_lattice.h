// All ways to write a word in pieces: expected counts over them, and the most probable one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenizer/byte_trie.h"
#include "tokenizer/training/seed_pieces.h"

namespace reprise {

// Numbers of pieces are their places in the list; a piece can be dropped and keeps its number.
// Number kUnknown stands for a character that is no piece, with a score 10 below the lowest one.
class PieceLattice {
 public:
  static constexpr int32_t kUnknown = -1;

  // `pieces` are not empty and outlive the lattice.
  explicit PieceLattice(const std::vector<Piece>& pieces);

  // The pieces still there and their scores, by number.
  void SetScores(const std::vector<int32_t>& pieces, const std::vector<double>& scores);

  // Adds to expected[piece], for each piece, how often it occurs in the word's segmentations on
  // average, weighted by their probabilities, times `count` (the forward-backward algorithm).
  void AddExpected(std::string_view word, double count, std::vector<double>& expected);

  // The most probable segmentation, of equals that with the longest last piece. With
  // `without_whole` the piece that is the whole word is left out, and the segmentation may be
  // empty: there is none. Returns its score.
  double FindBest(std::string_view word, bool without_whole, std::vector<int32_t>& segmentation);

  double lowest_score() const { return lowest_score_; }

 private:
  struct Node {
    uint32_t begin;
    uint32_t end;
    int32_t piece;
  };
  // A probability: value * 2^(-256 * scale), so that long words do not become zero.
  struct Scaled {
    double value = 0;
    int32_t scale = 0;

    void Add(double more, int32_t more_scale);
    void Normalize();
  };
  struct Best {
    double score = 0;
    int32_t piece = kUnknown;
    int32_t begin = -1;  // -1: nothing ends here
  };

  // Fills nodes_, ascending by begin, then end.
  void FindNodes(std::string_view word);
  double Score(int32_t piece) const {
    return piece == kUnknown ? lowest_score_ - kUnknownPenalty
                             : scores_[static_cast<size_t>(piece)];
  }
  double Probability(int32_t piece) const {
    return piece == kUnknown ? unknown_probability_ : probabilities_[static_cast<size_t>(piece)];
  }

  static constexpr double kUnknownPenalty = 10;

  ByteTrie trie_;
  std::vector<double> scores_;
  std::vector<double> probabilities_;  // 0 for pieces that were dropped
  double lowest_score_ = 0;
  double unknown_probability_ = 0;

  // Of the word at hand; by place where it says so.
  std::vector<Node> nodes_;
  std::vector<Scaled> forward_;
  std::vector<Scaled> backward_;
  std::vector<Best> best_;
};

}  // namespace reprise
