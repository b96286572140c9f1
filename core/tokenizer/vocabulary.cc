#include "tokenizer/vocabulary.h"

#include <algorithm>
#include <bit>

#include "base/fill_in.h"
#include "base/small_code.h"

namespace reprise {
namespace {

// So many tokens are hashed before any is looked for.
constexpr size_t kBatch = 64;

}  // namespace

REPRISE_SMALL Vocabulary Vocabulary::FromObject(const JsonFields& model, std::string_view name,
                                                const HashKey& key) {
  const JsonValue* field = model.Find(name);
  if (field == nullptr || !field->is_object()) {
    model.Expected(name, "an object");
    return FromList({}, key);
  }
  int64_t largest = -1;
  size_t bytes = 0;
  for (const auto& [token, id] : field->object()) {
    if (id.kind() != JsonValue::Kind::kInt || id.integer() < 0 || id.integer() >= kMaxTokens) {
      model.Invalid(name, FillIn("the id of \"{}\" is not an integer from 0 to {}",
                                 {token, std::to_string(kMaxTokens - 1)}));
      return FromList({}, key);
    }
    largest = std::max(largest, id.integer());
    bytes += token.size();
  }
  Vocabulary vocabulary(key);
  vocabulary.Reserve(static_cast<size_t>(largest + 1), field->object().size(), bytes);
  const std::span<const JsonMember> members = field->object();
  for (size_t first = 0; first < members.size(); first += kBatch) {
    const auto batch = members.subspan(first, std::min(kBatch, members.size() - first));
    uint64_t hashes[kBatch];
    for (size_t i = 0; i < batch.size(); ++i) {
      hashes[i] = HashBytes(batch[i].name, key);
      PrefetchMemory(&vocabulary.slots_[vocabulary.Home(hashes[i])]);
    }
    for (size_t i = 0; i < batch.size(); ++i) {
      const auto id = static_cast<int32_t>(batch[i].value.integer());
      if (const auto other = vocabulary.Token(id)) {
        model.Invalid(name, FillIn("\"{}\" and \"{}\" have the same id {}",
                                   {*other, batch[i].name, std::to_string(id)}));
        return vocabulary;
      }
      vocabulary.AddText(batch[i].name, id);
      // No name is twice in an object.
      size_t at = vocabulary.Home(hashes[i]);
      while (vocabulary.slots_[at].id != kNoToken) at = vocabulary.Behind(at);
      vocabulary.slots_[at] = {Tag(hashes[i]), id};
    }
  }
  return vocabulary;
}

REPRISE_SMALL Vocabulary Vocabulary::FromList(std::span<const std::string_view> tokens,
                                              const HashKey& key) {
  Vocabulary vocabulary(key);
  size_t bytes = 0;
  for (const std::string_view token : tokens) bytes += token.size();
  vocabulary.Reserve(tokens.size(), tokens.size(), bytes);
  for (size_t i = 0; i < tokens.size(); ++i) {
    const auto id = static_cast<int32_t>(i);
    vocabulary.AddText(tokens[i], id);
    const uint64_t hash = HashBytes(tokens[i], key);
    vocabulary.slots_[vocabulary.SlotOf(tokens[i], hash)] = {Tag(hash), id};
  }
  return vocabulary;
}

size_t Vocabulary::SlotOf(std::string_view token, uint64_t hash) const {
  size_t at = Home(hash);
  while (slots_[at].id != kNoToken &&
         (slots_[at].hash != Tag(hash) || !EqualBytes(View(slots_[at].id), token))) {
    at = Behind(at);
  }
  return at;
}

void Vocabulary::AddText(std::string_view token, int32_t id) {
  texts_[static_cast<size_t>(id)] = {static_cast<uint32_t>(bytes_.size()),
                                     static_cast<int32_t>(token.size())};
  bytes_ += token;
  ++size_;
}

std::optional<int32_t> Vocabulary::Find(std::string_view token) const {
  const int32_t id = slots_[SlotOf(token, HashBytes(token, key_))].id;
  if (id == kNoToken) return std::nullopt;
  return id;
}

REPRISE_SMALL void Vocabulary::FindAll(std::span<const std::string_view> tokens,
                                       std::span<int32_t> ids) const {
  for (; !tokens.empty(); ids = ids.subspan(std::min(kBatch, tokens.size())),
                          tokens = tokens.subspan(std::min(kBatch, tokens.size()))) {
    const size_t count = std::min(kBatch, tokens.size());
    uint64_t hashes[kBatch];
    for (size_t i = 0; i < count; ++i) {
      hashes[i] = HashBytes(tokens[i], key_);
      PrefetchMemory(&slots_[Home(hashes[i])]);
    }
    // The first token whose hash is alike, which hardly ever is another one.
    for (size_t i = 0; i < count; ++i) {
      size_t at = Home(hashes[i]);
      while (slots_[at].id != kNoToken && slots_[at].hash != Tag(hashes[i])) at = Behind(at);
      ids[i] = slots_[at].id;
      if (ids[i] != kNoToken) PrefetchMemory(&texts_[static_cast<size_t>(ids[i])]);
    }
    for (size_t i = 0; i < count; ++i) {
      if (ids[i] != kNoToken) PrefetchMemory(View(ids[i]).data());
    }
    for (size_t i = 0; i < count; ++i) {
      if (ids[i] == kNoToken || EqualBytes(View(ids[i]), tokens[i])) continue;
      ids[i] = slots_[SlotOf(tokens[i], hashes[i])].id;
    }
  }
}

size_t Vocabulary::longest_search() const {
  return LongestSearch(slots_.size(), [&](size_t at) { return slots_[at].id != kNoToken; });
}

std::optional<std::string_view> Vocabulary::Token(int32_t id) const {
  if (id < 0 || static_cast<size_t>(id) >= texts_.size()) return std::nullopt;
  if (texts_[static_cast<size_t>(id)].size == kNoToken) return std::nullopt;
  return View(id);
}

}  // namespace reprise
