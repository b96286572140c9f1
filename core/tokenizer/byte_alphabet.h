// The alphabet of byte-level tokenizers: each byte as a printable character, as in GPT-2 (Radford
// et al. 2019). Printable Latin-1 bytes stand for themselves, the others for U+0100 upwards.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace reprise {

// The character of each byte; all below U+0144, so two bytes of UTF-8 at most.
constexpr std::array<char32_t, 256> kByteAlphabet = [] {
  std::array<char32_t, 256> alphabet{};
  char32_t next = 0x100;
  for (char32_t byte = 0; byte < 256; ++byte) {
    const bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte != 0xAD);
    alphabet[byte] = printable ? byte : next++;
  }
  return alphabet;
}();

constexpr char32_t kByteAlphabetEnd = 0x144;

// The byte a character stands for, or nothing where it is not of the alphabet.
constexpr std::optional<char> ByteOfAlphabet(char32_t c) {
  constexpr auto kInverse = [] {
    std::array<int16_t, kByteAlphabetEnd> inverse{};
    inverse.fill(-1);
    for (size_t byte = 0; byte < 256; ++byte) {
      inverse[kByteAlphabet[byte]] = static_cast<int16_t>(byte);
    }
    return inverse;
  }();
  if (c >= kByteAlphabetEnd || kInverse[c] < 0) return std::nullopt;
  return static_cast<char>(kInverse[c]);
}

}  // namespace reprise
