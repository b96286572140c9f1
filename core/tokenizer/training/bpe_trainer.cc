#include "tokenizer/training/bpe_trainer.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "unicode/utf8.h"

namespace reprise {
namespace {

constexpr size_t kCodePoints = 0x110000;
constexpr int64_t kAlwaysKept = std::numeric_limits<int64_t>::max();

int64_t CountCodePoints(std::string_view text) {
  return std::ranges::count_if(text, [](char byte) { return (byte & 0xC0) != 0x80; });
}

}  // namespace

BpeTrainer::BpeTrainer(const TokenizerTrainingOptions& options, std::vector<CountedWord> words)
    : options_(options), counted_(std::move(words)), characters_(kCodePoints) {
  if (const auto unk = options_.added_unk_token()) TokenId(*unk);
  for (const std::string& token : options_.special_tokens) TokenId(token);
}

bool BpeTrainer::IsBehind::operator()(const Candidate& a, const Candidate& b) const {
  if (a.count != b.count) return a.count < b.count;
  if (a.pair.left != b.pair.left) return a.pair.left > b.pair.left;
  return a.pair.right > b.pair.right;
}

// The id of a token, which is new where no token has the text yet.
int32_t BpeTrainer::TokenId(const std::string& text) {
  const auto [entry, is_new] = ids_.emplace(text, static_cast<int32_t>(tokens_.size()));
  if (is_new) {
    tokens_.push_back(text);
    token_lengths_.push_back(CountCodePoints(text));
  }
  return entry->second;
}

// Visits the words one after the other for about so many symbols; true once all were visited.
bool BpeTrainer::VisitWords(int64_t& symbols, size_t (BpeTrainer::*visit)(size_t word)) {
  for (; next_word_ < counted_.size(); ++next_word_) {
    if (symbols <= 0) return false;
    symbols -= static_cast<int64_t>((this->*visit)(next_word_));
  }
  next_word_ = 0;
  return true;
}

size_t BpeTrainer::CountCharacters(size_t word) {
  const CountedWord& counted = counted_[word];
  for (size_t at = 0; at < counted.text.size();) {
    characters_[ReadUtf8(counted.text, at)] += counted.count;
  }
  return counted.text.size();
}

// Gives the characters their ids. With a limit the rarest go, of equals those of higher code
// points.
Status BpeTrainer::MakeAlphabet() {
  for (const char32_t c : options_.initial_alphabet) characters_[c] = kAlwaysKept;
  std::vector<char32_t> alphabet;
  for (size_t c = 0; c < kCodePoints; ++c) {
    if (characters_[c] > 0) alphabet.push_back(static_cast<char32_t>(c));
  }
  if (options_.limit_alphabet && std::ssize(alphabet) > *options_.limit_alphabet) {
    std::ranges::sort(alphabet, {}, [&](char32_t c) { return std::pair(-characters_[c], c); });
    alphabet.resize(static_cast<size_t>(*options_.limit_alphabet));
    std::ranges::sort(alphabet);
  }
  std::ranges::fill(characters_, -1);
  for (const char32_t c : alphabet) {
    std::string text;
    AppendUtf8(c, text);
    characters_[c] = TokenId(text);
  }
  if (std::ssize(tokens_) > options_.vocab_size) {
    return RefuseArgument("vocabSize",
                          "at least " + std::to_string(tokens_.size()) +
                              ", the number of special tokens and characters",
                          std::to_string(options_.vocab_size));
  }
  return {};
}

size_t BpeTrainer::MakeSymbols(size_t word) {
  const std::string text = std::exchange(counted_[word].text, std::string());
  const size_t start = symbols_.size();
  for (size_t at = 0; at < text.size();) {
    const int64_t id = characters_[ReadUtf8(text, at)];
    if (id >= 0) symbols_.push_back(static_cast<int32_t>(id));
  }
  words_.push_back({start, static_cast<uint32_t>(symbols_.size() - start)});
  return text.size();
}

size_t BpeTrainer::CountPairs(size_t word) {
  const Word& place = words_[word];
  for (size_t i = place.start; i + 1 < place.start + place.length; ++i) {
    AddPair({symbols_[i], symbols_[i + 1]}, static_cast<uint32_t>(word));
  }
  return place.length;
}

uint32_t BpeTrainer::PairNumber(TokenPair pair) {
  const uint32_t number = pairs_.Find(pair);
  if (number == counts_.size()) {
    counts_.push_back(0);
    new_list_.push_back(kNoList);
  }
  return number;
}

// Counts a pair that the word holds, and notes the word. Words come one after the other, so that
// looking at the last one is enough to note each once.
void BpeTrainer::AddPair(TokenPair pair, uint32_t word) {
  const uint32_t number = PairNumber(pair);
  counts_[number] += counted_[word].count;
  if (new_list_[number] == kNoList) {
    if (free_lists_.empty()) {
      free_lists_.push_back(static_cast<uint32_t>(lists_.size()));
      lists_.emplace_back();
    }
    new_list_[number] = free_lists_.back();
    free_lists_.pop_back();
    new_pairs_.push_back(number);
  }
  std::vector<uint32_t>& list = lists_[new_list_[number]];
  if (list.empty() || list.back() != word) list.push_back(word);
}

void BpeTrainer::QueueNewCandidates() {
  for (const uint32_t number : new_pairs_) {
    const uint32_t list = new_list_[number];
    new_list_[number] = kNoList;
    if (counts_[number] <= 0) {
      lists_[list] = {};
      free_lists_.push_back(list);
      continue;
    }
    queue_.push_back({counts_[number], pairs_[number], number, list});
    std::push_heap(queue_.begin(), queue_.end(), IsBehind());
  }
  new_pairs_.clear();
}

// The new pairs of a merge are counted unless they are longer than what is allowed; the old ones go
// in any case. So the count of a pair that never counted falls below zero, where it does no harm.
void BpeTrainer::MergeInWord(uint32_t word, TokenPair pair, int32_t merged) {
  Word& place = words_[word];
  int32_t* const symbols = &symbols_[place.start];
  const size_t length = place.length;
  const int64_t count = counted_[word].count;
  const auto form = [&](TokenPair formed) {
    const int64_t characters = token_lengths_[static_cast<size_t>(formed.left)] +
                               token_lengths_[static_cast<size_t>(formed.right)];
    if (characters < options_.max_token_length) AddPair(formed, word);
  };
  size_t out = 0;
  for (size_t at = 0; at < length;) {
    const bool is_pair =
        symbols[at] == pair.left && at + 1 < length && symbols[at + 1] == pair.right;
    if (!is_pair) {
      symbols[out++] = symbols[at++];
      continue;
    }
    if (out > 0) {
      counts_[PairNumber({symbols[out - 1], pair.left})] -= count;
      form({symbols[out - 1], merged});
    }
    at += 2;
    if (at < length) {
      counts_[PairNumber({pair.right, symbols[at]})] -= count;
      form({merged, symbols[at]});
    }
    symbols[out++] = merged;
  }
  place.length = static_cast<uint32_t>(out);
}

bool BpeTrainer::MergeNext(int64_t& symbols) {
  if (std::ssize(tokens_) >= options_.vocab_size || queue_.empty()) return false;
  std::pop_heap(queue_.begin(), queue_.end(), IsBehind());
  Candidate& top = queue_.back();
  if (top.count != counts_[top.number]) {
    top.count = counts_[top.number];
    std::push_heap(queue_.begin(), queue_.end(), IsBehind());
    --symbols;
    return true;
  }
  if (top.count < 1 || top.count < options_.min_frequency) return false;
  const Candidate best = top;
  queue_.pop_back();
  const int32_t merged = TokenId(tokens_[static_cast<size_t>(best.pair.left)] +
                                 tokens_[static_cast<size_t>(best.pair.right)]);
  merges_.push_back(best.number);
  const std::vector<uint32_t> words = std::move(lists_[best.list]);
  lists_[best.list] = {};
  free_lists_.push_back(best.list);
  for (const uint32_t word : words) {
    symbols -= words_[word].length;
    MergeInWord(word, best.pair, merged);
  }
  QueueNewCandidates();
  return true;
}

Result<bool> BpeTrainer::Step(int64_t symbols) {
  while (symbols > 0 && phase_ != Phase::kDone) {
    switch (phase_) {
      case Phase::kAlphabet:
        if (!VisitWords(symbols, &BpeTrainer::CountCharacters)) break;
        REPRISE_TRY(MakeAlphabet());
        phase_ = Phase::kSymbols;
        break;
      case Phase::kSymbols:
        if (!VisitWords(symbols, &BpeTrainer::MakeSymbols)) break;
        characters_ = {};
        phase_ = Phase::kPairs;
        break;
      case Phase::kPairs:
        if (!VisitWords(symbols, &BpeTrainer::CountPairs)) break;
        phase_ = Phase::kQueue;
        break;
      case Phase::kQueue:
        QueueNewCandidates();
        phase_ = Phase::kMerges;
        break;
      case Phase::kMerges:
        if (!MergeNext(symbols)) phase_ = Phase::kDone;
        break;
      case Phase::kDone:
        break;
    }
  }
  return phase_ == Phase::kDone;
}

JobProgress BpeTrainer::progress() const {
  // A corpus without pairs left ends before the vocabulary is full.
  const auto tokens = static_cast<int64_t>(tokens_.size());
  return {tokens, phase_ == Phase::kDone ? tokens : options_.vocab_size};
}

TrainedModel BpeTrainer::Take() {
  // A pair that was merged twice has the rank of the later time, as in the reference library.
  std::vector<size_t> last(pairs_.size());
  for (size_t i = 0; i < merges_.size(); ++i) last[merges_[i]] = i;
  TrainedModel model;
  for (size_t i = 0; i < merges_.size(); ++i) {
    if (last[merges_[i]] != i) continue;
    const TokenPair pair = pairs_[merges_[i]];
    model.merges.emplace_back(pair.left, pair.right);
  }
  model.tokens = std::move(tokens_);
  return model;
}

}  // namespace reprise
