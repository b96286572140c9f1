// The ids of words that were encoded before. It grows with what it keeps, up to a bound, and
// changes no result.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_hash.h"
#include "base/growing_array.h"
#include "tokenizer/word_key.h"

namespace reprise {

// Words and their ids, a record each, one behind the other in up to 8 MiB: the words that a text
// has first, which are its most frequent ones, lie together.
class WordRecords {
 public:
  // Places of records lie below 2^kPlaceBits; at kNoWord stands a record of no bytes.
  static constexpr int kPlaceBits = 23;
  static constexpr uint32_t kNoWord = 0;
  static constexpr size_t kMostBytes = 255;
  static constexpr size_t kMostIds = 255;

  // Its number of bytes and that of ids, a byte each; the bytes; the ids. kBehind more bytes may be
  // read.
  class Record {
   public:
    static constexpr size_t kBehind = 40;

    explicit Record(const char* at) : at_(at) {}
    size_t size() const { return static_cast<unsigned char>(at_[0]); }
    size_t count() const { return static_cast<unsigned char>(at_[1]); }
    const char* bytes() const { return at_ + 2; }
    const char* ids() const { return bytes() + size(); }
    std::string_view word() const { return {bytes(), size()}; }
    const char* end() const { return ids() + count() * sizeof(int32_t); }

   private:
    const char* at_;
  };

  // Where there is no memory, has_memory() says so, and nothing else may be called.
  WordRecords() { Grow(); }
  bool has_memory() const { return records_ != nullptr; }

  Record At(uint32_t place) const { return Record(records_.get() + place); }
  // Calls visit(place) for each record but that of no word.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    const char* const records = records_.get();
    for (size_t at = kFirst; at < used_;) {
      visit(static_cast<uint32_t>(at));
      at = static_cast<size_t>(Record(records + at).end() - records);
    }
  }

  // Adds at most kMostIds ids of at most kMostBytes bytes. kNoWord where there is no room.
  uint32_t Add(std::string_view word, std::span<const int32_t> ids);
  // Whether a record found no room in all the memory that there may be.
  bool is_full() const { return is_full_; }
  void Forget();

 private:
  static constexpr size_t kFirst = 2;  // behind the record of no word
  static constexpr size_t kLeastRoom = size_t{32} << 10, kMostRoom = size_t{1} << kPlaceBits;

  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };

  bool Grow();

  std::unique_ptr<char, Free> records_;
  size_t room_ = 0;  // less Record::kBehind
  size_t used_ = kFirst;
  bool is_full_ = false;
};

// Places of words by the upper bits of their hashes, in buckets of four that are made anew, four
// times as many, when they hold two each, up to 2^kMostBits buckets. Where its bucket is full, a
// new word goes into the one beside it; where that is full too, it takes the place of the oldest in
// its own.
class WordPlaces {
 public:
  // Where there is no memory, has_memory() says so, and nothing else may be called.
  WordPlaces() : buckets_(Make(kLeastBits)) {}
  bool has_memory() const { return buckets_ != nullptr; }

  void Fetch(uint64_t hash) const { PrefetchMemory(&BucketOf(hash)); }
  // Where the word of a hash is, if it is in its own bucket; where two words there have tags like
  // this one's, it is either. kNoWord where no word has.
  uint32_t Find(uint64_t hash) const {
    const uint32_t tag = TagOf(hash);
    const Bucket& bucket = BucketOf(hash);
    // What differs in the tag is more than any place.
    const uint32_t lowest = std::min(std::min(bucket.entries[0] ^ tag, bucket.entries[1] ^ tag),
                                     std::min(bucket.entries[2] ^ tag, bucket.entries[3] ^ tag));
    return lowest < kPlaces ? lowest : WordRecords::kNoWord;
  }
  // The first place in its own bucket for which is_it(place) holds, of those where the word of a
  // hash may be.
  template <typename IsIt>
  uint32_t FindWhere(uint64_t hash, const IsIt& is_it) const {
#if defined(__clang__)
#pragma clang loop unroll(disable)  // of the size that a page loads
#endif
    for (const uint32_t entry : BucketOf(hash).entries) {
      const uint32_t place = entry ^ TagOf(hash);
      if (place < kPlaces && is_it(place)) return place;
    }
    return WordRecords::kNoWord;
  }

  // Whether the word of a hash may be in the bucket beside its own, the one of Beside(hash).
  bool MayBeBeside(uint64_t hash) const { return BucketOf(hash).is_full(); }
  uint64_t Beside(uint64_t hash) const { return hash ^ (uint64_t{1} << (64 - bits_)); }

  void Add(uint64_t hash, uint32_t place) {
    if (MayBeBeside(hash) && !MayBeBeside(Beside(hash))) hash = Beside(hash);
    Bucket& bucket = buckets_[IndexOf(hash)];
    for (size_t i = kEntries - 1; i > 0; --i) bucket.entries[i] = bucket.entries[i - 1];
    bucket.entries[0] = TagOf(hash) | place;
    ++count_;
  }
  bool is_crowded() const { return count_ >= size_t{2} << bits_ && bits_ < kMostBits; }
  // More buckets, all empty; false where there is no memory for them.
  bool Grow();
  void Forget();

 private:
  static constexpr int kLeastBits = 9, kMoreBits = 2, kMostBits = 17;
  static_assert((kMostBits - kLeastBits) % kMoreBits == 0);
  static constexpr size_t kEntries = 4;
  static constexpr uint32_t kPlaces = uint32_t{1} << WordRecords::kPlaceBits;

  // An entry is 0 where it is empty, else a place below a tag: bits of the hash that do not choose
  // the bucket, and one that is always set.
  struct alignas(16) Bucket {
    uint32_t entries[kEntries];

    bool is_full() const { return entries[kEntries - 1] != 0; }
  };
  static uint32_t TagOf(uint64_t hash) {
    constexpr int kTagBits = 30 - WordRecords::kPlaceBits;
    constexpr uint64_t kMask = (uint64_t{1} << kTagBits) - 1;
    const uint64_t bits = (hash >> (64 - kMostBits - kTagBits)) & kMask;
    return uint32_t{1} << 30 | static_cast<uint32_t>(bits << WordRecords::kPlaceBits);
  }
  size_t IndexOf(uint64_t hash) const { return static_cast<size_t>(hash >> (64 - bits_)); }
  const Bucket& BucketOf(uint64_t hash) const { return buckets_[IndexOf(hash)]; }
  struct Free {
    void operator()(Bucket* buckets) const { std::free(buckets); }
  };
  using Buckets = std::unique_ptr<Bucket[], Free>;

  // All empty; null where there is no memory, which `new` would not say, but trap.
  static Buckets Make(int bits) {
    const size_t bytes = sizeof(Bucket) << bits;
    void* const memory = std::aligned_alloc(alignof(Bucket), bytes);
    if (memory != nullptr) std::memset(memory, 0, bytes);
    return Buckets(static_cast<Bucket*>(memory));
  }

  Buckets buckets_;
  int bits_ = kLeastBits;
  size_t count_ = 0;
};

// Of one thread at a time. At most 10 MiB.
class WordCache {
 public:
  // Null where there is not enough memory.
  static std::unique_ptr<WordCache> Create();

  // Appends the ids of words, places (start and end) of a text: those that are kept, or else those
  // that encode(word) appends, which are kept then. `encode` returns a Status; where it fails, so
  // does this. Memory for the ids is watched.
  template <typename Word, typename Encode>
  auto Append(std::string_view text, std::span<const Word> words, GrowingArray<int32_t>& ids,
              const Encode& encode) {
    // Words are looked for some at a time, so that the memory fetches what is known of all together
    // and few words make room for their ids.
    Sought sought[kBatch];
    int32_t found[kBatch * kFewIds];
    while (!words.empty()) {
      const std::span<const Word> batch = words.first(std::min(kBatch, words.size()));
      words = words.subspan(batch.size());
      for (size_t i = 0; i < batch.size(); ++i) {
        sought[i] = Sought::Of(text, batch[i].start, batch[i].end - batch[i].start);
        places_.Fetch(sought[i].hash);
      }
      FindPlaces({sought, batch.size()});
      size_t count = 0;
      for (size_t i = 0; i < batch.size(); ++i) {
        const size_t size = batch[i].end - batch[i].start;
        const WordRecords::Record record = records_.At(sought[i].place);
        if (IsFew(record, sought[i].key, size)) {
          std::memcpy(found + count, record.bytes() + size, kFewIds * sizeof(int32_t));
          count += record.count();
          continue;
        }
        AppendFound(found, count, ids);
        const std::string_view word = text.substr(batch[i].start, size);
        const uint64_t hash = sought[i].hash;
        if (AppendKept(word, hash, ids)) continue;
        if (places_.MayBeBeside(hash) && AppendKept(word, places_.Beside(hash), ids)) continue;
        const size_t first = ids.size();
        if (auto status = encode(word); !status) return status;
        if (!MemoryWatch::Lacks()) Keep(word, hash, std::span(ids).subspan(first));
      }
      AppendFound(found, count, ids);
      if (records_.is_full()) Forget();
    }
    return decltype(encode(text))();
  }

 private:
  WordCache() = default;

  using ShortKey = WordKey<2>;

  static constexpr size_t kBatch = 64;
  static constexpr size_t kFewIds = 4;
  static_assert(WordRecords::Record::kBehind >= 2 + ShortKey::kMost + kFewIds * sizeof(int32_t));

  // A word before it is found.
  struct Sought {
    ShortKey key;  // not set where the word is longer than ShortKey::kMost
    uint64_t hash;
    uint32_t place;

    static Sought Of(std::string_view text, size_t start, size_t size) {
      Sought sought;
      if (size <= ShortKey::kMost) {
        sought.key = ShortKey::Of(text, start, size);
        sought.hash = sought.key.Hash();
      } else {
        sought.hash = LongHash(text.substr(start, size));
      }
      return sought;
    }
  };
  static uint64_t HashOf(const WordRecords::Record& record) {
    if (record.size() > ShortKey::kMost) return LongHash(record.word());
    return ShortKey::OfReadable(record.bytes(), record.size()).Hash();
  }

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

  // Has the memory fetch what the words may be. WebAssembly can only read it: reads that wait for
  // nothing, one right behind the other, so that the processor has many under way at once.
  void FindPlaces(std::span<Sought> words) {
    [[maybe_unused]] size_t touched = 0;
    for (Sought& word : words) {
      word.place = places_.Find(word.hash);
      const WordRecords::Record record = records_.At(word.place);
#if defined(__wasm__)
      touched ^= record.size();
#else
      PrefetchMemory(record.bytes());
#endif
    }
    touched_ ^= touched;
  }

  // Whether this is the record of a short word of few ids.
  static bool IsFew(const WordRecords::Record& record, const ShortKey& key, size_t size) {
    return size <= ShortKey::kMost && record.size() == size && record.count() <= kFewIds &&
           ShortKey::OfReadable(record.bytes(), size) == key;
  }

  // Appends what is kept of a word in the bucket of a hash; false where that is nothing.
  bool AppendKept(std::string_view word, uint64_t hash, GrowingArray<int32_t>& ids) const;
  // Appends so many ids and sets their number to 0.
  static void AppendFound(const int32_t* found, size_t& count, GrowingArray<int32_t>& ids);
  void Keep(std::string_view word, uint64_t hash, std::span<const int32_t> ids);
  // Of all records, once there are more buckets.
  void AddPlaces();
  void Forget();

  WordRecords records_;
  WordPlaces places_;
  size_t touched_ = 0;  // what reading ahead reads
};

// WordCache::Append, or without a cache: every word is encoded anew.
template <typename Word, typename Encode>
auto AppendWords(WordCache* cache, std::string_view text, std::span<const Word> words,
                 GrowingArray<int32_t>& ids, const Encode& encode) {
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
