// Short words as numbers, so that they are compared and hashed without a loop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace reprise {

// Spreads the bits of a product of 64 bits.
constexpr uint64_t MixBits(uint64_t x) {
  x *= 0x9E3779B97F4A7C15u;
  return x ^ x >> 32;
}

// The bytes of a word of at most kMost bytes, zeros behind them, and their number.
struct WordKey {
  static constexpr size_t kMost = 24;

  uint64_t parts[3];
  uint32_t size;

  bool operator==(const WordKey& other) const {
    return parts[0] == other.parts[0] && parts[1] == other.parts[1] && parts[2] == other.parts[2] &&
           size == other.size;
  }
  uint64_t Hash() const { return MixBits(MixBits(MixBits(parts[0] + size) ^ parts[1]) ^ parts[2]); }

  // The key of text[start, end).
  static WordKey Of(std::string_view text, size_t start, size_t end) {
    const size_t size = end - start;
    if (text.size() - start >= kMost) return FromReadable(text.data() + start, size);
    char padded[kMost] = {};
    std::memcpy(padded, text.data() + start, size);
    return FromReadable(padded, size);
  }

 private:
  // Of a word behind whose beginning kMost bytes can be read.
  static WordKey FromReadable(const char* word, size_t size) {
    static constexpr std::array<uint8_t, 2 * kMost> kMasks = [] {
      std::array<uint8_t, 2 * kMost> masks{};
      for (size_t i = 0; i < kMost; ++i) masks[i] = 0xFF;
      return masks;
    }();
    WordKey key{{}, static_cast<uint32_t>(size)};
    for (size_t i = 0; i < 3; ++i) {
      uint64_t bytes, mask;
      std::memcpy(&bytes, word + 8 * i, 8);
      std::memcpy(&mask, kMasks.data() + kMost - size + 8 * i, 8);
      key.parts[i] = bytes & mask;
    }
    return key;
  }
};

}  // namespace reprise
