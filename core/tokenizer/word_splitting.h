// What becomes of a word where a pattern matches in it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/growing_array.h"
#include "tokenizer/json_fields.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/regex/regex.h"
#include "unicode/utf8.h"

namespace reprise {

// What the matches, taken for delimiters, do to the text around them.
enum class SplitBehavior : uint8_t {
  kRemoved,             // they go
  kIsolated,            // each is a word
  kMergedWithPrevious,  // each joins the text before it
  kMergedWithNext,      // each joins the text behind it
  kContiguous,          // each run of them is a word
};

// Reads "Removed", "Isolated", … in the field `behavior`.
SplitBehavior ParseSplitBehavior(const JsonFields& fields);

// Appends the words that a word is split into where matches join what stands beside them or each
// other; `matches` are places within it, from left to right. With `inverts`, the text between the
// matches is what counts as matched.
void JoinMatches(const PreTokenizedText::Word& word, const GrowingArray<RegexMatch>& matches,
                 SplitBehavior behavior, bool inverts, GrowingArray<PreTokenizedText::Word>& out);

// Collects the words that a text is split into where each match is a word or goes; they are in the
// list once this is gone.
class IsolatedWords {
 public:
  // Of a text from `start` on. The behavior is kIsolated or kRemoved.
  IsolatedWords(SplitBehavior behavior, bool inverts, size_t start,
                GrowingArray<PreTokenizedText::Word>& out)
      : keeps_matches_(behavior == SplitBehavior::kIsolated || inverts),
        keeps_rest_(behavior == SplitBehavior::kIsolated || !inverts),
        done_(start),
        out_(out) {}

  // The text goes on at another place.
  void Start(size_t start) { done_ = start; }
  void Match(size_t start, size_t end) {
    Add(keeps_rest_, done_, start);
    Add(keeps_matches_, start, end);
    done_ = end;
  }
  void End(size_t end) { Add(keeps_rest_, done_, end); }

 private:
  void Add(bool keeps, size_t start, size_t end) {
    if (keeps && start < end) out_.Add(start, end);
  }

  const bool keeps_matches_;
  const bool keeps_rest_;
  size_t done_;
  WordAppender out_;
};

inline bool JoinsMatches(SplitBehavior behavior) {
  return behavior != SplitBehavior::kIsolated && behavior != SplitBehavior::kRemoved;
}

// Appends a match, for the few behaviors that join.
void AppendMatch(size_t start, size_t end, GrowingArray<RegexMatch>& matches);

// Splits every word at the matches that `for_each_match(view, visit)` calls visit(start, end) for.
template <typename ForEachMatch>
void SplitWords(PreTokenizedText& words, SplitBehavior behavior, bool inverts,
                const ForEachMatch& for_each_match) {
  using Word = PreTokenizedText::Word;
  GrowingArray<Word> out;
  out.reserve(words.words.size());
  {
    const bool joins = JoinsMatches(behavior);
    GrowingArray<RegexMatch> matches;
    IsolatedWords isolated(behavior, inverts, 0, out);
    for (const Word& word : words.words) {
      isolated.Start(word.start);
      for_each_match(words.View(word), [&](size_t start, size_t end) {
        if (joins) {
          AppendMatch(start, end, matches);
        } else {
          isolated.Match(word.start + start, word.start + end);
        }
      });
      if (joins) {
        JoinMatches(word, matches, behavior, inverts, out);
        matches.clear();
      } else {
        isolated.End(word.end);
      }
    }
  }
  const bool is_first = !out.empty() && out[0].start == words.words[0].start;
  if (!is_first) words.first_word_is_first = false;
  words.words = std::move(out);
}

// The end of a portion of about `size` bytes of a text from `from` on: just behind a character for
// which the predicate holds, or the end of the text.
template <typename Holds>
size_t EndBehind(std::string_view text, size_t from, size_t size, const Holds& holds) {
  size_t at = from + std::min(size, text.size() - from);
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  while (at < text.size()) {
    if (holds(ReadUtf8(text, at))) return at;
  }
  return text.size();
}

// The characters of a text for which the predicate holds, one match each.
template <typename Holds, typename Visit>
void ForEachCharacter(std::string_view text, const Holds& holds, const Visit& visit) {
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    if (holds(ReadUtf8(text, at))) visit(start, at);
  }
}

}  // namespace reprise
