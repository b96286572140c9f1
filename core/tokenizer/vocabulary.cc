#include "tokenizer/vocabulary.h"

#include <algorithm>
#include <bit>

#include "tokenizer/word_key.h"

namespace reprise {

Result<Vocabulary> Vocabulary::FromObject(const JsonFields& model, std::string_view name) {
  const JsonValue* field = model.Find(name);
  if (field == nullptr || !field->is_object()) return model.Expected(name, "an object");
  int64_t largest = -1;
  size_t bytes = 0;
  for (const auto& [token, id] : field->object()) {
    if (id.kind() != JsonValue::Kind::kInt || id.integer() < 0 || id.integer() >= kMaxTokens) {
      return model.Invalid(name, "the id of \"" + std::string(token) +
                                     "\" is not an integer from 0 to " +
                                     std::to_string(kMaxTokens - 1));
    }
    largest = std::max(largest, id.integer());
    bytes += token.size();
  }
  Vocabulary vocabulary;
  vocabulary.Reserve(static_cast<size_t>(largest + 1), field->object().size(), bytes);
  for (const auto& [token, id] : field->object()) {
    if (const auto other = vocabulary.Token(static_cast<int32_t>(id.integer()))) {
      return model.Invalid(name, "\"" + std::string(*other) + "\" and \"" + std::string(token) +
                                     "\" have the same id " + std::to_string(id.integer()));
    }
    vocabulary.Add(token, static_cast<int32_t>(id.integer()));
  }
  return vocabulary;
}

Vocabulary Vocabulary::FromList(std::span<const std::string> tokens) {
  Vocabulary vocabulary;
  size_t bytes = 0;
  for (const std::string& token : tokens) bytes += token.size();
  vocabulary.Reserve(tokens.size(), tokens.size(), bytes);
  for (size_t id = 0; id < tokens.size(); ++id) {
    vocabulary.Add(tokens[id], static_cast<int32_t>(id));
  }
  return vocabulary;
}

void Vocabulary::Reserve(size_t limit, size_t count, size_t bytes) {
  bytes_.reserve(bytes);
  texts_.resize(limit);
  slots_.resize(std::bit_ceil(2 * count + 2));
}

size_t Vocabulary::SlotOf(std::string_view token, uint64_t hash) const {
  size_t at = static_cast<size_t>(hash) & (slots_.size() - 1);
  while (slots_[at].id != kNoToken &&
         (slots_[at].hash != static_cast<uint32_t>(hash >> 32) || View(slots_[at].id) != token)) {
    at = (at + 1) & (slots_.size() - 1);
  }
  return at;
}

void Vocabulary::Add(std::string_view token, int32_t id) {
  texts_[static_cast<size_t>(id)] = {static_cast<uint32_t>(bytes_.size()),
                                     static_cast<int32_t>(token.size())};
  bytes_ += token;
  ++size_;
  const uint64_t hash = HashBytes(token);
  slots_[SlotOf(token, hash)] = {static_cast<uint32_t>(hash >> 32), id};
}

std::optional<int32_t> Vocabulary::Find(std::string_view token) const {
  const int32_t id = slots_[SlotOf(token, HashBytes(token))].id;
  if (id == kNoToken) return std::nullopt;
  return id;
}

std::optional<std::string_view> Vocabulary::Token(int32_t id) const {
  if (id < 0 || static_cast<size_t>(id) >= texts_.size()) return std::nullopt;
  if (texts_[static_cast<size_t>(id)].size == kNoToken) return std::nullopt;
  return View(id);
}

std::vector<std::pair<std::string_view, int32_t>> Vocabulary::Texts() const {
  std::vector<std::pair<std::string_view, int32_t>> texts;
  texts.reserve(texts_.size());
  for (size_t id = 0; id < texts_.size(); ++id) {
    if (texts_[id].size == kNoToken) continue;
    texts.emplace_back(View(static_cast<int32_t>(id)), static_cast<int32_t>(id));
  }
  return texts;
}

}  // namespace reprise
