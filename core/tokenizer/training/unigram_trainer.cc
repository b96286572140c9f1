#include "tokenizer/training/unigram_trainer.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "numerics/elementary.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

constexpr size_t kCodePoints = 0x110000;
constexpr size_t kMaxSeeds = 1'000'000;
constexpr int kIterations = 2;  // of expectation and maximization between two prunings
constexpr double kShrinkingFactor = 0.75;
constexpr double kLeastExpected = 0.5;
constexpr double kPenaltyStep = 0.0001;

// The derivative of ln(gamma(x)), x > 0: by its recurrence up to 7, then by the asymptotic series
// about x - 1/2.
double Digamma(double x) {
  double result = 0;
  for (; x < 7; x += 1) result -= 1 / x;
  x -= 0.5;
  const double inverse = 1 / x, square = inverse * inverse, fourth = square * square;
  return result + LogF64(x) + square / 24 - fourth * 7 / 960 + fourth * square * 31 / 8064 -
         fourth * fourth * 127 / 30720;
}

// A piece that may go, by its place in the order of pieces.
struct Candidate {
  int32_t piece;
  size_t place;
  double loss;
};

bool IsOneCharacter(std::string_view text) { return text.size() == Utf8Length(text[0]); }

}  // namespace

UnigramTrainer::UnigramTrainer(const TokenizerTrainingOptions& options,
                               std::vector<CountedWord> words)
    : options_(options), wanted_size_(options.vocab_size * 11 / 10), words_(std::move(words)) {
  for (const CountedWord& word : words_) words_frequency_ += static_cast<double>(word.count);
}

int64_t UnigramTrainer::size() const { return std::ssize(order_) + 1; }

double& UnigramTrainer::Frequency(int32_t piece) {
  return piece == PieceLattice::kUnknown ? unknown_frequency_
                                         : frequencies_[static_cast<size_t>(piece)];
}
double UnigramTrainer::Frequency(int32_t piece) const {
  return piece == PieceLattice::kUnknown ? unknown_frequency_
                                         : frequencies_[static_cast<size_t>(piece)];
}

Status UnigramTrainer::MakeSeeds() {
  REPRISE_ASSIGN(
      std::vector<Piece> pieces,
      MakeSeedPieces(words_, {options_.max_token_length, options_.min_frequency, kMaxSeeds}));
  std::vector<bool> is_needed(kCodePoints);
  for (const char32_t c : options_.initial_alphabet) is_needed[c] = true;
  for (const CountedWord& word : words_) {
    for (size_t at = 0; at < word.text.size();) is_needed[ReadUtf8(word.text, at)] = true;
  }
  for (size_t c = 0; c < kCodePoints; ++c) {
    if (is_needed[c]) characters_.push_back(static_cast<char32_t>(c));
  }
  const int64_t needed = std::ssize(characters_) + std::ssize(options_.special_tokens) +
                         (options_.added_unk_token() ? 1 : 0);
  if (needed > options_.vocab_size) {
    return RefuseArgument(
        "vocabSize",
        "at least " + std::to_string(needed) + ", the number of special tokens and characters",
        std::to_string(options_.vocab_size));
  }
  UsePieces(std::move(pieces));
  EstimateRounds();
  return {};
}

// Takes these pieces with their scores for the ones there are.
void UnigramTrainer::UsePieces(std::vector<Piece> pieces) {
  pieces_ = std::move(pieces);
  order_.clear();
  scores_.clear();
  for (const Piece& piece : pieces_) {
    order_.push_back(static_cast<int32_t>(scores_.size()));
    scores_.push_back(piece.score);
  }
  lattice_.emplace(pieces_);
  lattice_->SetScores(order_, scores_);
  expected_.assign(pieces_.size(), 0);
}

// Each round visits the words three times and leaves about three quarters of the pieces.
void UnigramTrainer::EstimateRounds() {
  int64_t rounds = 1;
  for (auto left = static_cast<double>(size()); left > static_cast<double>(wanted_size_);
       left *= kShrinkingFactor) {
    ++rounds;
  }
  expected_visits_ = std::max<int64_t>(1, (3 * rounds - 1) * std::ssize(words_));
}

bool UnigramTrainer::Expect(int64_t& symbols) {
  for (; next_ < words_.size(); ++next_, ++visited_) {
    if (symbols <= 0) return false;
    symbols -= std::ssize(words_[next_].text);
    lattice_->AddExpected(words_[next_].text, static_cast<double>(words_[next_].count), expected_);
  }
  next_ = 0;
  return true;
}

// A sparse prior on the pieces (Liang and Klein, "Structured Bayesian Nonparametric Models with
// Variational Inference", ACL 2007): exp(digamma(c)) in the place of c.
void UnigramTrainer::Maximize() {
  double sum = 0;
  std::erase_if(order_, [&](int32_t piece) {
    return expected_[static_cast<size_t>(piece)] < kLeastExpected;
  });
  for (const int32_t piece : order_) sum += expected_[static_cast<size_t>(piece)];
  if (!order_.empty()) {
    const double log_sum = Digamma(sum);
    for (const int32_t piece : order_) {
      scores_[static_cast<size_t>(piece)] =
          Digamma(expected_[static_cast<size_t>(piece)]) - log_sum;
    }
  }
  std::ranges::fill(expected_, 0.0);
  lattice_->SetScores(order_, scores_);
}

// How each piece would be written without it.
bool UnigramTrainer::FindAlternatives(int64_t& symbols) {
  alternatives_.resize(order_.size());
  for (; next_ < order_.size(); ++next_) {
    if (symbols <= 0) return false;
    const std::string& text = pieces_[static_cast<size_t>(order_[next_])].text;
    symbols -= std::ssize(text);
    const double score = lattice_->FindBest(text, /*without_whole=*/true, segmentation_);
    if (segmentation_.empty()) continue;
    Alternative& alternative = alternatives_[next_];
    if (score > scores_[static_cast<size_t>(order_[next_])]) {
      alternative.always_keep = false;
    } else {
      alternative.pieces = segmentation_;
    }
  }
  next_ = 0;
  frequencies_.assign(pieces_.size(), 0);
  unknown_frequency_ = 0;
  return true;
}

bool UnigramTrainer::CountFrequencies(int64_t& symbols) {
  for (; next_ < words_.size(); ++next_, ++visited_) {
    if (symbols <= 0) return false;
    const CountedWord& word = words_[next_];
    symbols -= std::ssize(word.text);
    lattice_->FindBest(word.text, /*without_whole=*/false, segmentation_);
    for (const int32_t piece : segmentation_) Frequency(piece) += static_cast<double>(word.count);
  }
  next_ = 0;
  return true;
}

// About how much of the texts' likelihood goes with a piece, if its alternative takes its places.
// The sum of frequencies would grow by the frequency times the alternative's pieces less one; both
// libraries multiply by the number of all pieces instead, and choose their vocabularies so.
double UnigramTrainer::Loss(int32_t piece, const Alternative& alternative, double sum) const {
  const double frequency = Frequency(piece);
  const double log_sum_after = LogF64(sum + frequency * static_cast<double>(order_.size()));
  double log_after = 0;
  for (const int32_t other : alternative.pieces) {
    log_after += LogF64(Frequency(other) + frequency) - log_sum_after;
  }
  return frequency / words_frequency_ * (LogF64(frequency) - LogF64(sum) - log_after);
}

// Keeps the pieces that have no alternative and, of the others that are used, those with the
// greatest loss.
void UnigramTrainer::Prune() {
  double sum = unknown_frequency_;
  for (const int32_t piece : order_) sum += Frequency(piece);
  std::vector<Candidate> candidates;
  std::vector<int32_t> kept;
  for (size_t i = 0; i < order_.size(); ++i) {
    const int32_t piece = order_[i];
    const Alternative& alternative = alternatives_[i];
    const bool is_used = Frequency(piece) > 0;
    if (alternative.pieces.empty()) {
      if (is_used || alternative.always_keep) kept.push_back(piece);
    } else if (is_used) {
      candidates.push_back({piece, i, Loss(piece, alternative, sum)});
    }
  }
  std::ranges::sort(candidates, {}, [](const Candidate& candidate) {
    return std::pair(-candidate.loss, candidate.place);
  });
  const auto shrunk = static_cast<int64_t>(static_cast<double>(size()) * kShrinkingFactor);
  const int64_t pruned_size = std::max(wanted_size_, shrunk);
  for (const Candidate& candidate : candidates) {
    if (std::ssize(kept) + 1 >= pruned_size) break;
    kept.push_back(candidate.piece);
  }
  alternatives_.clear();
  order_ = std::move(kept);
  if (2 * order_.size() > pieces_.size()) {
    lattice_->SetScores(order_, scores_);
    return;
  }
  std::vector<Piece> pieces;
  for (const int32_t piece : order_) {
    pieces.push_back(
        {std::move(pieces_[static_cast<size_t>(piece)].text), scores_[static_cast<size_t>(piece)]});
  }
  UsePieces(std::move(pieces));
}

Result<bool> UnigramTrainer::Step(int64_t symbols) {
  while (symbols > 0 && phase_ != Phase::kDone) {
    switch (phase_) {
      case Phase::kSeed:
        REPRISE_TRY(MakeSeeds());
        phase_ = Phase::kExpect;
        return false;
      case Phase::kExpect:
        if (!Expect(symbols)) break;
        Maximize();
        if (++iteration_ < kIterations) break;
        iteration_ = 0;
        if (size() > wanted_size_) {
          phase_ = Phase::kAlternatives;
        } else {
          Finish();
        }
        break;
      case Phase::kAlternatives:
        if (FindAlternatives(symbols)) phase_ = Phase::kFrequencies;
        break;
      case Phase::kFrequencies: {
        if (!CountFrequencies(symbols)) break;
        const int64_t before = size();
        Prune();
        if (size() < before) {
          phase_ = Phase::kExpect;
        } else {
          Finish();  // every piece left is needed
        }
        break;
      }
      case Phase::kDone:
        break;
    }
  }
  return phase_ == Phase::kDone;
}

JobProgress UnigramTrainer::progress() const {
  if (phase_ == Phase::kDone) return {expected_visits_, expected_visits_};
  return {std::min(visited_, expected_visits_), expected_visits_};
}

// Takes every character and of the other pieces, in their order, as many as the vocabulary has room
// for. A character that is no piece any more gets a score near the lowest, each another one.
std::vector<Piece> UnigramTrainer::TakePieces() const {
  std::set<std::string> taken(options_.special_tokens.begin(), options_.special_tokens.end());
  taken.insert(*options_.unk_token);
  const int64_t room = options_.vocab_size - std::ssize(options_.special_tokens) -
                       (options_.added_unk_token() ? 1 : 0);
  std::map<std::string_view, double> scores;
  for (const int32_t piece : order_) {
    const std::string& text = pieces_[static_cast<size_t>(piece)].text;
    if (IsOneCharacter(text)) scores.emplace(text, scores_[static_cast<size_t>(piece)]);
  }
  std::vector<Piece> pieces;
  double penalty = 0;
  for (const char32_t c : characters_) {
    std::string text;
    AppendUtf8(c, text);
    if (!taken.insert(text).second) continue;
    const auto found = scores.find(text);
    if (found != scores.end()) {
      pieces.push_back({std::move(text), found->second});
    } else {
      pieces.push_back({std::move(text), lattice_->lowest_score() + penalty});
      penalty += kPenaltyStep;
    }
  }
  for (const int32_t piece : order_) {
    if (std::ssize(pieces) >= room) break;
    const auto i = static_cast<size_t>(piece);
    if (taken.insert(pieces_[i].text).second) pieces.push_back({pieces_[i].text, scores_[i]});
  }
  return pieces;
}

void UnigramTrainer::Finish() {
  const std::vector<Piece> pieces = TakePieces();
  std::vector<std::pair<double, size_t>> ranked;  // equal scores keep their order
  for (size_t i = 0; i < pieces.size(); ++i) ranked.emplace_back(-pieces[i].score, i);
  std::ranges::sort(ranked);
  if (const auto unk = options_.added_unk_token()) model_.tokens.push_back(*unk);
  for (const std::string& token : options_.special_tokens) model_.tokens.push_back(token);
  model_.scores.assign(model_.tokens.size(), 0);
  const auto unk = std::ranges::find(model_.tokens, *options_.unk_token);
  model_.unk_id = static_cast<int32_t>(unk - model_.tokens.begin());
  for (const auto& [score, i] : ranked) {
    model_.tokens.push_back(pieces[i].text);
    model_.scores.push_back(pieces[i].score);
  }
  phase_ = Phase::kDone;
}

TrainedModel UnigramTrainer::Take() { return std::move(model_); }

}  // namespace reprise
