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

// Appends the words that a word is split into; `matches` are places within it, from left to right.
// With `inverts`, the text between the matches is what counts as matched.
void SplitWord(const PreTokenizedText::Word& word, const std::vector<RegexMatch>& matches,
               SplitBehavior behavior, bool inverts, std::vector<PreTokenizedText::Word>& out);

// Splits every word at the matches that `find(view)` gives.
template <typename Find>
void SplitWords(PreTokenizedText& words, SplitBehavior behavior, bool inverts, const Find& find) {
  std::vector<PreTokenizedText::Word> out;
  out.reserve(words.words.size());
  const size_t first = words.words.empty() ? 0 : words.words[0].start;
  for (const PreTokenizedText::Word& word : words.words) {
    SplitWord(word, find(words.View(word)), behavior, inverts, out);
  }
  if (out.empty() || out[0].start != first) words.first_word_is_first = false;
  words.words = std::move(out);
}

// The characters of a text for which the predicate holds, one match each.
template <typename Holds>
std::vector<RegexMatch> CharacterMatches(std::string_view text, const Holds& holds) {
  std::vector<RegexMatch> matches;
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    if (holds(ReadUtf8(text, at))) matches.push_back({start, at});
  }
  return matches;
}

}  // namespace reprise
