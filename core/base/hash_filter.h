// What a hash table lacks, told from memory small enough to stay near.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace reprise {

// A bit for each hash that was added, four for each slot of its table: a Bloom filter with one hash
// (Bloom 1970, doi:10.1145/362686.362692). Where a table is half full, it lets one of eight hashes
// pass that were never added. By the upper bits, which must be mixed well.
class HashFilter {
 public:
  // For a table of so many slots, a power of two. Forgets what was added.
  explicit HashFilter(size_t slots = 8)
      : words_(slots / 8 + 1), shift_(62 - std::countr_zero(slots)) {}

  void Add(uint64_t hash) { words_[Bit(hash) / 32] |= uint32_t{1} << Bit(hash) % 32; }
  // False for many a hash that was not added, true for all that were.
  bool MayHave(uint64_t hash) const { return (words_[Bit(hash) / 32] >> Bit(hash) % 32 & 1) != 0; }

 private:
  size_t Bit(uint64_t hash) const { return static_cast<size_t>(hash >> shift_); }

  std::vector<uint32_t> words_;
  int shift_;
};

}  // namespace reprise
