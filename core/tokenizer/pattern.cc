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
                                          GrowingArray<RegexMatch>& matches) const {
  ForEachMatch(text, [&](size_t start, size_t end) { matches.push_back({start, end}); });
}

std::optional<RegexMatch> Pattern::ReplaceAll(GrowingText& text, std::string_view content,
                                              GrowingText& scratch) const {
  std::optional<RegexMatch> first;
  const std::string_view before = text;
  scratch.clear();
  size_t done = 0;
  ForEachMatch(before, [&](size_t start, size_t end) {
    if (!first) {
      first = {start, end};
      scratch.reserve(before.size());
    }
    scratch.Append(before.substr(done, start - done));
    scratch.Append(content);
    done = end;
  });
  if (!first) return std::nullopt;
  scratch.Append(before.substr(done));
  std::swap(text, scratch);
  return first;
}

}  // namespace reprise
