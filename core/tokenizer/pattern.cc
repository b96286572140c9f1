#include "tokenizer/pattern.h"

#include <utility>

#include "base/small_code.h"

namespace reprise {

REPRISE_SMALL Pattern Pattern::Parse(const JsonFields& fields) {
  const JsonFields pattern = fields.Object("pattern");
  pattern.OnlyFields("String Regex");
  const bool is_text = !pattern.Has("Regex");
  const std::string_view text = pattern.String(is_text ? "String" : "Regex");
  // An empty text matches everywhere, as the empty expression does.
  if (!pattern.ok() || (is_text && !text.empty())) return Pattern(std::string(text));
  auto regex = Regex::Compile(text);
  if (regex) return Pattern(*std::move(regex));
  const Error& error = regex.error();
  if (error.code == ErrorCode::kUnsupported) {
    pattern.Unsupported("Regex", error.message);
  } else {
    pattern.Invalid("Regex", error.message);
  }
  return Pattern(std::string());
}

REPRISE_SMALL void Pattern::AppendMatches(std::string_view text,
                                          std::vector<RegexMatch>& matches) const {
  ForEachMatch(text, [&](size_t start, size_t end) { matches.push_back({start, end}); });
}

std::optional<RegexMatch> Pattern::ReplaceAll(std::string& text, std::string_view content) const {
  std::optional<RegexMatch> first;
  std::string replaced;
  size_t done = 0;
  ForEachMatch(text, [&](size_t start, size_t end) {
    if (!first) {
      first = {start, end};
      replaced.reserve(text.size());
    }
    replaced.append(text, done, start - done).append(content);
    done = end;
  });
  if (!first) return std::nullopt;
  replaced.append(text, done);
  text = std::move(replaced);
  return first;
}

}  // namespace reprise
