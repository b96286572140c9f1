// How added tokens are read: what runs once a tokenizer.
#include <utility>

#include "base/fill_in.h"
#include "base/growing_array.h"
#include "tokenizer/added_tokens.h"

namespace reprise {
namespace {

constexpr std::string_view kName = "added_tokens";

AddedToken ParseToken(const JsonFields& fields) {
  constexpr int64_t kMaxId = (1 << 24) - 1;
  fields.OnlyFields("id content single_word lstrip rstrip normalized special");
  AddedToken token;
  token.id = static_cast<int32_t>(fields.Integer("id", 0, kMaxId));
  token.content = fields.String("content");
  token.single_word = fields.Boolean("single_word");
  token.lstrip = fields.Boolean("lstrip");
  token.rstrip = fields.Boolean("rstrip");
  token.normalized = fields.Boolean("normalized");
  token.special = fields.Boolean("special");
  return token;
}

}  // namespace

void AddedTokens::Read(const JsonFields& file, const Vocabulary& vocabulary,
                       const Normalizer* normalizer) {
  next_id_ = static_cast<int32_t>(vocabulary.size());
  if (!file.Has(kName)) return;
  const size_t count = file.Array(kName).size();
  for (size_t i = 0; i < count && file.ok(); ++i) {
    Add(file.Element(kName, i), vocabulary, normalizer);
  }
  if (file.ok()) BuildTries(file);
}

void AddedTokens::Add(const JsonFields& fields, const Vocabulary& vocabulary,
                      const Normalizer* normalizer) {
  AddedToken token = ParseToken(fields);
  // Nothing can be added of an empty one; the reference library goes on too.
  if (!fields.ok() || token.content.empty()) return;
  Place(fields, vocabulary, token);
  token.text = token.content;
  if (token.normalized && normalizer != nullptr) {
    const MemoryWatch watch;
    NormalizedText normalized{GrowingText(token.content)};
    normalizer->Apply(normalized);
    if (MemoryWatch::Lacks()) {
      return fields.Invalid("content", "what the normalizer makes of it does not fit into memory");
    }
    token.text = std::string_view(normalized.text);
  }
  named_.emplace(token.content, Named{token.id, token.special});
  tokens_.emplace(token.id, std::move(token));
}

// Gives the token its id, after checking the one that the file declares.
void AddedTokens::Place(const JsonFields& fields, const Vocabulary& vocabulary, AddedToken& token) {
  const std::optional<std::string_view> namesake = vocabulary.Token(token.id);
  if (namesake && *namesake != token.content) {
    return fields.Invalid("id",
                          FillIn("the id of \"{}\" in the vocabulary is used again", {*namesake}));
  }
  if (!declared_ids_.insert(token.id).second || named_.contains(token.content)) {
    return fields.Invalid("id", "this id or content is in the list twice");
  }
  const std::optional<int32_t> model_id = vocabulary.Find(token.content);
  token.id = model_id ? *model_id : next_id_++;
}

void AddedTokens::BuildTries(const JsonFields& file) {
  for (Sought* sought : {&plain_, &normalized_}) {
    std::vector<std::pair<std::string_view, int32_t>> texts;
    ByText seen;
    for (const auto& [id, token] : tokens_) {
      if (token.normalized != (sought == &normalized_) || token.text.empty()) continue;
      if (!seen.emplace(token.text, Named()).second) {
        return file.Invalid(kName,
                            FillIn("two tokens become \"{}\" when normalised", {token.text}));
      }
      texts.emplace_back(token.text, id);
      sought->first_bytes.set(static_cast<unsigned char>(token.text[0]));
    }
    if (sought->first_bytes.count() == 1) sought->only_first_byte = texts[0].first[0];
    sought->trie = ByteTrie(std::move(texts));
  }
}

}  // namespace reprise
