#include "tokenizer/word_splitting.h"

#include <algorithm>
#include <iterator>

namespace reprise {
namespace {

using Word = PreTokenizedText::Word;

struct Piece {
  size_t start;
  size_t end;
  bool is_match;
};

// The matches and what lies between them, in order and without gaps.
GrowingArray<Piece> Cover(const Word& word, const GrowingArray<RegexMatch>& matches, bool inverts) {
  GrowingArray<Piece> pieces;
  pieces.reserve(2 * matches.size() + 1);
  size_t done = word.start;
  for (const RegexMatch& match : matches) {
    const size_t start = word.start + match.start;
    const size_t end = word.start + match.end;
    if (start > done) pieces.push_back({done, start, inverts});
    pieces.push_back({start, end, !inverts});
    done = end;
  }
  if (done < word.end) pieces.push_back({done, word.end, inverts});
  return pieces;
}

// Joins pieces to the one before where `joins(piece, previous is a match)`.
template <typename Joins>
GrowingArray<Word> Join(const GrowingArray<Piece>& pieces, const Joins& joins) {
  GrowingArray<Word> words;
  bool previous_is_match = false;
  for (const Piece& piece : pieces) {
    if (!words.empty() && joins(piece.is_match, previous_is_match)) {
      words.back().end = piece.end;
    } else {
      words.push_back({piece.start, piece.end});
    }
    previous_is_match = piece.is_match;
  }
  return words;
}

// The same from the right: pieces join the one behind.
GrowingArray<Word> JoinNext(const GrowingArray<Piece>& pieces) {
  GrowingArray<Word> words;
  bool next_is_match = false;
  for (size_t i = pieces.size(); i-- > 0;) {
    const Piece& piece = pieces[i];
    if (!words.empty() && piece.is_match && !next_is_match) {
      words.back().start = piece.start;
    } else {
      words.push_back({piece.start, piece.end});
    }
    next_is_match = piece.is_match;
  }
  std::reverse(words.begin(), words.end());
  return words;
}

}  // namespace

SplitBehavior ParseSplitBehavior(const JsonFields& fields) {
  // In the order of their numbers.
  constexpr std::string_view kNames[] = {"Removed", "Isolated", "MergedWithPrevious",
                                         "MergedWithNext", "Contiguous"};
  const std::string_view behavior = fields.String("behavior");
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (behavior == kNames[i]) return static_cast<SplitBehavior>(i);
  }
  fields.Expected("behavior",
                  "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
  return SplitBehavior::kRemoved;
}

void AppendMatch(size_t start, size_t end, GrowingArray<RegexMatch>& matches) {
  matches.push_back({start, end});
}

void JoinMatches(const Word& word, const GrowingArray<RegexMatch>& matches, SplitBehavior behavior,
                 bool inverts, GrowingArray<Word>& out) {
  const GrowingArray<Piece> pieces = Cover(word, matches, inverts);
  GrowingArray<Word> words;
  if (behavior == SplitBehavior::kMergedWithPrevious) {
    words = Join(pieces, [](bool is_match, bool previous) { return is_match && !previous; });
  } else if (behavior == SplitBehavior::kMergedWithNext) {
    words = JoinNext(pieces);
  } else {
    words = Join(pieces, [](bool is_match, bool previous) { return is_match == previous; });
  }
  for (const Word& part : words) {
    if (part.start < part.end) out.push_back(part);
  }
}

}  // namespace reprise
