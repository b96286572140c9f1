// The tokens of a byte-level vocabulary, found by the bytes that they stand for.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash_filter.h"
#include "tokenizer/vocabulary.h"

namespace reprise {

// A hash table with open addressing. Immutable; threads may share one.
class TokenBytes {
 public:
  // The tokens of the 256 bytes. Null where one of them is no token of its own.
  static std::unique_ptr<TokenBytes> OfBytes(const Vocabulary& vocabulary, const HashKey& key);
  // Takes in those tokens of the vocabulary for which `counts(bytes, id)` holds. Tokens that are
  // not written in the byte alphabet are left out: no text leads to them.
  template <typename Counts>
  void Add(const Vocabulary& vocabulary, const Counts& counts) {
    Reserve(static_cast<size_t>(vocabulary.size()));
    std::string bytes;
    for (const auto& [token, id] : vocabulary.Texts()) {
      if (ToBytes(token, bytes) && counts(bytes, id)) Add(bytes, id);
    }
  }

  // Of the tokens taken in.
  std::optional<int32_t> Find(std::string_view bytes) const;
  // The tokens of single bytes.
  const std::array<int32_t, 256>& of_byte() const { return of_byte_; }

 private:
  struct Slot {
    uint32_t hash;
    uint32_t start;
    uint32_t size;  // 0: empty
    int32_t id;
  };

  explicit TokenBytes(const HashKey& key) : key_(key) {}

  // The bytes that a token of the byte alphabet stands for; false for another token.
  static bool ToBytes(std::string_view token, std::string& bytes);
  void Reserve(size_t count);
  void Add(std::string_view bytes, int32_t id);
  size_t Home(uint64_t hash) const { return static_cast<size_t>(hash) & (slots_.size() - 1); }

  HashKey key_;
  std::string bytes_;  // of all tokens
  std::vector<Slot> slots_;
  HashFilter filter_;
  std::array<int32_t, 256> of_byte_{};
};

}  // namespace reprise
