// Hashes and comparisons of byte strings, most of them short. The hash has a key, so that nobody
// can write a file whose strings share a place of a hash table.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/wide_product.h"

namespace reprise {

// The key of hash tables. It decides where things lie, and no result.
struct HashKey {
  uint64_t first = 0;
  uint64_t second = 0;

  // Of a file with this SHA-256. Whoever writes the file cannot choose the key: any change gives
  // another one.
  static HashKey Of(std::span<const uint8_t, 32> digest) {
    HashKey key;
    std::memcpy(&key.first, digest.data(), 8);
    std::memcpy(&key.second, digest.data() + 8, 8);
    return key;
  }
};

// The halves of the product of 128 bits, one over the other.
inline uint64_t FoldProduct(uint64_t a, uint64_t b) {
  const auto [high, low] = MultiplyWide(a, b);
  return high ^ low;
}

// A hash of bytes, the same on every little-endian machine. It multiplies 16 bytes at a time, each
// half under a part of the key, as wyhash does (Wang Yi, github.com/wangyi-fudan/wyhash).
inline uint64_t HashBytes(std::string_view bytes, const HashKey& key) {
  const char* at = bytes.data();
  const auto read = [](const char* from, size_t size) {
    uint64_t part = 0;
    std::memcpy(&part, from, size);
    return part;
  };
  size_t left = bytes.size();
  uint64_t state = key.second;
  for (; left > 16; left -= 16, at += 16) {
    state = FoldProduct(read(at, 8) ^ key.first, read(at + 8, 8) ^ state);
  }
  // The last bytes by two reads that may overlap.
  uint64_t low = 0, high = 0;
  if (left >= 8) {
    low = read(at, 8);
    high = read(at + left - 8, 8);
  } else if (left >= 4) {
    low = read(at, 4);
    high = read(at + left - 4, 4);
  } else if (left > 0) {
    low = read(at, 1) | read(at + left / 2, 1) << 8 | read(at + left - 1, 1) << 16;
  }
  const uint64_t folded = FoldProduct(low ^ key.first, high ^ state);
  return FoldProduct(folded ^ key.second, key.first ^ bytes.size());
}

// Whether two byte strings are equal, without a call for the short ones.
inline bool EqualBytes(std::string_view a, std::string_view b) {
  const size_t size = a.size();
  if (size != b.size()) return false;
  const auto differ = [&]<typename Word>(size_t at, Word) {
    Word x, y;
    std::memcpy(&x, a.data() + at, sizeof(Word));
    std::memcpy(&y, b.data() + at, sizeof(Word));
    return x != y;
  };
  if (size >= 8) {
    for (size_t at = 0; at + 8 < size; at += 8) {
      if (differ(at, uint64_t{})) return false;
    }
    return !differ(size - 8, uint64_t{});
  }
  if (size >= 4) return !differ(0, uint32_t{}) && !differ(size - 4, uint32_t{});
  for (size_t at = 0; at < size; ++at) {
    if (a[at] != b[at]) return false;
  }
  return true;
}

// The most slots that one search looks at in a hash table with open addressing, of so many slots:
// a run of taken ones, which may go on at the beginning, and the empty one behind it.
template <typename IsTaken>
size_t LongestSearch(size_t slots, const IsTaken& is_taken) {
  size_t longest = 0, taken = 0;
  for (size_t i = 0; i < 2 * slots; ++i) {
    taken = is_taken(i % slots) ? taken + 1 : 0;
    longest = std::max(longest, taken);
  }
  return longest + 1;
}

// Has the memory fetch what will be looked at. WebAssembly has no such instruction; there the
// processor reads ahead by itself where reads do not wait for each other.
inline void PrefetchMemory([[maybe_unused]] const void* place) {
#if !defined(__wasm__)
  __builtin_prefetch(place);
#endif
}

}  // namespace reprise
