// Sorting that is shared: std::sort is 2 to 4 KB of code for each type and order. Pairs of smaller
// numbers are best sorted as one of 64 bits.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace reprise {

using NumberedText = std::pair<std::string_view, int32_t>;

// By the texts' bytes, of equal texts by number.
void Sort(std::span<NumberedText> texts);
void Sort(std::span<uint64_t> numbers);
// The same in room for as many numbers.
void Sort(std::span<uint64_t> numbers, std::span<uint64_t> room);

// Of two numbers as one that sorts by the first and then by the second, and back.
constexpr uint64_t PackPair(uint32_t first, uint32_t second) {
  return uint64_t{first} << 32 | second;
}
constexpr uint32_t FirstOfPair(uint64_t pair) { return static_cast<uint32_t>(pair >> 32); }
constexpr uint32_t SecondOfPair(uint64_t pair) { return static_cast<uint32_t>(pair); }

}  // namespace reprise
