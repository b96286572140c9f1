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
  slice.ranges_.Append({&ranges_[start], end - start});
  return slice;
}

void Alignment::Keep(size_t start, size_t end) { ranges_.Keep(start, end); }

void Alignment::Prepend(size_t bytes, size_t first_length) {
  if (bytes == 0) {
    std::fill_n(ranges_.begin(), first_length, RangeBefore(0));
  } else if (TextRange* const front = ranges_.MakeGap(0, bytes)) {
    std::fill_n(front, bytes, ranges_[bytes]);
  }
}

void Alignment::Replace(std::span<const RegexMatch> matches, size_t bytes) {
  GrowingArray<TextRange> replaced;
  replaced.reserve(ranges_.size());
  size_t done = 0;
  const auto copy_to = [&](size_t end) { replaced.Append({ranges_.data() + done, end - done}); };
  for (const RegexMatch& match : matches) {
    copy_to(match.start);
    replaced.AppendRepeated(bytes, RangeBefore(match.end));
    done = match.end;
  }
  copy_to(ranges_.size());
  ranges_ = std::move(replaced);
}

void Alignment::Rewrite(std::string_view text, std::span<const RewrittenCharacter> characters) {
  GrowingArray<TextRange> rewritten;
  rewritten.reserve(ranges_.size());
  size_t at = 0;
  for (const RewrittenCharacter& character : characters) {
    const bool is_added = character.takes == 0 || at == text.size();
    const TextRange range = is_added ? RangeBefore(at) : ranges_[at];
    rewritten.AppendRepeated(Utf8Size(character.c), range);
    for (uint32_t i = 0; i < character.takes && at < text.size(); ++i) at += Utf8Length(text[at]);
  }
  ranges_ = std::move(rewritten);
}

}  // namespace reprise
