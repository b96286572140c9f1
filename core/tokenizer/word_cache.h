// The ids of words that were encoded before. It has a fixed size and changes no result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "tokenizer/word_key.h"

namespace reprise {

// Ids of words of at most WordKey::kMost bytes and kMostIds ids, 1 MiB in all. Of one thread at a
// time.
class WordCache {
 public:
  static constexpr size_t kMostIds = 8;

  WordCache() : slots_(size_t{1} << kSlotBits) {}

  // Appends the ids of a word; false where it is not there.
  bool Append(const WordKey& key, std::vector<int32_t>& ids) const {
    const size_t home = Home(key);
    for (size_t way = 0; way < kWays; ++way) {
      const Slot& slot = slots_[home + way];
      if (!(slot.key == key)) continue;
      for (uint32_t i = 0; i < slot.id_count; ++i) ids.push_back(slot.ids[i]);
      return true;
    }
    return false;
  }

  // Keeps the ids of a word that is not there, in the place of an older one.
  void Keep(const WordKey& key, std::span<const int32_t> ids);

 private:
  static constexpr int kSlotBits = 14;
  static constexpr size_t kWays = 2;

  // Of the size of a line of the cache. An empty slot has the key of no word: size 0.
  struct alignas(64) Slot {
    WordKey key{};
    uint32_t id_count = 0;
    int32_t ids[kMostIds] = {};
  };

  static size_t Home(const WordKey& key) {
    return static_cast<size_t>(key.Hash() >> (64 - kSlotBits)) & ~(kWays - 1);
  }

  std::vector<Slot> slots_;
};

// Lends a cache to each thread that encodes, and keeps those that come back: as many as there were
// threads at once.
class WordCaches {
 public:
  // A cache that is given back at the end of the scope.
  class Loan {
   public:
    explicit Loan(WordCaches& caches) : caches_(caches), cache_(caches.Take()) {}
    ~Loan() { caches_.GiveBack(std::move(cache_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    WordCache& operator*() { return *cache_; }

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
