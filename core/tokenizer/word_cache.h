// The ids of words that were encoded before. It grows with what it keeps, up to a bound, and
// changes no result.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_hash.h"
#include "tokenizer/vocabulary.h"
#include "tokenizer/word_key.h"

namespace reprise {

// Lists of ids, each behind the bytes that it was added with, one behind the other in up to 4 MiB.
// When these are full, all are forgotten.
class IdStore {
 public:
  // Where a list is, as long as the generation is the same.
  struct Place {
    uint32_t start = 0;
    uint32_t generation = 0;
  };
  static constexpr size_t kMostBytes = 255;
  static constexpr size_t kMostIds = 255;

  // Adds at most kMostIds ids behind at most kMostBytes bytes. False where there is no memory.
  bool Add(std::string_view bytes, std::span<const int32_t> ids, Place& place);
  bool Has(const Place& place) const { return place.generation == generation_; }
  // Of a place that is there.
  std::string_view Bytes(const Place& place) const {
    const char* const record = records_.get() + place.start;
    return {record + 2, static_cast<unsigned char>(record[0])};
  }
  void Append(const Place& place, std::vector<int32_t>& ids) const;

 private:
  static constexpr size_t kLeast = size_t{64} << 10, kMost = size_t{4} << 20;

  bool MakeRoom(size_t size);

  // A record: the number of bytes and that of ids, a byte each; the bytes; the ids.
  std::unique_ptr<char[]> records_;
  size_t room_ = 0;
  size_t used_ = 0;
  uint32_t generation_ = 1;
};

// Words by the upper bits of their hashes, in slots that are made anew, four times as many, when
// most are taken, up to a number. A word has two slots to be in; a new one takes the place of the
// older. A slot that is all zeros is empty; `HashOf(slot)` gives the hash of another.
template <typename Slot, int kLeastBits, int kMostBits>
class WordSlots {
 public:
  // Where there is no memory, has_memory() says so, and nothing else may be called.
  WordSlots() : slots_(Make(kLeastBits)) {}
  bool has_memory() const { return slots_ != nullptr; }

  // The first of the two slots.
  Slot* Home(uint64_t hash) const {
    return &slots_[static_cast<size_t>(hash >> (64 - bits_)) & ~size_t{1}];
  }
  // For a word that is not there.
  void Add(uint64_t hash, const Slot& slot) {
    if (added_ >= (size_t{3} << bits_) / 4 && bits_ < kMostBits) Grow();
    ++added_;
    Insert(hash, slot);
  }

 private:
  static std::unique_ptr<Slot[]> Make(int bits) {
    return std::unique_ptr<Slot[]>(new (std::nothrow) Slot[size_t{1} << bits]());
  }
  void Insert(uint64_t hash, const Slot& slot) {
    Slot* const home = Home(hash);
    home[1] = home[0];
    home[0] = slot;
  }
  void Grow() {
    constexpr int kMoreBits = 2;
    static_assert((kMostBits - kLeastBits) % kMoreBits == 0);
    std::unique_ptr<Slot[]> before = Make(bits_ + kMoreBits);
    if (before == nullptr) return;
    std::swap(slots_, before);
    bits_ += kMoreBits;
    // The older of two comes first.
    for (size_t i = 0; i < size_t{1} << (bits_ - kMoreBits); ++i) {
      const Slot& slot = before[i ^ 1];
      if (!slot.is_empty()) Insert(slot.Hash(), slot);
    }
  }

  int bits_ = kLeastBits;
  size_t added_ = 0;
  std::unique_ptr<Slot[]> slots_;
};

// Of one thread at a time. At most 13 MiB.
class WordCache {
 public:
  // Null where there is not enough memory.
  static std::unique_ptr<WordCache> Create();

  // Appends the ids of words, places (start and end) of a text: those that are kept, or else those
  // that encode(word) appends, which are kept then. `encode` returns a Status; where it fails, so
  // does this.
  template <typename Word, typename Encode>
  auto Append(std::string_view text, std::span<const Word> words, std::vector<int32_t>& ids,
              const Encode& encode) {
    // The keys of the next words are made ahead, so that the memory can fetch their slots.
    constexpr size_t kAhead = 8;
    Ahead ahead[kAhead] = {};
    // Ids on their way, so that few words at a time make room for theirs.
    constexpr size_t kPending = 256;
    int32_t pending[kPending + ShortSlot::kMostIds];
    size_t count = 0;
    const auto flush = [&] { ids.insert(ids.end(), pending, pending + std::exchange(count, 0)); };
    for (size_t next = 0; next < words.size() + kAhead; ++next) {
      const Ahead now = ahead[next % kAhead];
      if (next < words.size()) {
        LookAhead(text, words[next].start, words[next].end, ahead[next % kAhead]);
      }
      if (next < kAhead) continue;
      const ShortSlot* const slot = now.is_short ? FindShort(now) : nullptr;
      if (slot != nullptr && slot->has_ids()) {
        count += slot->CopyIds(pending + count);
        if (count >= kPending) flush();
        continue;
      }
      flush();
      if (slot != nullptr && store_.Has(slot->place())) {
        store_.Append(slot->place(), ids);
        continue;
      }
      const Word& place = words[next - kAhead];
      const std::string_view word = text.substr(place.start, place.end - place.start);
      if (auto status = AppendRare(word, now, slot != nullptr, ids, encode); !status) return status;
    }
    flush();
    return decltype(encode(text))();
  }

 private:
  WordCache() = default;

  using ShortKey = WordKey<2>;

  // A short word: of at most ShortKey::kMost bytes.
  struct alignas(32) ShortSlot {
    static constexpr size_t kMostIds = 5;

    ShortKey key;
    // Each id takes three bytes; the last byte says how many there are, or that a place of the
    // store stands here.
    uint8_t ids[16];

    static constexpr uint8_t kPlace = 255;

    bool is_empty() const { return key == ShortKey{}; }
    uint64_t Hash() const { return key.Hash(); }
    bool has_ids() const { return ids[15] != kPlace; }
    // Writes kMostIds ids; how many of them count.
    size_t CopyIds(int32_t* out) const {
      static_assert(Vocabulary::kMaxTokens <= 1 << 24);
      for (size_t i = 0; i < kMostIds; ++i) {
        uint32_t bytes;
        std::memcpy(&bytes, ids + 3 * i, 4);
        out[i] = static_cast<int32_t>(bytes & 0xFFFFFF);
      }
      return ids[15];
    }
    IdStore::Place place() const {
      IdStore::Place place;
      std::memcpy(&place, ids, sizeof(place));
      return place;
    }
  };
  static_assert(sizeof(ShortSlot) == 32 && std::endian::native == std::endian::little);

  // A longer word, which the store has.
  struct LongSlot {
    uint64_t hash;
    IdStore::Place place;

    bool is_empty() const { return place.generation == 0; }
    uint64_t Hash() const { return hash; }
  };

  // What is known of a word before it is looked for.
  struct Ahead {
    bool is_short;
    ShortKey key;  // where it is short
    uint64_t hash;
  };

  void LookAhead(std::string_view text, size_t start, size_t end, Ahead& ahead) {
    ahead.is_short = end - start <= ShortKey::kMost;
    if (ahead.is_short) {
      ahead.key = ShortKey::Of(text, start, end - start);
      ahead.hash = ahead.key.Hash();
      Prefetch(short_.Home(ahead.hash));
    } else {
      ahead.hash = HashBytes(text.substr(start, end - start), HashKey());
      Prefetch(long_.Home(ahead.hash));
    }
  }

  // Has the memory fetch a slot. WebAssembly can only read it, which the processor does while it
  // goes on.
  template <typename Slot>
  void Prefetch(const Slot* slot) {
#if defined(__wasm__)
    uint64_t start;
    std::memcpy(&start, slot, sizeof(start));
    touched_ ^= start;
#else
    PrefetchMemory(slot);
#endif
  }

  ShortSlot* FindShort(const Ahead& word) const {
    ShortSlot* const home = short_.Home(word.hash);
    if (home[0].key == word.key) return &home[0];
    return home[1].key == word.key ? &home[1] : nullptr;
  }

  // A word that is long, or encoded for the first time or for the first time since the store forgot
  // it: `has_slot` says that it has a slot all the same.
  template <typename Encode>
  auto AppendRare(std::string_view word, const Ahead& ahead, bool has_slot,
                  std::vector<int32_t>& ids, const Encode& encode) {
    if (!ahead.is_short && AppendLong(word, ahead.hash, ids)) return decltype(encode(word))();
    const size_t first = ids.size();
    auto status = encode(word);
    if (status) Keep(word, ahead, has_slot, std::span(ids).subspan(first));
    return status;
  }
  bool AppendLong(std::string_view word, uint64_t hash, std::vector<int32_t>& ids) const;
  void Keep(std::string_view word, const Ahead& ahead, bool has_slot, std::span<const int32_t> ids);

  WordSlots<ShortSlot, 12, 18> short_;
  WordSlots<LongSlot, 10, 16> long_;
  IdStore store_;
  [[maybe_unused]] uint64_t touched_ = 0;  // what reading ahead reads
};

// WordCache::Append, or without a cache: every word is encoded anew.
template <typename Word, typename Encode>
auto AppendWords(WordCache* cache, std::string_view text, std::span<const Word> words,
                 std::vector<int32_t>& ids, const Encode& encode) {
  if (cache != nullptr) return cache->Append(text, words, ids, encode);
  for (const Word& word : words) {
    auto status = encode(text.substr(word.start, word.end - word.start));
    if (!status) return status;
  }
  return decltype(encode(text))();
}

// Lends a cache to each thread that encodes, and keeps those that come back: as many as there were
// threads at once. Where there is no memory for one, it lends none.
class WordCaches {
 public:
  // A cache that is given back at the end of the scope.
  class Loan {
   public:
    explicit Loan(WordCaches& caches) : caches_(caches), cache_(caches.Take()) {}
    ~Loan() { caches_.GiveBack(std::move(cache_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    // May be null.
    WordCache* get() { return cache_.get(); }

   private:
    WordCaches& caches_;
    std::unique_ptr<WordCache> cache_;
  };

 private:
  std::unique_ptr<WordCache> Take();
  void GiveBack(std::unique_ptr<WordCache> cache);

  std::mutex mutex_;
  std::vector<std::unique_ptr<WordCache>> idle_;
};

}  // namespace reprise
