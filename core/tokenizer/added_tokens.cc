#include "tokenizer/added_tokens.h"

#include <algorithm>
#include <utility>

#include "unicode/category.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

bool WordBefore(std::string_view text, size_t end) {
  return end > 0 && IsWordCharacter(ReadUtf8Backward(text, end));
}

bool WordBehind(std::string_view text, size_t at) {
  return at < text.size() && IsWordCharacter(ReadUtf8(text, at));
}

// The start of the white space that ends at `end`, not before `first`.
size_t WhiteSpaceStart(std::string_view text, size_t end, size_t first) {
  while (end > first) {
    size_t start = end;
    if (!IsWhiteSpace(ReadUtf8Backward(text, start))) break;
    end = start;
  }
  return end;
}

size_t WhiteSpaceEnd(std::string_view text, size_t at) {
  while (at < text.size()) {
    size_t behind = at;
    if (!IsWhiteSpace(ReadUtf8(text, behind))) break;
    at = behind;
  }
  return at;
}

}  // namespace

size_t AddedTokens::Sought::NextStart(std::string_view text, size_t at) const {
  if (only_first_byte) return std::min(text.find(*only_first_byte, at), text.size());
  while (at < text.size() && !first_bytes[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

std::optional<ByteTrie::Match> AddedTokens::Sought::FindNext(std::string_view text, size_t from,
                                                             size_t& start) const {
  if (trie.empty()) return std::nullopt;
  for (size_t at = NextStart(text, from); at < text.size(); at = NextStart(text, at + 1)) {
    if (const auto match = trie.Longest(ByteTrie::kRoot, text.substr(at))) {
      start = at;
      return match;
    }
  }
  return std::nullopt;
}

GrowingArray<TextPart> AddedTokens::Split(std::string_view text, bool normalized,
                                          const std::set<int32_t>& refused) const {
  const Sought& sought = normalized ? normalized_ : plain_;
  GrowingArray<TextPart> parts;
  size_t done = 0;    // the end of the parts so far
  size_t search = 0;  // the end of the last match, before rstrip moved it
  size_t start = 0;
  size_t space_end = 0;  // the end of the white space behind the last match that takes it
  while (const auto match = sought.FindNext(text, search, start)) {
    size_t end = start + match->length;
    search = end;
    if (refused.contains(match->value)) continue;
    const AddedToken& token = *Token(match->value);
    if (token.single_word && (WordBefore(text, start) || WordBehind(text, end))) continue;
    if (token.lstrip) start = std::max(done, WhiteSpaceStart(text, start, std::min(done, start)));
    if (token.rstrip) {
      // Within white space that was measured before, its end is known.
      if (end >= space_end) space_end = WhiteSpaceEnd(text, end);
      end = space_end;
    }
    if (start >= end) continue;  // all of it went to a token before that takes white space
    if (done < start) parts.push_back({done, start, std::nullopt});
    parts.push_back({start, end, token.id});
    done = end;
  }
  if (done < text.size()) parts.push_back({done, text.size(), std::nullopt});
  return parts;
}

std::optional<int32_t> AddedTokens::Find(std::string_view content) const {
  const auto found = named_.find(content);
  if (found == named_.end()) return std::nullopt;
  return found->second.id;
}

bool AddedTokens::IsSpecialText(std::string_view text) const {
  const auto found = named_.find(text);
  return found != named_.end() && found->second.special;
}

const AddedToken* AddedTokens::Token(int32_t id) const {
  const auto found = tokens_.find(id);
  return found == tokens_.end() ? nullptr : &found->second;
}

}  // namespace reprise
