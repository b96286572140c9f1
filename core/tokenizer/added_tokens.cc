#include "tokenizer/added_tokens.h"

#include <algorithm>
#include <utility>

#include "unicode/category.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

Result<AddedToken> ParseToken(const JsonFields& fields) {
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
  if (token.content.empty()) return fields.Expected("content", "a string that is not empty");
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

Result<AddedTokens> AddedTokens::Parse(const JsonFields& file, const Vocabulary& vocabulary,
                                       const Normalizer* normalizer) {
  constexpr std::string_view kName = "added_tokens";
  AddedTokens added;
  if (file.Find(kName) == nullptr) return added;
  REPRISE_ASSIGN(const auto elements, file.Array(kName));
  for (size_t i = 0; i < elements.size(); ++i) {
    REPRISE_ASSIGN(const JsonFields fields, file.Element(kName, i));
    REPRISE_ASSIGN(AddedToken token, ParseToken(fields));
    const std::optional<int32_t> model_id = vocabulary.Find(token.content);
    if (model_id && *model_id != token.id) {
      return fields.Invalid("id", "\"" + token.content + "\" has the id " +
                                      std::to_string(*model_id) + " in the vocabulary");
    }
    const std::optional<std::string_view> model_token = vocabulary.Token(token.id);
    if (model_token && *model_token != token.content) {
      return fields.Invalid(
          "id", "the id of \"" + std::string(*model_token) + "\" in the vocabulary is used again");
    }
    if (added.tokens_.contains(token.id) || added.ids_.contains(token.content)) {
      return fields.Invalid("id", "this id or content is in the list twice");
    }
    std::string sought = token.content;
    if (token.normalized && normalizer != nullptr) normalizer->Apply(sought);
    (token.normalized ? added.normalized_ : added.plain_).Add(sought, token.id);
    added.ids_.emplace(token.content, token.id);
    added.tokens_.emplace(token.id, std::move(token));
  }
  return added;
}

std::vector<TextPart> AddedTokens::Split(std::string_view text, bool normalized) const {
  const TokenTrie& trie = normalized ? normalized_ : plain_;
  std::vector<TextPart> parts;
  size_t done = 0;    // the end of the parts so far
  size_t search = 0;  // the end of the last match, before rstrip moved it
  size_t start = 0;
  while (const auto match = trie.FindNext(text, search, start)) {
    size_t end = start + match->length;
    search = end;
    const AddedToken& token = *Token(match->id);
    if (token.single_word && (WordBefore(text, start) || WordBehind(text, end))) continue;
    if (token.lstrip) start = std::max(done, WhiteSpaceStart(text, start, std::min(done, start)));
    if (token.rstrip) end = WhiteSpaceEnd(text, end);
    if (done < start) parts.push_back({done, start, std::nullopt});
    parts.push_back({start, end, token.id});
    done = end;
  }
  if (done < text.size()) parts.push_back({done, text.size(), std::nullopt});
  return parts;
}

std::optional<int32_t> AddedTokens::Find(std::string_view content) const {
  const auto found = ids_.find(std::string(content));
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

const AddedToken* AddedTokens::Token(int32_t id) const {
  const auto found = tokens_.find(id);
  return found == tokens_.end() ? nullptr : &found->second;
}

}  // namespace reprise
