// The tokens of a model, by text and by id. Added tokens are added_tokens.h's matter.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_hash.h"
#include "tokenizer/json_fields.h"

namespace reprise {

// Token texts and their ids, one to one except in lists. Ids may have gaps.
class Vocabulary {
 public:
  static constexpr int64_t kMaxTokens = 1 << 21;

  static constexpr int32_t kNoToken = -1;

  // Reads the object {"token": id, …} in the field `name`. What may be wrong: invalid_tokenizer for
  // an id that is no integer below kMaxTokens or that two tokens share.
  static Vocabulary FromObject(const JsonFields& model, std::string_view name, const HashKey& key);

  // Of tokens whose ids are their places. Of equal tokens, Find gives the last.
  static Vocabulary FromList(std::span<const std::string_view> tokens, const HashKey& key);

  Vocabulary(Vocabulary&&) = default;
  Vocabulary& operator=(Vocabulary&&) = default;

  // The number of ids; with gaps, less than the largest id + 1.
  int64_t size() const { return size_; }

  // One more than the largest id.
  int64_t id_limit() const { return static_cast<int64_t>(texts_.size()); }

  std::optional<int32_t> Find(std::string_view token) const;
  // The id of each token or kNoToken, in `ids`, which is as long: faster than one after the other,
  // since the memory is asked for many at once.
  void FindAll(std::span<const std::string_view> tokens, std::span<int32_t> ids) const;
  std::optional<std::string_view> Token(int32_t id) const;

  // The most slots of the hash table that one search looks at.
  size_t longest_search() const;

  // All tokens with their ids, in the order of ids. The views live as long as the vocabulary.
  std::vector<std::pair<std::string_view, int32_t>> Texts() const;

 private:
  // Where the text of a token lies, by id.
  struct Text {
    uint32_t start = 0;
    int32_t size = kNoToken;
  };
  // A slot of the hash table with open addressing.
  struct Slot {
    uint32_t hash = 0;
    int32_t id = kNoToken;
  };

  explicit Vocabulary(const HashKey& key) : key_(key) {}

  // Makes room for ids below `limit`, of which `count` are used, and texts of so many bytes in all.
  void Reserve(size_t limit, size_t count, size_t bytes);
  std::string_view View(int32_t id) const {
    const Text& text = texts_[static_cast<size_t>(id)];
    return {bytes_.data() + text.start, static_cast<size_t>(text.size)};
  }
  size_t Home(uint64_t hash) const { return static_cast<size_t>(hash) & (slots_.size() - 1); }
  size_t Behind(size_t slot) const { return (slot + 1) & (slots_.size() - 1); }
  static uint32_t Tag(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }
  // The slot of a token, or the empty one where it would be.
  size_t SlotOf(std::string_view token, uint64_t hash) const;
  // Writes down the text of an id.
  void AddText(std::string_view token, int32_t id);

  HashKey key_;
  int64_t size_ = 0;
  std::string bytes_;  // of all tokens
  std::vector<Text> texts_;
  std::vector<Slot> slots_;
};

}  // namespace reprise
