// The tokens of a byte-level vocabulary, found by the bytes that they stand for.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/vocabulary.h"

namespace reprise {

// A hash table with open addressing. Immutable; threads may share one.
class TokenBytes {
 public:
  // Nothing where one of the 256 bytes is no token of its own. Tokens that are not written in the
  // byte alphabet are left out: no text leads to them.
  static std::optional<TokenBytes> Of(const Vocabulary& vocabulary);

  std::optional<int32_t> Find(std::string_view bytes) const;
  // The token of one byte.
  int32_t OfByte(char byte) const { return of_byte_[static_cast<unsigned char>(byte)]; }

 private:
  struct Slot {
    uint32_t hash;
    uint32_t start;
    uint32_t size;  // 0: empty
    int32_t id;
  };

  void Add(std::string_view bytes, int32_t id);
  size_t Home(uint64_t hash) const { return static_cast<size_t>(hash) & (slots_.size() - 1); }

  std::string bytes_;  // of all tokens
  std::vector<Slot> slots_;
  std::array<int32_t, 256> of_byte_{};
};

}  // namespace reprise
