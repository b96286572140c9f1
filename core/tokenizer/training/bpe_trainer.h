// Trains BPE (Sennrich et al. 2016, arXiv:1508.07909): merges the most frequent pair of neighbours
// until the vocabulary is full. Which pair that is, also among equals and in the corners, is as in
// Hugging Face's BpeTrainer (tokenizers 0.23.2), so that the merges are the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tokenizer/training/model_trainer.h"
#include "tokenizer/training/pair_index.h"
#include "tokenizer/training/training_options.h"
#include "tokenizer/training/word_counter.h"

namespace reprise {

// Ids: the special tokens, then the alphabet by code point, then one for each merge that makes a
// new text. The pair with the highest count is next; among equals that of the lower ids, left
// before right. The counts of pairs are kept up to date by looking only at the words that hold the
// merged pair (as in fastBPE and subword-nmt).
class BpeTrainer final : public ModelTrainer {
 public:
  // The options are checked.
  BpeTrainer(const TokenizerTrainingOptions& options, std::vector<CountedWord> words);

  // Errors: invalid_argument where special tokens and alphabet need a larger vocabulary.
  Result<bool> Step(int64_t symbols) override;
  // In tokens.
  JobProgress progress() const override;
  TrainedModel Take() override;

 private:
  enum class Phase : uint8_t { kAlphabet, kSymbols, kPairs, kQueue, kMerges, kDone };
  static constexpr uint32_t kNoList = UINT32_MAX;

  // A word's symbols lie side by side.
  struct Word {
    size_t start;
    uint32_t length;
  };
  // Words that hold a pair, with the pair's count when it was put into the queue. A pair may stand
  // there more than once, with other words: one that came up anew after it was merged.
  struct Candidate {
    int64_t count;
    TokenPair pair;
    uint32_t number;  // of the pair
    uint32_t list;    // of words
  };
  // The queue's order: whether `b` is to be merged before `a`.
  struct IsBehind {
    bool operator()(const Candidate& a, const Candidate& b) const;
  };

  int32_t TokenId(const std::string& text);
  Status MakeAlphabet();
  bool VisitWords(int64_t& symbols, size_t (BpeTrainer::*visit)(size_t word));
  // The visits; each returns how many symbols it looked at.
  size_t CountCharacters(size_t word);
  size_t MakeSymbols(size_t word);
  size_t CountPairs(size_t word);

  uint32_t PairNumber(TokenPair pair);
  void AddPair(TokenPair pair, uint32_t word);
  void QueueNewCandidates();
  // One look at the queue: merges its first candidate or puts it back with its count of now.
  bool MergeNext(int64_t& symbols);
  void MergeInWord(uint32_t word, TokenPair pair, int32_t merged);

  const TokenizerTrainingOptions options_;
  Phase phase_ = Phase::kAlphabet;
  std::vector<CountedWord> counted_;  // their texts go once they are symbols
  size_t next_word_ = 0;              // of the phases that visit all words

  std::vector<std::string> tokens_;
  std::unordered_map<std::string, int32_t> ids_;
  std::vector<int64_t> characters_;     // how often each code point occurs; then its id or -1
  std::vector<int64_t> token_lengths_;  // in characters

  std::vector<int32_t> symbols_;
  std::vector<Word> words_;

  PairIndex pairs_;
  std::vector<int64_t> counts_;      // by the pairs' numbers
  std::vector<uint32_t> new_list_;   // by the pairs' numbers: the list being filled, or kNoList
  std::vector<uint32_t> new_pairs_;  // those with a list being filled
  std::vector<std::vector<uint32_t>> lists_;
  std::vector<uint32_t> free_lists_;
  std::vector<Candidate> queue_;  // a heap

  std::vector<uint32_t> merges_;  // the pairs' numbers
};

}  // namespace reprise
