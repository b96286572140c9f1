#include "tokenizer/training/piece_lattice.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "numerics/elementary.h"

namespace reprise {
namespace {

// Every segmentation of a word into pieces, by listing them all.
struct Segmentations {
  const std::map<std::string, int32_t>& numbers;
  const std::vector<double>& scores;
  double total = 0;
  double best = -1e300;
  std::vector<int32_t> best_pieces;
  std::vector<double> expected;

  void Walk(const std::string& rest, double score, std::vector<int32_t>& pieces) {
    if (rest.empty()) {
      total += ExpF64(score);
      if (score > best) {
        best = score;
        best_pieces = pieces;
      }
      for (const int32_t piece : pieces) expected[static_cast<size_t>(piece)] += ExpF64(score);
      return;
    }
    for (size_t length = 1; length <= rest.size(); ++length) {
      const auto found = numbers.find(rest.substr(0, length));
      if (found == numbers.end()) continue;
      pieces.push_back(found->second);
      Walk(rest.substr(length), score + scores[static_cast<size_t>(found->second)], pieces);
      pieces.pop_back();
    }
  }
};

class PieceLatticeTest : public testing::Test {
 protected:
  PieceLatticeTest() {
    for (size_t i = 0; i < pieces_.size(); ++i) {
      numbers_[pieces_[i].text] = static_cast<int32_t>(i);
      order_.push_back(static_cast<int32_t>(i));
      scores_.push_back(pieces_[i].score);
    }
    lattice_.SetScores(order_, scores_);
  }

  const std::vector<Piece> pieces_ = {{"a", -1.5},   {"b", -2},     {"c", -3.25}, {"ab", -2.5},
                                      {"bc", -2.75}, {"abc", -4.5}, {"ca", -4},   {"abca", -6.25}};
  std::map<std::string, int32_t> numbers_;
  std::vector<int32_t> order_;
  std::vector<double> scores_;
  PieceLattice lattice_{pieces_};
};

TEST_F(PieceLatticeTest, EqualsTheListOfAllSegmentations) {
  for (const std::string word : {"a", "ab", "abc", "abcabc", "cabbac", "abcaabcabcca"}) {
    Segmentations all{numbers_, scores_, 0, -1e300, {}, std::vector<double>(pieces_.size())};
    std::vector<int32_t> pieces;
    all.Walk(word, 0, pieces);
    std::vector<double> expected(pieces_.size());
    lattice_.AddExpected(word, 3, expected);
    for (size_t i = 0; i < pieces_.size(); ++i) {
      EXPECT_NEAR(expected[i], 3 * all.expected[i] / all.total, 1e-12) << word << " " << i;
    }
    EXPECT_DOUBLE_EQ(lattice_.FindBest(word, false, pieces), all.best);
    EXPECT_EQ(pieces, all.best_pieces) << word;
  }
}

TEST_F(PieceLatticeTest, LeavesTheWholeOut) {
  std::vector<int32_t> pieces;
  EXPECT_DOUBLE_EQ(lattice_.FindBest("abc", false, pieces), -4.25);
  EXPECT_EQ(pieces, (std::vector<int32_t>{0, 4}));
  EXPECT_DOUBLE_EQ(lattice_.FindBest("ab", true, pieces), -3.5);
  EXPECT_EQ(pieces, (std::vector<int32_t>{0, 1}));
  lattice_.FindBest("a", true, pieces);
  EXPECT_TRUE(pieces.empty());
}

TEST_F(PieceLatticeTest, WritesUnknownCharactersAndForgetsDroppedPieces) {
  std::vector<int32_t> pieces;
  EXPECT_DOUBLE_EQ(lattice_.FindBest("a\u00e9a", false, pieces), -3.0 - 16.25);
  EXPECT_EQ(pieces, (std::vector<int32_t>{0, PieceLattice::kUnknown, 0}));
  lattice_.SetScores({1, 3}, scores_);
  EXPECT_DOUBLE_EQ(lattice_.FindBest("aab", false, pieces), -12.5 - 2.5);
  EXPECT_EQ(pieces, (std::vector<int32_t>{PieceLattice::kUnknown, 3}));
  std::vector<double> expected(pieces_.size());
  lattice_.AddExpected("ab", 1, expected);
  EXPECT_NEAR(expected[3], 1, 1e-4);
  EXPECT_EQ(expected[0], 0);
}

TEST_F(PieceLatticeTest, CountsInWordsOfAnyLength) {
  // One way to write each half, so that the shares are whole; its probability is below 2^-100000.
  std::string word;
  for (int i = 0; i < 20'000; ++i) word += "\u00e9bb";
  std::vector<double> expected(pieces_.size());
  lattice_.AddExpected(word, 1, expected);
  EXPECT_NEAR(expected[1], 40'000, 1e-6);
  EXPECT_EQ(expected[0], 0);
}

}  // namespace
}  // namespace reprise
