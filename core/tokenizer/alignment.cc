#include "tokenizer/alignment.h"

#include <algorithm>
#include <utility>

#include "unicode/utf8.h"

namespace reprise {

Alignment::Alignment(std::string_view text, size_t start) : origin_(static_cast<uint32_t>(start)) {
  ranges_.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t end = at + Utf8Length(text[at]);
    ExtendTo(end, {static_cast<uint32_t>(start + at), static_cast<uint32_t>(start + end)});
    at = end;
  }
}

Alignment Alignment::Slice(size_t start, size_t end) const {
  Alignment slice(ranges_[start].start);
  slice.ranges_.assign(ranges_.begin() + static_cast<std::ptrdiff_t>(start),
                       ranges_.begin() + static_cast<std::ptrdiff_t>(end));
  return slice;
}

void Alignment::Keep(size_t start, size_t end) {
  ranges_.resize(end);
  ranges_.erase(ranges_.begin(), ranges_.begin() + static_cast<std::ptrdiff_t>(start));
}

void Alignment::Prepend(size_t bytes, size_t first_length) {
  if (bytes == 0) {
    std::fill_n(ranges_.begin(), first_length, RangeBefore(0));
  } else {
    ranges_.insert(ranges_.begin(), bytes, ranges_.front());
  }
}

void Alignment::Replace(std::span<const RegexMatch> matches, size_t bytes) {
  std::vector<TextRange> replaced;
  replaced.reserve(ranges_.size());
  size_t done = 0;
  const auto copy_to = [&](size_t end) {
    replaced.insert(replaced.end(), ranges_.begin() + static_cast<std::ptrdiff_t>(done),
                    ranges_.begin() + static_cast<std::ptrdiff_t>(end));
  };
  for (const RegexMatch& match : matches) {
    copy_to(match.start);
    replaced.insert(replaced.end(), bytes, RangeBefore(match.end));
    done = match.end;
  }
  copy_to(ranges_.size());
  ranges_ = std::move(replaced);
}

void Alignment::Rewrite(std::string_view text, std::span<const RewrittenCharacter> characters) {
  std::vector<TextRange> rewritten;
  rewritten.reserve(ranges_.size());
  size_t at = 0;
  for (const RewrittenCharacter& character : characters) {
    const bool is_added = character.takes == 0 || at == text.size();
    const TextRange range = is_added ? RangeBefore(at) : ranges_[at];
    rewritten.insert(rewritten.end(), Utf8Size(character.c), range);
    for (uint32_t i = 0; i < character.takes && at < text.size(); ++i) at += Utf8Length(text[at]);
  }
  ranges_ = std::move(rewritten);
}

}  // namespace reprise
