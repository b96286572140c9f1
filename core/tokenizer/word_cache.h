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

// Words by the upper bits of their hashes, in pairs of slots that are made anew, four times as
// many, when most are taken, up to 2^kMostBits pairs. A word is in either slot of its pair; a new
// one takes the place of the older. A slot that is all zeros is empty.
template <typename Slot, int kLeastBits, int kMostBits>
class WordSlots {
 public:
  // Where there is no memory, has_memory() says so, and nothing else may be called.
  WordSlots() : homes_(Make(kLeastBits)) {}
  bool has_memory() const { return homes_ != nullptr; }

  // The first of the two slots.
  Slot* Home(uint64_t hash) const { return homes_[hash >> (64 - bits_)].slots; }
  // For a word that is not there.
  void Add(uint64_t hash, const Slot& slot) {
    if (added_ >= (size_t{3} << bits_) / 2 && bits_ < kMostBits) Grow();
    ++added_;
    Insert(hash, slot);
  }

 private:
  // Aligned, so that no line of memory holds one slot without the other.
  struct alignas(2 * sizeof(Slot)) Two {
    Slot slots[2];
  };
  static std::unique_ptr<Two[]> Make(int bits) {
    return std::unique_ptr<Two[]>(new (std::nothrow) Two[size_t{1} << bits]());
  }
  void Insert(uint64_t hash, const Slot& slot) {
    Slot* const home = Home(hash);
    home[1] = home[0];
    home[0] = slot;
  }
  void Grow() {
    constexpr int kMoreBits = 2;
    static_assert((kMostBits - kLeastBits) % kMoreBits == 0);
    std::unique_ptr<Two[]> before = Make(bits_ + kMoreBits);
    if (before == nullptr) return;
    std::swap(homes_, before);
    bits_ += kMoreBits;
    for (size_t i = 0; i < size_t{1} << (bits_ - kMoreBits); ++i) {
      // The older of two comes first.
      for (const Slot* slot : {&before[i].slots[1], &before[i].slots[0]}) {
        if (!slot->is_empty()) Insert(slot->Hash(), *slot);
      }
    }
  }

  int bits_ = kLeastBits;
  size_t added_ = 0;
  std::unique_ptr<Two[]> homes_;
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
    // Words are looked for some at a time, so that the memory fetches the slots of all together and
    // few words make room for their ids.
    Ahead ahead[kBatch];
    int32_t found[kBatch * ShortSlot::kMostIds];
    while (!words.empty()) {
      const std::span<const Word> batch = words.first(std::min(kBatch, words.size()));
      words = words.subspan(batch.size());
      for (size_t i = 0; i < batch.size(); ++i) {
        LookAhead(text, batch[i].start, batch[i].end, ahead[i]);
      }
      Fetch({ahead, batch.size()});
      size_t count = 0;
      for (size_t i = 0; i < batch.size(); ++i) {
        const ShortSlot* const slot = FindShort(ahead[i]);
        if (slot != nullptr && slot->has_ids()) {
          count += slot->CopyIds(found + count);
          continue;
        }
        AppendFound(found, count, ids);
        const std::string_view word = text.substr(batch[i].start, batch[i].end - batch[i].start);
        if (auto status = AppendRare(word, ahead[i], slot, ids, encode); !status) return status;
      }
      AppendFound(found, count, ids);
    }
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
    ShortKey key;  // that of no word where it is long
    uint64_t hash;

    bool is_short() const { return key != ShortKey::None(); }
  };
  static constexpr size_t kBatch = 64;

  // Of a word of at least eight bytes, eight at a time, of which the last may overlap.
  static uint64_t LongHash(std::string_view word) {
    uint64_t hash = word.size();
    for (size_t at = 0; at < word.size(); at += 8) {
      uint64_t part;
      std::memcpy(&part, word.data() + std::min(at, word.size() - 8), 8);
      hash = (hash ^ part ^ part >> 31) * 0x9E3779B97F4A7C15u;
      hash ^= hash >> 29;
    }
    return hash;
  }

  static void LookAhead(std::string_view text, size_t start, size_t end, Ahead& ahead) {
    if (end - start <= ShortKey::kMost) {
      ahead.key = ShortKey::Of(text, start, end - start);
      ahead.hash = ahead.key.Hash();
    } else {
      ahead.key = ShortKey::None();
      ahead.hash = LongHash(text.substr(start, end - start));
    }
  }

  // Has the memory fetch the slots of words. WebAssembly can only read them: reads that wait for
  // nothing, one right behind the other, so that the processor has many under way at once.
  void Fetch(std::span<const Ahead> words) {
    [[maybe_unused]] uint64_t touched = 0;
    for (const Ahead& word : words) {
      const uint64_t* const slot =
          word.is_short() ? short_.Home(word.hash)->key.parts : &long_.Home(word.hash)->hash;
#if defined(__wasm__)
      touched ^= *slot;
#else
      PrefetchMemory(slot);
#endif
    }
    touched_ ^= touched;
  }

  ShortSlot* FindShort(const Ahead& word) const {
    ShortSlot* const home = short_.Home(word.hash);
    if (home[0].key == word.key) return &home[0];
    return home[1].key == word.key ? &home[1] : nullptr;
  }

  // A word that is long, has many ids, or is encoded for the first time or for the first time since
  // the store forgot it. `slot`, which may be null, is its own.
  template <typename Encode>
  auto AppendRare(std::string_view word, const Ahead& ahead, const ShortSlot* slot,
                  std::vector<int32_t>& ids, const Encode& encode) {
    if (AppendKept(word, ahead, slot, ids)) return decltype(encode(word))();
    const size_t first = ids.size();
    auto status = encode(word);
    if (status) Keep(word, ahead, slot != nullptr, std::span(ids).subspan(first));
    return status;
  }
  // What the store has of such a word; false where that is nothing.
  bool AppendKept(std::string_view word, const Ahead& ahead, const ShortSlot* slot,
                  std::vector<int32_t>& ids) const;
  // Appends so many ids and sets their number to 0.
  static void AppendFound(const int32_t* found, size_t& count, std::vector<int32_t>& ids);
  void Keep(std::string_view word, const Ahead& ahead, bool has_slot, std::span<const int32_t> ids);

  WordSlots<ShortSlot, 11, 17> short_;
  WordSlots<LongSlot, 9, 15> long_;
  IdStore store_;
  uint64_t touched_ = 0;  // what reading ahead reads
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
