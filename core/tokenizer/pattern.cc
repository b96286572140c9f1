#include "tokenizer/pattern.h"

#include <utility>

namespace reprise {

Result<Pattern> Pattern::Parse(const JsonFields& fields) {
  REPRISE_ASSIGN(const JsonFields pattern, fields.Object("pattern"));
  REPRISE_TRY(pattern.OnlyFields({"String", "Regex"}));
  const bool is_text = pattern.Find("Regex") == nullptr;
  REPRISE_ASSIGN(std::string text, pattern.String(is_text ? "String" : "Regex"));
  // An empty text matches everywhere, as the empty expression does.
  if (is_text && !text.empty()) return Pattern(std::move(text));
  auto regex = Regex::Compile(text);
  if (!regex) {
    const auto& [is_unsupported, reason] = regex.error();
    return is_unsupported ? pattern.Unsupported("Regex", reason) : pattern.Invalid("Regex", reason);
  }
  return Pattern(*std::move(regex));
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
