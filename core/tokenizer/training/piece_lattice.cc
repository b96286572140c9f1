#include "tokenizer/training/piece_lattice.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "numerics/elementary.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

constexpr double kStep = 0x1p256;
constexpr double kInverseStep = 0x1p-256;

// value * 2^(-256 * scale). Past two steps the result is beside any other number of a word nothing.
double Descale(double value, int32_t scale) {
  if (scale > 2) return 0;
  for (; scale > 0; --scale) value *= kInverseStep;
  for (; scale < 0; ++scale) value *= kStep;
  return value;
}

std::vector<std::pair<std::string_view, int32_t>> Numbered(const std::vector<Piece>& pieces) {
  std::vector<std::pair<std::string_view, int32_t>> numbered;
  numbered.reserve(pieces.size());
  for (size_t i = 0; i < pieces.size(); ++i) {
    numbered.emplace_back(pieces[i].text, static_cast<int32_t>(i));
  }
  return numbered;
}

}  // namespace

PieceLattice::PieceLattice(const std::vector<Piece>& pieces)
    : trie_(Numbered(pieces)), scores_(pieces.size()), probabilities_(pieces.size()) {}

void PieceLattice::SetScores(const std::vector<int32_t>& pieces,
                             const std::vector<double>& scores) {
  std::ranges::fill(probabilities_, 0.0);
  lowest_score_ = pieces.empty() ? 0 : std::numeric_limits<double>::infinity();
  for (const int32_t piece : pieces) {
    const auto i = static_cast<size_t>(piece);
    scores_[i] = scores[i];
    probabilities_[i] = ExpF64(scores[i]);
    lowest_score_ = std::min(lowest_score_, scores[i]);
  }
  unknown_probability_ = ExpF64(lowest_score_ - kUnknownPenalty);
}

void PieceLattice::Scaled::Add(double more, int32_t more_scale) {
  if (value == 0) {
    value = more;
    scale = more_scale;
  } else if (more_scale >= scale) {
    value += Descale(more, more_scale - scale);
  } else {
    value = Descale(value, scale - more_scale) + more;
    scale = more_scale;
  }
}

void PieceLattice::Scaled::Normalize() {
  while (value > 0 && value < kInverseStep) {
    value *= kStep;
    ++scale;
  }
}

void PieceLattice::FindNodes(std::string_view word) {
  nodes_.clear();
  for (size_t begin = 0; begin < word.size();) {
    const size_t character = Utf8Length(word[begin]);
    bool has_character = false;
    std::optional<ByteTrie::Node> node = ByteTrie::kRoot;
    for (size_t at = begin; at < word.size(); ++at) {
      node = trie_.Child(*node, word[at]);
      if (!node) break;
      const int32_t piece = trie_.Value(*node);
      if (piece == ByteTrie::kNoValue || probabilities_[static_cast<size_t>(piece)] == 0) continue;
      nodes_.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(at + 1), piece});
      if (at + 1 - begin == character) has_character = true;
    }
    if (!has_character) {
      // Before the longer ones, to keep the order.
      auto place = nodes_.end();
      while (place != nodes_.begin() && (place - 1)->begin == begin) --place;
      nodes_.insert(place, {static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + character),
                            kUnknown});
    }
    begin += character;
  }
}

void PieceLattice::AddExpected(std::string_view word, double count, std::vector<double>& expected) {
  FindNodes(word);
  forward_.assign(word.size() + 1, Scaled());
  backward_.assign(word.size() + 1, Scaled());
  forward_[0].value = 1;
  for (const Node& node : nodes_) {
    Scaled& from = forward_[node.begin];
    from.Normalize();
    forward_[node.end].Add(from.value * Probability(node.piece), from.scale);
  }
  Scaled& all = forward_[word.size()];
  all.Normalize();
  backward_[word.size()].value = 1;
  for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
    Scaled& from = backward_[node->end];
    from.Normalize();
    const double probability = Probability(node->piece);
    backward_[node->begin].Add(from.value * probability, from.scale);
    if (node->piece == kUnknown) continue;
    const Scaled& before = forward_[node->begin];
    const double share = before.value * probability * from.value / all.value;
    expected[static_cast<size_t>(node->piece)] +=
        count * Descale(share, before.scale + from.scale - all.scale);
  }
}

double PieceLattice::FindBest(std::string_view word, bool without_whole,
                              std::vector<int32_t>& segmentation) {
  FindNodes(word);
  best_.assign(word.size() + 1, Best());
  best_[0].begin = 0;
  for (const Node& node : nodes_) {
    if (without_whole && node.begin == 0 && node.end == word.size()) continue;
    const Best& from = best_[node.begin];
    if (from.begin < 0) continue;
    const double score = from.score + Score(node.piece);
    Best& to = best_[node.end];
    if (to.begin < 0 || score > to.score)
      to = {score, node.piece, static_cast<int32_t>(node.begin)};
  }
  segmentation.clear();
  if (best_[word.size()].begin < 0) return 0;
  for (size_t end = word.size(); end > 0; end = static_cast<size_t>(best_[end].begin)) {
    segmentation.push_back(best_[end].piece);
  }
  std::ranges::reverse(segmentation);
  return best_[word.size()].score;
}

}  // namespace reprise
