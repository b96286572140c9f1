// The pattern of Replace and Split components: a text or a regular expression.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/growing_array.h"
#include "tokenizer/json_fields.h"
#include "tokenizer/regex/regex.h"

namespace reprise {

// Immutable; threads may share one.
class Pattern {
 public:
  // Reads the field `pattern` of the form {"String": "…"} or {"Regex": "…"}. What may be wrong:
  // unsupported for what regex/regex.h does not run, invalid_tokenizer for what is no regular
  // expression.
  static Pattern Parse(const JsonFields& fields);
  // A text, which is not empty.
  static Pattern Of(std::string text) { return Pattern(std::move(text)); }

  // Calls visit(start, end) for all matches in valid UTF-8, from left to right; they do not overlap
  // and may be empty. There is none in an empty text. Memory that this needs is watched
  // (base/growing_array.h); where it lacks, not all matches are visited.
  template <typename Visit>
  void ForEachMatch(std::string_view text, const Visit& visit) const {
    ForEachMatch(text, 0, text.size(), visit);
  }
  // The same from `from` on, where a match ends or the text begins, at least until a match ends
  // `size` bytes behind it: returns that place, or text.size() where all matches were visited.
  template <typename Visit>
  size_t ForEachMatch(std::string_view text, size_t from, size_t size, const Visit& visit) const {
    if (text.empty()) return 0;
    if (const Regex* regex = std::get_if<Regex>(&what_)) {
      return regex->ForEachMatch(text, from, size,
                                 [&](const RegexMatch& match) { visit(match.start, match.end); });
    }
    const std::string& sought = std::get<std::string>(what_);
    for (size_t at = text.find(sought, from); at != std::string_view::npos;
         at = text.find(sought, at)) {
      visit(at, at + sought.size());
      at += sought.size();
      if (at - from >= size) return at;
    }
    return text.size();
  }

  // Appends all of them to a list.
  void AppendMatches(std::string_view text, GrowingArray<RegexMatch>& matches) const;

  // Replaces every match by `content` and returns the first match.
  std::optional<RegexMatch> ReplaceAll(GrowingText& text, std::string_view content,
                                       GrowingText& scratch) const;

 private:
  explicit Pattern(std::variant<std::string, Regex> what) : what_(std::move(what)) {}

  std::variant<std::string, Regex> what_;
};

}  // namespace reprise
