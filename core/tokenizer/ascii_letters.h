// Runs of the letters of ASCII, eight at a time.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace reprise {

// How many letters of ASCII stand at `at`, in steps of eight bytes: the last that are left, and
// few, are not counted.
inline size_t CountAsciiLetters(std::string_view text, size_t at, bool any_case) {
  constexpr uint64_t kOnes = 0x0101010101010101u, kTops = 0x80 * kOnes;
  const uint64_t to_lower = any_case ? 0x20 * kOnes : 0;
  const size_t start = at;
  for (; text.size() - at >= 8; at += 8) {
    uint64_t bytes;
    std::memcpy(&bytes, text.data() + at, 8);
    bytes |= to_lower;
    // A byte's top bit says whether it is at least the letter; no sum carries into the next byte.
    const uint64_t low = bytes & ~kTops;
    const uint64_t from_a = low + (0x80 - 'a') * kOnes, behind_z = low + (0x80 - 'z' - 1) * kOnes;
    const uint64_t others = ~(from_a & ~behind_z & ~bytes) & kTops;
    if (others != 0) return at - start + static_cast<size_t>(std::countr_zero(others)) / 8;
  }
  return at - start;
}

}  // namespace reprise
