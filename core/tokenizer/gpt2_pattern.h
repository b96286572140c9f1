// The pattern by which GPT-2 splits text into words, as a scanner.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/byte_block.h"

namespace reprise {

// The end of the match that starts at `start` of
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// (openai/gpt-2, encoder.py). Every position has a match, and matches follow each other without a
// gap. Requires valid UTF-8 and start < text.size(). Linear over a whole text.
size_t Gpt2MatchEnd(std::string_view text, size_t start);

// Where matches start among 64 bytes, at the first of which one does: a bit for each byte.
struct Gpt2Block {
  uint64_t starts;
  // Bytes that say nothing about matches which hold or touch them, nor do these about the next one.
  uint64_t unknown;
};
// Of the bytes from `at` on. Requires that there are 64.
Gpt2Block LookAtGpt2Block(std::string_view text, size_t at);

// Calls visit(start, end) for match after match from `at` on, where one starts, at least until one
// ends at `least` or behind it, and returns its end. Requires at < least <= text.size().
template <typename Visit>
size_t ForEachGpt2Match(std::string_view text, size_t at, size_t least, const Visit& visit) {
  const auto visit_from = [&](size_t start) {
    const size_t end = Gpt2MatchEnd(text, start);
    visit(start, end);
    return end;
  };
  while (at < least) {
    const size_t first = at;
    if (text.size() - at >= kBlockBytes) {
      const Gpt2Block block = LookAtGpt2Block(text, at);
      for (uint64_t starts = block.starts; starts != 0;) {
        const auto bit = static_cast<size_t>(std::countr_zero(starts));
        // Of those from the match's first byte to the one behind it.
        const uint64_t unknown = block.unknown << (63 - bit) >> (63 - bit) >> (at - first);
        if (unknown == 0) [[likely]] {
          visit(at, first + bit);
          at = first + bit;
        } else {
          at = visit_from(at);
          if (at - first >= kBlockBytes - 1) break;
        }
        starts &= ~uint64_t{1} << (at - first);
      }
      while (at - first < kBlockBytes && (block.unknown >> (at - first) & 3) != 0) {
        at = visit_from(at);
      }
    }
    if (at == first) at = visit_from(at);
  }
  return at;
}

}  // namespace reprise
