#include "tokenizer/vocabulary.h"

#include <algorithm>

namespace reprise {

Result<Vocabulary> Vocabulary::Parse(const JsonFields& model, std::string_view name) {
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
  return vocabulary;
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
