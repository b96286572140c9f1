// Short words as a few numbers that are compared without a loop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace reprise {

// The bytes of a word of at most kMost bytes, zeros behind them, and in the last byte their number.
template <size_t kParts>
struct WordKey {
  static constexpr size_t kMost = 8 * kParts - 1;

  uint64_t parts[kParts];

  bool operator==(const WordKey& other) const {
    uint64_t difference = 0;
    for (size_t i = 0; i < kParts; ++i) difference |= parts[i] ^ other.parts[i];
    return difference == 0;
  }
  uint64_t Hash() const {
    // Products that do not wait for each other.
    uint64_t hash = 0;
    for (size_t i = 0; i < kParts; ++i) {
      hash ^= (parts[i] ^ parts[i] >> 31) * (0x9E3779B97F4A7C15u + 2 * 0x632BE59BD9B4E019u * i);
    }
    return hash ^ hash >> 29;
  }

  // The key of text[start, start + size).
  static WordKey Of(std::string_view text, size_t start, size_t size) {
    if (text.size() - start > kMost) return OfReadable(text.data() + start, size);
    char padded[kMost + 1] = {};
    std::memcpy(padded, text.data() + start, size);
    return OfReadable(padded, size);
  }
  // The key of a word from whose beginning on kMost + 1 bytes can be read.
  static WordKey OfReadable(const char* word, size_t size) {
    static constexpr std::array<uint8_t, 16 * kParts> kMasks = [] {
      std::array<uint8_t, 16 * kParts> masks{};
      for (size_t i = 0; i < 8 * kParts; ++i) masks[i] = 0xFF;
      return masks;
    }();
    WordKey key;
    for (size_t i = 0; i < kParts; ++i) {
      uint64_t bytes, mask;
      std::memcpy(&bytes, word + 8 * i, 8);
      std::memcpy(&mask, kMasks.data() + 8 * kParts - size + 8 * i, 8);
      key.parts[i] = bytes & mask;
    }
    key.parts[kParts - 1] |= static_cast<uint64_t>(size) << 56;
    return key;
  }
};

}  // namespace reprise
