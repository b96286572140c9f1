#include "tokenizer/merge_table.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/small_code.h"
#include "base/sort.h"
#include "base/status.h"

namespace reprise {

REPRISE_SMALL void MergeTable::Reserve(size_t count, const HashKey& key) {
  factor_ = key.first | 1;
  size_t capacity = 2;
  shift_ = 63;
  while (capacity < 2 * count) {
    capacity *= 2;
    --shift_;
  }
  slots_.assign(capacity, kEmpty);
  filter_ = HashFilter(capacity);
  results_.reserve(count);
}

void MergeTable::Set(std::span<const Merge> merges) {
  for (const Merge& merge : merges) PrefetchMemory(&slots_[Home(Key(merge.left, merge.right))]);
  for (const auto& [left, right, rank, result] : merges) {
    const uint64_t key = Key(left, right);
    size_t at = Home(key);
    while (slots_[at] != kEmpty && slots_[at] >> kIdBits != key) {
      at = (at + 1) & (slots_.size() - 1);
    }
    slots_[at] = key << kIdBits | static_cast<uint64_t>(rank);
    filter_.Add(Hash(key));
    const auto place = static_cast<size_t>(rank);
    if (results_.size() <= place) results_.resize(place + 1);
    results_[place] = result;
  }
}

size_t MergeTable::longest_search() const {
  return LongestSearch(slots_.size(), [&](size_t at) { return slots_[at] != kEmpty; });
}

void MergeTable::JoinNaively(std::vector<int32_t>& symbols) const {
  while (true) {
    int32_t best = kNoRank;
    size_t best_at = 0;
    for (size_t at = 0; at + 1 < symbols.size(); ++at) {
      const int32_t rank = RankOf(symbols[at], symbols[at + 1]);
      if (rank >= best) continue;
      best = rank;
      best_at = at;
    }
    if (best == kNoRank) return;
    symbols[best_at] = ResultOf(best);
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best_at) + 1);
  }
}

namespace {

// What waits to be joined: rank and position of each pair, lowest first. Most pairs of a long word
// come in a few ascending sequences (those of one rank, from left to right), which cost a few
// comparisons each; what fits none of them passes through a heap.
class PairQueue {
 public:
  // The pairs of a word before any is joined.
  explicit PairQueue(GrowingArray<uint64_t> pairs) {
    if (!std::is_sorted(pairs.begin(), pairs.end())) {
      GrowingArray<uint64_t> room;
      if (room.Extend(pairs.size()) == nullptr) return;
      Sort(pairs, room);
    }
    sequences_[0].pairs = std::move(pairs);
  }

  // Appends to the sequence whose last pair is the highest below this one.
  void Push(uint64_t pair) {
    Sequence* best = nullptr;
    uint64_t best_last = 0;
    for (Sequence& sequence : sequences_) {
      const uint64_t last = sequence.last();
      if (last > pair || (best != nullptr && last < best_last)) continue;
      best = &sequence;
      best_last = last;
    }
    if (best != nullptr) return best->pairs.push_back(pair);
    heap_.push_back(pair);
    if (!heap_.empty()) std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
  // kEnd where none is left.
  uint64_t Pop() {
    Sequence* lowest = &sequences_[0];
    for (Sequence& sequence : sequences_) {
      if (sequence.first() < lowest->first()) lowest = &sequence;
    }
    if (heap_.empty() || lowest->first() < heap_.front()) return lowest->Pop();
    const uint64_t pair = heap_.front();
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    heap_.pop_back();
    return pair;
  }
  static constexpr uint64_t kEnd = ~uint64_t{0};

 private:
  struct Sequence {
    GrowingArray<uint64_t> pairs;
    size_t taken = 0;

    uint64_t first() const { return taken < pairs.size() ? pairs[taken] : kEnd; }
    uint64_t last() const { return pairs.empty() ? 0 : pairs.back(); }
    uint64_t Pop() {
      const uint64_t pair = first();
      if (++taken >= pairs.size()) {
        pairs.clear();
        taken = 0;
      }
      return pair;
    }
  };

  Sequence sequences_[4];
  GrowingArray<uint64_t> heap_;
};

}  // namespace

size_t MergeTable::Join(GrowingArray<int32_t>& symbols, size_t first) const {
  const size_t count = symbols.size() - first;
  if (count > kFew) return JoinMany(symbols, first);
  int32_t pairs[kFew];
  for (size_t i = 0; i + 1 < count; ++i) {
    pairs[i] = PairAt(RankOf(symbols[first + i], symbols[first + i + 1]), i);
  }
  JoinFew(symbols, first, pairs);
  return count;
}

// The merges in the order of their ranks.
REPRISE_SMALL std::vector<CharacterSymbols::Merge> MergeTable::Merges() const {
  constexpr CharacterSymbols::Merge kNoMerge = {-1, -1, -1};
  std::vector<CharacterSymbols::Merge> merges(results_.size(), kNoMerge);
  for (const uint64_t slot : slots_) {
    if (slot == kEmpty) continue;
    const auto rank = static_cast<size_t>(slot & kIdMask);
    merges[rank] = {static_cast<int32_t>(slot >> 2 * kIdBits),
                    static_cast<int32_t>(slot >> kIdBits & kIdMask), results_[rank]};
  }
  std::erase_if(merges, [](const auto& merge) { return merge.left == kNoMerge.left; });
  return merges;
}

REPRISE_SMALL void MergeTable::IndexBytes(const std::array<int32_t, 256>& ids) {
  const std::vector<CharacterSymbols::Merge> merges = Merges();
  byte_ids_ = ids;
  characters_ = CharacterSymbols(merges, ids);
  // Where results grow with ranks, they are as good as these.
  const auto falls = [](const auto& merge, const auto& next) {
    return next.result <= merge.result;
  };
  if (std::ranges::adjacent_find(merges, falls) == merges.end()) {
    for (uint64_t& slot : slots_) {
      if (slot == kEmpty) continue;
      slot = (slot & ~kIdMask) | static_cast<uint64_t>(results_[slot & kIdMask]);
    }
    results_ = {};
  }
  byte_ranks_.resize(256 * 256);
  for (size_t left = 0; left < 256; ++left) {
    for (size_t right = 0; right < 256; ++right) {
      byte_ranks_[left * 256 + right] = RankOf(ids[left], ids[right]);
    }
  }
}

void MergeTable::JoinBytes(std::string_view bytes, GrowingArray<int32_t>& symbols) const {
  const size_t first = symbols.size();
  const auto byte = [&](size_t i) { return size_t{static_cast<unsigned char>(bytes[i])}; };
  int32_t pairs[kFew];
  size_t count = 0;
  int32_t last = 0;
  bool was_byte = false;
  for (size_t at = 0; at < bytes.size(); ++count) {
    size_t size = 1;
    int32_t symbol = CharacterSymbols::kNone;
    if (byte(at) >= 0x80) symbol = characters_.Find(bytes, at, size);
    const bool is_byte = symbol == CharacterSymbols::kNone;
    if (is_byte) symbol = byte_ids_[byte(at)];
    if (count > 0 && count < kFew) {
      const int32_t rank =
          was_byte && is_byte ? byte_ranks_[byte(at - 1) * 256 + byte(at)] : RankOf(last, symbol);
      pairs[count - 1] = PairAt(rank, count - 1);
    }
    symbols.push_back(symbol);
    last = symbol;
    was_byte = is_byte;
    at += size;
  }
  if (count <= kFew) {
    JoinFew(symbols, first, pairs);
  } else {
    JoinMany(symbols, first);
  }
}

namespace {

// By symbol, its neighbours before any are joined.
template <size_t kCount>
constexpr std::array<uint8_t, kCount> Neighbours(int distance) {
  std::array<uint8_t, kCount> places{};
  for (int i = 0; i < static_cast<int>(kCount); ++i) places[i] = static_cast<uint8_t>(i + distance);
  return places;
}

// The lowest of some numbers, a multiple of four. Not by vectors: these would wait for numbers that
// were just written one by one.
int32_t Lowest(const int32_t* numbers, size_t count) {
  int32_t lowest = numbers[0], other = lowest;
#if defined(__clang__)
#pragma clang loop vectorize(disable) interleave(disable) unroll(disable)
#endif
  for (size_t i = 0; i < count; i += 4) {
    lowest = std::min(lowest, std::min(numbers[i], numbers[i + 1]));
    other = std::min(other, std::min(numbers[i + 2], numbers[i + 3]));
  }
  return std::min(lowest, other);
}

}  // namespace

// Symbols stay in place; links skip those that were joined to their left neighbour.
void MergeTable::JoinFew(GrowingArray<int32_t>& symbols, size_t first,
                         int32_t (&pairs)[kFew]) const {
  static constexpr auto kNext = Neighbours<kFew>(1), kPrevious = Neighbours<kFew>(-1);
  const size_t count = symbols.size() - first;
  if (count < 2) return;
  int32_t* const symbol = symbols.data() + first;
  size_t end = count - 1;
  do {
    pairs[end] = kNoRank;
  } while (++end % 4 != 0);
  std::array<uint8_t, kFew> next = kNext, previous = kPrevious;
  while (true) {
    const int32_t best = Lowest(pairs, end);
    if (best == kNoRank) break;
    const auto at = static_cast<size_t>(best) % kFew;
    const size_t joined = next[at], behind = next[joined];
    symbol[at] = ResultOf(best >> kFewBits);
    pairs[joined] = kNoRank;
    next[at] = static_cast<uint8_t>(behind);
    pairs[at] = kNoRank;
    if (behind < count) {
      previous[behind] = static_cast<uint8_t>(at);
      pairs[at] = PairAt(RankOf(symbol[at], symbol[behind]), at);
    }
    if (at > 0) {
      const size_t before = previous[at];
      pairs[before] = PairAt(RankOf(symbol[before], symbol[at]), before);
    }
  }
  size_t kept = 0;
  for (size_t i = 0; i < count; i = next[i]) symbol[kept++] = symbol[i];
  symbols.Truncate(first + kept);
}

size_t MergeTable::JoinMany(GrowingArray<int32_t>& symbols, size_t first) const {
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
  GrowingArray<Links> linked;
  Links* const links = linked.Extend(static_cast<size_t>(count));
  GrowingArray<uint64_t> pairs;
  pairs.reserve(static_cast<size_t>(count));
  if (MemoryWatch::Lacks()) return 0;
  const auto pair_at = [&](int32_t at, int32_t rank) {
    return static_cast<uint64_t>(rank) << 32 | static_cast<uint32_t>(at);
  };
  for (int32_t at = 0; at < count; ++at) {
    links[at] = {at - 1, at + 1 < count ? at + 1 : kNone};
    if (at + 1 == count) break;
    const int32_t rank = RankOf(symbol[at], symbol[at + 1]);
    if (rank != kNoRank) pairs.push_back(pair_at(at, rank));
  }
  PairQueue queue(std::move(pairs));
  const auto push = [&](int32_t at) {
    const int32_t rank = RankOf(symbol[at], symbol[links[at].next]);
    if (rank != kNoRank) queue.Push(pair_at(at, rank));
  };
  constexpr int32_t kJoined = -1;
  size_t looked_at = 0;
  for (uint64_t pair = queue.Pop(); pair != PairQueue::kEnd; pair = queue.Pop()) {
    ++looked_at;
    const auto at = static_cast<int32_t>(pair & 0xFFFFFFFFu);
    if (symbol[at] == kJoined || links[at].next == kNone) continue;
    const int32_t right = links[at].next;
    const auto rank = static_cast<int32_t>(pair >> 32);
    if (RankOf(symbol[at], symbol[right]) != rank) continue;
    symbol[at] = ResultOf(rank);
    symbol[right] = kJoined;
    links[at].next = links[right].next;
    if (links[at].next != kNone) {
      links[links[at].next].previous = at;
      push(at);
    }
    if (links[at].previous != kNone) push(links[at].previous);
  }
  int32_t* const end = std::remove(symbol, symbol + count, kJoined);
  symbols.Truncate(first + static_cast<size_t>(end - symbol));
  return looked_at;
}

}  // namespace reprise
