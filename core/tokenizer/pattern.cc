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

std::vector<RegexMatch> Pattern::FindAll(std::string_view text) const {
  if (text.empty()) return {};
  if (const Regex* regex = std::get_if<Regex>(&what_)) return regex->FindAll(text);
  const std::string& sought = std::get<std::string>(what_);
  std::vector<RegexMatch> matches;
  for (size_t at = text.find(sought); at != std::string_view::npos;
       at = text.find(sought, at + sought.size())) {
    matches.push_back({at, at + sought.size()});
  }
  return matches;
}

std::optional<RegexMatch> Pattern::ReplaceAll(std::string& text, std::string_view content) const {
  const std::vector<RegexMatch> matches = FindAll(text);
  if (matches.empty()) return std::nullopt;
  std::string replaced;
  replaced.reserve(text.size());
  size_t done = 0;
  for (const RegexMatch& match : matches) {
    replaced.append(text, done, match.start - done).append(content);
    done = match.end;
  }
  replaced.append(text, done);
  text = std::move(replaced);
  return matches.front();
}

}  // namespace reprise
