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

namespace {

constexpr size_t kFew = 32;  // up to here looking through all pairs costs less than a heap

// What waits to be joined: rank and position of each pair, lowest first. Pairs that come in order
// before the first is taken, as most do, cost a comparison each; the others pass through a heap.
class PairQueue {
 public:
  explicit PairQueue(size_t most) { first_.reserve(most); }

  void PushFirst(uint64_t pair) {
    is_sorted_ &= first_.empty() || first_.back() < pair;
    first_.push_back(pair);
  }
  void Sort() {
    if (!is_sorted_) std::sort(first_.begin(), first_.end());
  }
  void Push(uint64_t pair) {
    heap_.push_back(pair);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
  bool empty() const { return taken_ == first_.size() && heap_.empty(); }
  uint64_t Pop() {
    const bool takes_first =
        taken_ < first_.size() && (heap_.empty() || first_[taken_] < heap_.front());
    if (takes_first) return first_[taken_++];
    const uint64_t pair = heap_.front();
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    heap_.pop_back();
    return pair;
  }

 private:
  std::vector<uint64_t> first_;
  size_t taken_ = 0;
  bool is_sorted_ = true;
  std::vector<uint64_t> heap_;
};

}  // namespace

void MergeTable::Join(std::vector<int32_t>& symbols, size_t first) const {
  if (symbols.size() - first <= kFew) {
    JoinFew(symbols, first);
  } else {
    JoinMany(symbols, first);
  }
}

void MergeTable::JoinFew(std::vector<int32_t>& symbols, size_t first) const {
  int32_t* const symbol = symbols.data() + first;
  size_t count = symbols.size() - first;
  Merge pairs[kFew];  // of symbol i and the one behind it
  const auto look_up = [&](size_t at) {
    const Merge* merge = Find(symbol[at], symbol[at + 1]);
    pairs[at] = merge != nullptr ? *merge : Merge{kNoRank, 0};
  };
  for (size_t at = 0; at + 1 < count; ++at) look_up(at);
  while (count > 1) {
    size_t best = 0;
    for (size_t at = 1; at + 1 < count; ++at) {
      if (pairs[at].rank < pairs[best].rank) best = at;
    }
    if (pairs[best].rank == kNoRank) break;
    symbol[best] = pairs[best].result;
    --count;
    for (size_t at = best + 1; at < count; ++at) symbol[at] = symbol[at + 1];
    for (size_t at = best + 1; at + 1 < count; ++at) pairs[at] = pairs[at + 1];
    if (best + 1 < count) look_up(best);
    if (best > 0) look_up(best - 1);
  }
  symbols.resize(first + count);
}

void MergeTable::JoinMany(std::vector<int32_t>& symbols, size_t first) const {
  const auto count = static_cast<int32_t>(symbols.size() - first);
  REPRISE_CHECK(symbols.size() < std::numeric_limits<int32_t>::max(), "too long a word");
  int32_t* const symbol = symbols.data() + first;

  // Symbols stay in place; links skip those that were joined to their left neighbour. An entry of
  // the queue is stale where the pair at its position changed: a changed pair covers more text, so
  // it has another rank.
  constexpr int32_t kNone = -1;
  struct Links {
    int32_t previous;
    int32_t next;
  };
  std::vector<Links> links(static_cast<size_t>(count));
  PairQueue queue(static_cast<size_t>(count));
  const auto pair_at = [&](int32_t at, const Merge& merge) {
    return static_cast<uint64_t>(merge.rank) << 32 | static_cast<uint32_t>(at);
  };
  for (int32_t at = 0; at < count; ++at) {
    links[at] = {at - 1, at + 1 < count ? at + 1 : kNone};
    if (at + 1 == count) break;
    const Merge* merge = Find(symbol[at], symbol[at + 1]);
    if (merge != nullptr) queue.PushFirst(pair_at(at, *merge));
  }
  queue.Sort();
  const auto push = [&](int32_t at) {
    const Merge* merge = Find(symbol[at], symbol[links[at].next]);
    if (merge != nullptr) queue.Push(pair_at(at, *merge));
  };
  constexpr int32_t kJoined = -1;
  while (!queue.empty()) {
    const uint64_t pair = queue.Pop();
    const auto at = static_cast<int32_t>(pair & 0xFFFFFFFFu);
    if (symbol[at] == kJoined || links[at].next == kNone) continue;
    const int32_t right = links[at].next;
    const Merge* merge = Find(symbol[at], symbol[right]);
    if (merge == nullptr || merge->rank != pair >> 32) continue;
    symbol[at] = merge->result;
    symbol[right] = kJoined;
    links[at].next = links[right].next;
    if (links[at].next != kNone) {
      links[links[at].next].previous = at;
      push(at);
    }
    if (links[at].previous != kNone) push(links[at].previous);
  }
  symbols.erase(
      std::remove(symbols.begin() + static_cast<std::ptrdiff_t>(first), symbols.end(), kJoined),
      symbols.end());
}

}  // namespace reprise
