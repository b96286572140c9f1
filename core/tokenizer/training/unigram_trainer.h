// Trains Unigram (Kudo 2018, arXiv:1804.10959): from many seed pieces, expectation maximization and
// the pruning of those that the texts' likelihood misses least, in turn. The rules and constants
// are those of Hugging Face's UnigramTrainer (tokenizers 0.23.2), which follows SentencePiece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tokenizer/training/model_trainer.h"
#include "tokenizer/training/piece_lattice.h"
#include "tokenizer/training/seed_pieces.h"
#include "tokenizer/training/training_options.h"
#include "tokenizer/training/word_counter.h"

namespace reprise {

// Ids: the unk token where it is none of the special tokens, the special tokens, then the pieces,
// those of higher scores first. All sums run over the words ascending and over the pieces in their
// order, with the functions of numerics/, so that the result's bits are the same everywhere. The
// reference library sums in the order of its hash tables: its scores differ from run to run in the
// last digits, and so do its pieces where two are as good as one another.
class UnigramTrainer final : public ModelTrainer {
 public:
  // The options are checked.
  UnigramTrainer(const TokenizerTrainingOptions& options, std::vector<CountedWord> words);

  // Errors: invalid_argument where special tokens and characters need a larger vocabulary;
  // unsupported as MakeSeedPieces.
  Result<bool> Step(int64_t symbols) override;
  // In words visited, over all rounds; the total is an estimate.
  JobProgress progress() const override;
  TrainedModel Take() override;

 private:
  enum class Phase : uint8_t { kSeed, kExpect, kAlternatives, kFrequencies, kDone };

  // What stands in a piece's place where it is removed.
  struct Alternative {
    bool always_keep = true;
    std::vector<int32_t> pieces;  // none: it cannot be removed, or is never chosen anyway
  };

  Status MakeSeeds();
  void UsePieces(std::vector<Piece> pieces);
  void EstimateRounds();
  // Each visits words or pieces from next_ on; true once all were visited.
  bool Expect(int64_t& symbols);
  bool FindAlternatives(int64_t& symbols);
  bool CountFrequencies(int64_t& symbols);
  void Maximize();
  void Prune();
  double Loss(int32_t piece, const Alternative& alternative, double sum) const;
  double& Frequency(int32_t piece);
  double Frequency(int32_t piece) const;
  // The number of pieces, one for unknown characters included.
  int64_t size() const;
  std::vector<Piece> TakePieces() const;
  void Finish();

  const TokenizerTrainingOptions options_;
  const int64_t wanted_size_;  // pruning ends there
  std::vector<CountedWord> words_;
  std::vector<char32_t> characters_;  // that have to be tokens, ascending

  Phase phase_ = Phase::kSeed;
  size_t next_ = 0;
  int iteration_ = 0;  // of expectation and maximization, since the last pruning
  int64_t visited_ = 0;
  int64_t expected_visits_ = 1;

  std::vector<Piece> pieces_;            // some may be dropped
  std::vector<int32_t> order_;           // the numbers of those that are not
  std::vector<double> scores_;           // by number
  std::optional<PieceLattice> lattice_;  // once there are pieces

  std::vector<double> expected_;           // by number
  std::vector<Alternative> alternatives_;  // by place in order_
  std::vector<double> frequencies_;        // by number
  double unknown_frequency_ = 0;
  double words_frequency_ = 0;
  std::vector<int32_t> segmentation_;

  TrainedModel model_;
};

}  // namespace reprise
