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

  // All matches in valid UTF-8, from left to right; they do not overlap and may be empty. There is
  // none in an empty text.
  std::vector<RegexMatch> FindAll(std::string_view text) const;

  // Replaces every match by `content` and returns the first match.
  std::optional<RegexMatch> ReplaceAll(std::string& text, std::string_view content) const;

 private:
  explicit Pattern(std::variant<std::string, Regex> what) : what_(std::move(what)) {}

  std::variant<std::string, Regex> what_;
};

}  // namespace reprise
