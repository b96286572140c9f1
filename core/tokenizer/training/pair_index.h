// Numbers pairs of tokens in the order in which they first come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace reprise {

struct TokenPair {
  int32_t left;
  int32_t right;
};

// A hash table by linear probing that only grows. At most 2^31 pairs.
class PairIndex {
 public:
  // The pair's number; that of a new pair is the size before.
  uint32_t Find(TokenPair pair) {
    if (2 * (pairs_.size() + 1) > slots_.size()) Grow();
    const size_t slot = Slot(pair);
    if (slots_[slot] == kEmpty) {
      slots_[slot] = static_cast<uint32_t>(pairs_.size());
      pairs_.push_back(pair);
    }
    return slots_[slot];
  }

  size_t size() const { return pairs_.size(); }
  TokenPair operator[](uint32_t number) const { return pairs_[number]; }

 private:
  static constexpr uint32_t kEmpty = UINT32_MAX;

  // Where the pair stands, or the empty slot where it belongs.
  size_t Slot(TokenPair pair) const {
    const uint64_t key = uint64_t{static_cast<uint32_t>(pair.left)} << 32 |
                         uint64_t{static_cast<uint32_t>(pair.right)};
    // Fibonacci hashing (Knuth, TAOCP 3, section 6.4): the product's upper bits depend on all.
    uint64_t mixed = key * 0x9E3779B97F4A7C15;
    mixed ^= mixed >> 32;
    size_t slot = static_cast<size_t>(mixed) & (slots_.size() - 1);
    while (slots_[slot] != kEmpty) {
      const TokenPair there = pairs_[slots_[slot]];
      if (there.left == pair.left && there.right == pair.right) break;
      slot = (slot + 1) & (slots_.size() - 1);
    }
    return slot;
  }

  void Grow() {
    slots_.assign(slots_.empty() ? 1024 : 2 * slots_.size(), kEmpty);
    for (size_t i = 0; i < pairs_.size(); ++i) slots_[Slot(pairs_[i])] = static_cast<uint32_t>(i);
  }

  std::vector<TokenPair> pairs_;
  std::vector<uint32_t> slots_;  // a power of two of them, at most half full
};

}  // namespace reprise
