// The pattern of Replace and Split components: a text or a regular expression.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/status.h"
#include "tokenizer/json_fields.h"
#include "tokenizer/regex/regex.h"

namespace reprise {

// Immutable; threads may share one.
class Pattern {
 public:
  // Reads the field `pattern` of the form {"String": "…"} or {"Regex": "…"}. Errors: unsupported
  // for what regex/regex.h does not run, invalid_tokenizer for what is no regular expression.
  static Result<Pattern> Parse(const JsonFields& fields);

  // Calls visit(start, end) for all matches in valid UTF-8, from left to right; they do not overlap
  // and may be empty. There is none in an empty text.
  template <typename Visit>
  void ForEachMatch(std::string_view text, const Visit& visit) const {
    if (text.empty()) return;
    if (const Regex* regex = std::get_if<Regex>(&what_)) {
      regex->ForEachMatch(text, [&](const RegexMatch& match) { visit(match.start, match.end); });
      return;
    }
    const std::string& sought = std::get<std::string>(what_);
    for (size_t at = text.find(sought); at != std::string_view::npos;
         at = text.find(sought, at + sought.size())) {
      visit(at, at + sought.size());
    }
  }

  // Replaces every match by `content` and returns the first match.
  std::optional<RegexMatch> ReplaceAll(std::string& text, std::string_view content) const;

 private:
  explicit Pattern(std::variant<std::string, Regex> what) : what_(std::move(what)) {}

  std::variant<std::string, Regex> what_;
};

}  // namespace reprise
