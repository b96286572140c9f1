// The merges of a BPE model: which pairs of tokens join, in what order, into which token; and the
// joining itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "base/byte_hash.h"
#include "base/growing_array.h"
#include "base/hash_filter.h"
#include "tokenizer/character_symbols.h"

namespace reprise {

// A hash table from a pair of ids to rank and result, with open addressing. Immutable once filled;
// threads may share one.
class MergeTable {
 public:
  // Ids and ranks lie below 2^kIdBits.
  static constexpr int kIdBits = 21;
  // The rank of a pair that does not join.
  static constexpr int32_t kNoRank = std::numeric_limits<int32_t>::max();

  // Pairs of lower ranks join first, into `result`.
  struct Merge {
    int32_t left;
    int32_t right;
    int32_t rank;
    int32_t result;
  };

  // Makes room for `count` merges and forgets those held. `key` is that of the hash table.
  void Reserve(size_t count, const HashKey& key);
  // Each rank is used once, and a pair that is there already gets the new one. At most `count`
  // distinct pairs in all calls.
  void Set(std::span<const Merge> merges);
  // The rank of a pair, or kNoRank. Once bytes are indexed, perhaps another number for each rank,
  // in the same order.
  int32_t RankOf(int32_t left, int32_t right) const {
    const uint64_t key = Key(left, right);
    if (!filter_.MayHave(Hash(key))) return kNoRank;
    for (size_t at = Home(key); slots_[at] != kEmpty; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at] >> kIdBits == key) {
        return static_cast<int32_t>(slots_[at] & kIdMask);
      }
    }
    return kNoRank;
  }

  // The most slots of the hash table that one search looks at.
  size_t longest_search() const;

  // Joins pairs of neighbours from symbols[first] on until none is left that joins: always one of
  // the lowest rank, the leftmost of these. In n log n time. Where memory for that lacks
  // (base/growing_array.h), the symbols are not to be used. The naive form, quadratic in the
  // length, is the oracle of the other one. Returns how many pairs it looked at, by which tests
  // tell the time.
  size_t Join(GrowingArray<int32_t>& symbols, size_t first = 0) const;
  // Appends the symbols of bytes and joins those. Requires IndexBytes. Where the bytes are UTF-8,
  // that is faster than joining the symbols of all bytes.
  void JoinBytes(std::string_view bytes, GrowingArray<int32_t>& symbols) const;
  // Once filled: `ids`, all distinct, are the symbols of the 256 bytes, and each result stands for
  // the bytes of the two that it joins.
  void IndexBytes(const std::array<int32_t, 256>& ids);
  void JoinNaively(std::vector<int32_t>& symbols) const;

 private:
  // A slot holds a pair's key and, in its lowest bits, the rank.
  static constexpr uint64_t kEmpty = ~uint64_t{0};
  static constexpr uint64_t kIdMask = (uint64_t{1} << kIdBits) - 1;
  static constexpr int kFewBits = 5;
  static constexpr size_t kFew = 1 << kFewBits;  // to here looking through all pairs beats a heap

  static uint64_t Key(int32_t left, int32_t right) {
    return static_cast<uint64_t>(left) << kIdBits | static_cast<uint64_t>(right);
  }
  // A pair in its place: what counts is the rank, then the place. kNoRank where it does not join.
  static int32_t PairAt(int32_t rank, size_t place) {
    static_assert(kIdBits + kFewBits < 31);
    return rank == kNoRank ? kNoRank : rank << kFewBits | static_cast<int32_t>(place);
  }
  // Joins the symbols from `first` on, at most kFew; pairs[i] is PairAt of the pair i, i + 1.
  void JoinFew(GrowingArray<int32_t>& symbols, size_t first, int32_t (&pairs)[kFew]) const;
  size_t JoinMany(GrowingArray<int32_t>& symbols, size_t first) const;
  // Its upper bits count: multiply-shift, where whoever chooses the pairs does not choose the
  // factor (Dietzfelbinger, Hagerup, Katajainen and Penttonen 1997, doi:10.1006/jagm.1997.0873).
  uint64_t Hash(uint64_t key) const { return key * factor_; }
  size_t Home(uint64_t key) const { return static_cast<size_t>(Hash(key) >> shift_); }

  std::vector<CharacterSymbols::Merge> Merges() const;
  // What a pair of this rank becomes.
  int32_t ResultOf(int32_t rank) const {
    return results_.empty() ? rank : results_[static_cast<size_t>(rank)];
  }

  std::vector<uint64_t> slots_;
  HashFilter filter_;
  std::vector<int32_t> results_;  // by rank; empty where the ranks are the results themselves
  std::array<int32_t, 256> byte_ids_{};
  std::vector<int32_t> byte_ranks_;  // of pairs of bytes
  CharacterSymbols characters_;
  uint64_t factor_ = 1;  // odd
  int shift_ = 63;
};

}  // namespace reprise
