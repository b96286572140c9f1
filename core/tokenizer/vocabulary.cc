#include "tokenizer/vocabulary.h"

#include <algorithm>
#include <iterator>

namespace reprise {

Result<Vocabulary> Vocabulary::FromObject(const JsonFields& model, std::string_view name) {
  constexpr int64_t kMaxId = (1 << 24) - 1;
  const JsonValue* field = model.Find(name);
  if (field == nullptr || !field->is_object()) return model.Expected(name, "an object");
  int64_t largest = -1;
  for (const auto& [token, id] : field->object()) {
    if (id.kind() != JsonValue::Kind::kInt || id.integer() < 0 || id.integer() > kMaxId) {
      return model.Invalid(name, "the id of \"" + token + "\" is not an integer from 0 to " +
                                     std::to_string(kMaxId));
    }
    largest = std::max(largest, id.integer());
  }
  Vocabulary vocabulary;
  vocabulary.tokens_.resize(static_cast<size_t>(largest + 1));
  vocabulary.ids_.reserve(field->object().size());
  for (const auto& [token, id] : field->object()) {
    std::optional<std::string>& slot = vocabulary.tokens_[static_cast<size_t>(id.integer())];
    if (slot) {
      return model.Invalid(name, "\"" + *slot + "\" and \"" + token + "\" have the same id " +
                                     std::to_string(id.integer()));
    }
    slot = token;
    vocabulary.ids_.emplace(*slot, static_cast<int32_t>(id.integer()));
  }
  vocabulary.size_ = static_cast<int64_t>(vocabulary.ids_.size());
  return vocabulary;
}

Vocabulary Vocabulary::FromList(std::vector<std::string> tokens) {
  Vocabulary vocabulary;
  vocabulary.tokens_.assign(std::make_move_iterator(tokens.begin()),
                            std::make_move_iterator(tokens.end()));
  vocabulary.ids_.reserve(tokens.size());
  for (size_t id = 0; id < tokens.size(); ++id) {
    vocabulary.ids_[*vocabulary.tokens_[id]] = static_cast<int32_t>(id);
  }
  vocabulary.size_ = static_cast<int64_t>(tokens.size());
  return vocabulary;
}

std::vector<std::pair<std::string_view, int32_t>> Vocabulary::Texts() const {
  std::vector<std::pair<std::string_view, int32_t>> texts;
  texts.reserve(tokens_.size());
  for (size_t id = 0; id < tokens_.size(); ++id) {
    if (tokens_[id]) texts.emplace_back(*tokens_[id], static_cast<int32_t>(id));
  }
  return texts;
}

std::optional<int32_t> Vocabulary::Find(std::string_view token) const {
  const auto found = ids_.find(token);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string_view> Vocabulary::Token(int32_t id) const {
  if (id < 0 || static_cast<size_t>(id) >= tokens_.size()) return std::nullopt;
  const std::optional<std::string>& token = tokens_[static_cast<size_t>(id)];
  if (!token) return std::nullopt;
  return *token;
}

}  // namespace reprise
