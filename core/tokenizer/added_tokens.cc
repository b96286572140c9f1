#include "tokenizer/added_tokens.h"

#include <algorithm>
#include <utility>

#include "base/small_code.h"
#include "unicode/category.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

constexpr std::string_view kName = "added_tokens";

REPRISE_SMALL Result<AddedToken> ParseToken(const JsonFields& fields) {
  constexpr int64_t kMaxId = (1 << 24) - 1;
  REPRISE_TRY(fields.OnlyFields(
      {"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"}));
  AddedToken token;
  REPRISE_ASSIGN(const int64_t id, fields.Integer("id", 0, kMaxId));
  token.id = static_cast<int32_t>(id);
  REPRISE_ASSIGN(token.content, fields.String("content"));
  REPRISE_ASSIGN(token.single_word, fields.Boolean("single_word"));
  REPRISE_ASSIGN(token.lstrip, fields.Boolean("lstrip"));
  REPRISE_ASSIGN(token.rstrip, fields.Boolean("rstrip"));
  REPRISE_ASSIGN(token.normalized, fields.Boolean("normalized"));
  REPRISE_ASSIGN(token.special, fields.Boolean("special"));
  return token;
}

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

REPRISE_SMALL Result<AddedTokens> AddedTokens::Parse(const JsonFields& file,
                                                     const Vocabulary& vocabulary,
                                                     const Normalizer* normalizer) {
  AddedTokens added;
  added.next_id_ = static_cast<int32_t>(vocabulary.size());
  if (file.Find(kName) == nullptr) return added;
  REPRISE_ASSIGN(const auto elements, file.Array(kName));
  for (size_t i = 0; i < elements.size(); ++i) {
    REPRISE_ASSIGN(const JsonFields fields, file.Element(kName, i));
    REPRISE_ASSIGN(AddedToken token, ParseToken(fields));
    if (token.content.empty()) continue;  // nothing can be added; the reference library goes on too
    REPRISE_TRY(added.Place(fields, vocabulary, token));
    token.text = token.content;
    if (token.normalized && normalizer != nullptr) {
      NormalizedText normalized{token.content};
      normalizer->Apply(normalized);
      token.text = std::move(normalized.text);
    }
    if (token.special) added.special_texts_.insert(token.content);
    added.ids_.emplace(token.content, token.id);
    added.tokens_.emplace(token.id, std::move(token));
  }
  REPRISE_TRY(added.BuildTries(file));
  return added;
}

// Gives the token its id, after checking the one that the file declares.
REPRISE_SMALL Status AddedTokens::Place(const JsonFields& fields, const Vocabulary& vocabulary,
                                        AddedToken& token) {
  const std::optional<std::string_view> namesake = vocabulary.Token(token.id);
  if (namesake && *namesake != token.content) {
    return fields.Invalid(
        "id", "the id of \"" + std::string(*namesake) + "\" in the vocabulary is used again");
  }
  if (!declared_ids_.insert(token.id).second || ids_.contains(token.content)) {
    return fields.Invalid("id", "this id or content is in the list twice");
  }
  const std::optional<int32_t> model_id = vocabulary.Find(token.content);
  token.id = model_id ? *model_id : next_id_++;
  return {};
}

REPRISE_SMALL Status AddedTokens::BuildTries(const JsonFields& file) {
  for (Sought* sought : {&plain_, &normalized_}) {
    std::vector<std::pair<std::string_view, int32_t>> texts;
    std::set<std::string_view> seen;
    for (const auto& [id, token] : tokens_) {
      if (token.normalized != (sought == &normalized_) || token.text.empty()) continue;
      if (!seen.insert(token.text).second) {
        return file.Invalid(kName, "two tokens become \"" + token.text + "\" when normalised");
      }
      texts.emplace_back(token.text, id);
      sought->first_bytes.set(static_cast<unsigned char>(token.text[0]));
    }
    if (sought->first_bytes.count() == 1) sought->only_first_byte = texts[0].first[0];
    sought->trie = ByteTrie(std::move(texts));
  }
  return {};
}

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

std::vector<TextPart> AddedTokens::Split(std::string_view text, bool normalized,
                                         const std::set<int32_t>& refused) const {
  const Sought& sought = normalized ? normalized_ : plain_;
  std::vector<TextPart> parts;
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
  const auto found = ids_.find(content);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

bool AddedTokens::IsSpecialText(std::string_view text) const {
  return special_texts_.contains(text);
}

const AddedToken* AddedTokens::Token(int32_t id) const {
  const auto found = tokens_.find(id);
  return found == tokens_.end() ? nullptr : &found->second;
}

}  // namespace reprise
