#include "tokenizer/string_pattern.h"

namespace reprise {

Result<std::string> ParseStringPattern(const JsonFields& fields) {
  REPRISE_ASSIGN(const JsonFields pattern, fields.Object("pattern"));
  REPRISE_TRY(pattern.OnlyFields({"String"}));
  REPRISE_ASSIGN(std::string text, pattern.String("String"));
  if (text.empty()) return pattern.Expected("String", "a string that is not empty");
  return text;
}

void ReplaceAll(std::string& text, std::string_view pattern, std::string_view content) {
  size_t found = text.find(pattern);
  if (found == std::string::npos) return;
  std::string replaced;
  replaced.reserve(text.size());
  size_t done = 0;
  for (; found != std::string::npos; found = text.find(pattern, done)) {
    replaced.append(text, done, found - done).append(content);
    done = found + pattern.size();
  }
  replaced.append(text, done);
  text = std::move(replaced);
}

}  // namespace reprise
