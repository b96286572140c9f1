#include "tokenizer/merge_table.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "base/status.h"

namespace reprise {

void MergeTable::Reserve(size_t count) {
  size_t capacity = 2;
  shift_ = 63;
  while (capacity < 2 * count) {
    capacity *= 2;
    --shift_;
  }
  slots_.assign(capacity, Slot{kEmpty, {}});
}

void MergeTable::Set(int32_t left, int32_t right, Merge merge) {
  const uint64_t key = Key(left, right);
  size_t at = Home(key);
  while (slots_[at].key != kEmpty && slots_[at].key != key) at = (at + 1) % slots_.size();
  slots_[at] = {key, merge};
}

const MergeTable::Merge* MergeTable::Find(int32_t left, int32_t right) const {
  const uint64_t key = Key(left, right);
  for (size_t at = Home(key); slots_[at].key != kEmpty; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].key == key) return &slots_[at].merge;
  }
  return nullptr;
}

void MergeTable::JoinNaively(std::vector<int32_t>& symbols) const {
  while (true) {
    const Merge* best = nullptr;
    size_t best_at = 0;
    for (size_t at = 0; at + 1 < symbols.size(); ++at) {
      const Merge* merge = Find(symbols[at], symbols[at + 1]);
      if (merge != nullptr && (best == nullptr || merge->rank < best->rank)) {
        best = merge;
        best_at = at;
      }
    }
    if (best == nullptr) return;
    symbols[best_at] = best->result;
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best_at) + 1);
  }
}

void MergeTable::Join(std::vector<int32_t>& symbols) const {
  constexpr size_t kShort = 24;  // below it the scan costs less than the heap
  if (symbols.size() <= kShort) return JoinNaively(symbols);
  REPRISE_CHECK(symbols.size() < std::numeric_limits<int32_t>::max(), "too long a word");

  // Symbols stay in place; links skip those that were joined to their left neighbour. The heap
  // holds rank and position of each pair that joins, so its order is the order of joining. An entry
  // is stale where the pair at its position changed: a changed pair covers more text, so it has
  // another rank.
  constexpr int32_t kNone = -1;
  const auto count = static_cast<int32_t>(symbols.size());
  std::vector<int32_t> next(symbols.size());
  std::vector<int32_t> previous(symbols.size());
  std::vector<uint64_t> heap;
  const auto push_pair = [&](int32_t at) {
    const Merge* merge = Find(symbols[at], symbols[next[at]]);
    if (merge == nullptr) return;
    heap.push_back(static_cast<uint64_t>(merge->rank) << 32 | static_cast<uint32_t>(at));
    std::push_heap(heap.begin(), heap.end(), std::greater<>());
  };
  for (int32_t at = 0; at < count; ++at) {
    previous[at] = at - 1;
    next[at] = at + 1 < count ? at + 1 : kNone;
    if (next[at] != kNone) push_pair(at);
  }
  constexpr int32_t kJoined = -1;
  while (!heap.empty()) {
    const uint64_t entry = heap.front();
    std::pop_heap(heap.begin(), heap.end(), std::greater<>());
    heap.pop_back();
    const auto at = static_cast<int32_t>(entry & 0xFFFFFFFFu);
    if (symbols[at] == kJoined || next[at] == kNone) continue;
    const int32_t right = next[at];
    const Merge* merge = Find(symbols[at], symbols[right]);
    if (merge == nullptr || merge->rank != entry >> 32) continue;
    symbols[at] = merge->result;
    symbols[right] = kJoined;
    next[at] = next[right];
    if (next[at] != kNone) {
      previous[next[at]] = at;
      push_pair(at);
    }
    if (previous[at] != kNone) push_pair(previous[at]);
  }
  std::erase(symbols, kJoined);
}

}  // namespace reprise
