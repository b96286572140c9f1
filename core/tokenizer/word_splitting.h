// What becomes of a word where a pattern matches in it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
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

// Reads "Removed", "Isolated", … in the field `name`, or `absent` where it is absent.
Result<SplitBehavior> ParseSplitBehavior(const JsonFields& fields, std::string_view name,
                                         std::optional<SplitBehavior> absent = std::nullopt);

// Appends the words that a word is split into where matches join what stands beside them or each
// other; `matches` are places within it, from left to right. With `inverts`, the text between the
// matches is what counts as matched.
void JoinMatches(const PreTokenizedText::Word& word, const std::vector<RegexMatch>& matches,
                 SplitBehavior behavior, bool inverts, std::vector<PreTokenizedText::Word>& out);

// Splits every word at the matches that `for_each_match(view, visit)` calls visit(start, end) for.
template <typename ForEachMatch>
void SplitWords(PreTokenizedText& words, SplitBehavior behavior, bool inverts,
                const ForEachMatch& for_each_match) {
  using Word = PreTokenizedText::Word;
  const bool is_isolated = behavior == SplitBehavior::kIsolated;
  const bool keeps_matches = is_isolated || inverts, keeps_rest = is_isolated || !inverts;
  std::vector<Word> out;
  out.reserve(words.words.size());
  const auto add = [&](bool keeps, size_t start, size_t end) {
    if (keeps && start < end) out.push_back({start, end});
  };
  std::vector<RegexMatch> matches;
  for (const Word& word : words.words) {
    if (is_isolated || behavior == SplitBehavior::kRemoved) {
      size_t done = word.start;
      for_each_match(words.View(word), [&](size_t start, size_t end) {
        add(keeps_rest, done, word.start + start);
        add(keeps_matches, word.start + start, word.start + end);
        done = word.start + end;
      });
      add(keeps_rest, done, word.end);
    } else {
      matches.clear();
      for_each_match(words.View(word),
                     [&](size_t start, size_t end) { matches.push_back({start, end}); });
      JoinMatches(word, matches, behavior, inverts, out);
    }
  }
  const bool is_first = !out.empty() && out[0].start == words.words[0].start;
  if (!is_first) words.first_word_is_first = false;
  words.words = std::move(out);
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
