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

// Takes the matches in a word, which are places within it, from left to right, and appends the
// words that it is split into. With `inverts`, the text between the matches is what counts as
// matched.
class WordSplitter {
 public:
  WordSplitter(SplitBehavior behavior, bool inverts, std::vector<PreTokenizedText::Word>& out)
      : splits_apart_(behavior == SplitBehavior::kIsolated || behavior == SplitBehavior::kRemoved),
        keeps_matches_(behavior == SplitBehavior::kIsolated || inverts),
        keeps_rest_(behavior == SplitBehavior::kIsolated || !inverts),
        behavior_(behavior),
        inverts_(inverts),
        out_(out) {}

  void Begin(const PreTokenizedText::Word& word) {
    word_ = word;
    done_ = word.start;
  }
  void Match(size_t start, size_t end) {
    if (splits_apart_) {
      Add(keeps_rest_, done_, word_.start + start);
      Add(keeps_matches_, word_.start + start, word_.start + end);
      done_ = word_.start + end;
    } else {
      matches_.push_back({start, end});
    }
  }
  void End() {
    if (splits_apart_) {
      Add(keeps_rest_, done_, word_.end);
    } else {
      JoinMatches();
    }
  }

 private:
  void Add(bool keeps, size_t start, size_t end) {
    if (keeps && start < end) out_.push_back({start, end});
  }
  void JoinMatches();

  const bool splits_apart_;  // matches and what lies between them are words of their own, or gone
  const bool keeps_matches_, keeps_rest_;
  const SplitBehavior behavior_;
  const bool inverts_;
  std::vector<PreTokenizedText::Word>& out_;
  PreTokenizedText::Word word_{};
  size_t done_ = 0;
  std::vector<RegexMatch> matches_;
};

// Splits every word at the matches that `for_each_match(view, visit)` calls visit(start, end) for.
template <typename ForEachMatch>
void SplitWords(PreTokenizedText& words, SplitBehavior behavior, bool inverts,
                const ForEachMatch& for_each_match) {
  std::vector<PreTokenizedText::Word> out;
  out.reserve(words.words.size());
  const size_t first = words.words.empty() ? 0 : words.words[0].start;
  WordSplitter splitter(behavior, inverts, out);
  for (const PreTokenizedText::Word& word : words.words) {
    splitter.Begin(word);
    for_each_match(words.View(word), [&](size_t start, size_t end) { splitter.Match(start, end); });
    splitter.End();
  }
  if (out.empty() || out[0].start != first) words.first_word_is_first = false;
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
