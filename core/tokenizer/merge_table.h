// The merges of a BPE model: which pairs of tokens join, in what order, into which token; and the
// joining itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace reprise {

// A hash table from a pair of ids to rank and result, with open addressing. Immutable once filled;
// threads may share one.
class MergeTable {
 public:
  struct Merge {
    uint32_t rank;   // lower joins first
    int32_t result;  // the id of the joined token
  };

  // Makes room for `count` merges and forgets those held.
  void Reserve(size_t count);
  // A pair that is there already gets the new rank and result. At most `count` distinct pairs.
  void Set(int32_t left, int32_t right, Merge merge);
  // The merge of a pair, or nullptr.
  const Merge* Find(int32_t left, int32_t right) const;

  // Joins pairs of neighbours from symbols[first] on until none is left that joins: always one of
  // the lowest rank, the leftmost of these. In n log n time. The naive form, quadratic in the
  // length, is the oracle of the other one.
  void Join(std::vector<int32_t>& symbols, size_t first = 0) const;
  void JoinNaively(std::vector<int32_t>& symbols) const;

 private:
  struct Slot {
    uint64_t key;
    Merge merge;
  };
  static constexpr uint32_t kNoRank = ~uint32_t{0};  // of a pair that does not join
  static constexpr uint64_t kEmpty = ~uint64_t{0};   // ids are not negative, so no pair's key

  static uint64_t Key(int32_t left, int32_t right) {
    return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
  }
  void JoinFew(std::vector<int32_t>& symbols, size_t first) const;
  void JoinMany(std::vector<int32_t>& symbols, size_t first) const;
  size_t Home(uint64_t key) const { return (key * 0x9E3779B97F4A7C15u) >> shift_; }

  std::vector<Slot> slots_;
  int shift_ = 63;
};

}  // namespace reprise
