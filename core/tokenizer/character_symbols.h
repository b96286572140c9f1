// The characters of UTF-8 that a byte-level BPE model joins before anything else happens to their
// bytes, so that joining may begin with them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace reprise {

// Let m be the highest rank of the merges that make a character of its bytes. While they are to be
// made, one of them can be, so nothing of a higher rank is. Hence the bytes become one symbol
// unless a merge of a lower rank than m joins some of them, not all, to what stands before or
// behind. To begin with that symbol changes nothing where no merge of a lower rank joins it to
// something: those on either side of it go on in their own order, and meet it as late as they
// would.
//
// Immutable once made; threads may share one.
class CharacterSymbols {
 public:
  // A merge, by ids.
  struct Merge {
    int32_t left;
    int32_t right;
    int32_t result;
  };

  // No character.
  CharacterSymbols() = default;
  // Of merges in the order of their ranks and the ids of the 256 bytes, all distinct. A result
  // stands for the bytes of the two that it joins.
  CharacterSymbols(std::span<const Merge> merges, const std::array<int32_t, 256>& byte_ids);

  static constexpr int32_t kNone = -1;

  // The symbol of the character at bytes[at], and `size` becomes its size. kNone, and nothing else,
  // where that depends on what stands around it, or where it has none, or not two or three bytes.
  int32_t Find(std::string_view bytes, size_t at, size_t& size) const {
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
    const auto is_tail = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
    const size_t left = bytes.size() - at;
    uint32_t entry = 0;
    if (left >= 2 && (byte(0) & 0xE0) == 0xC0 && is_tail(1)) {
      entry = of_two_[PlaceOfTwo(byte(0), byte(1))];
    } else if (left >= 3 && (byte(0) & 0xF0) == 0xE0 && is_tail(1) && is_tail(2)) {
      entry = of_three_[row_of_[PlaceOfTwo(byte(0), byte(1)) % row_of_.size()]][byte(2) % kRow];
    }
    const bool depends = (entry & kNotBehindSpace) != 0 && at > 0 && bytes[at - 1] == ' ';
    if (entry == 0 || depends) return kNone;
    size = byte(0) < 0xE0 ? 2 : 3;
    return static_cast<int32_t>(entry >> 2);
  }

 private:
  class Builder;

  static constexpr size_t kRow = 64;
  static constexpr size_t PlaceOfTwo(unsigned char first, unsigned char second) {
    return first % 32 * kRow + second % kRow;
  }

  // An entry is 0 where there is no symbol, else the symbol and two bits.
  static constexpr uint32_t kThere = 1;
  static constexpr uint32_t kNotBehindSpace = 2;
  using Row = std::array<uint32_t, kRow>;

  std::array<uint32_t, 32 * kRow> of_two_{};
  std::array<uint16_t, 16 * kRow> row_of_{};         // by the first two bytes of three
  std::vector<Row> of_three_ = std::vector<Row>(1);  // by row, the first empty, and the last byte
};

}  // namespace reprise
