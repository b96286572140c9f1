// The ids of words that were encoded before. It has a fixed size and changes no result.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/word_key.h"

namespace reprise {

// Words of at most 8 kParts - 1 bytes and their ids, at most kIds, in 2^kBits slots. A word has two
// slots to be in; a new one takes the place of the older.
template <size_t kParts, size_t kIds, int kBits>
class WordTable {
 public:
  using Key = WordKey<kParts>;
  static constexpr size_t kMostIds = kIds;

  WordTable() : slots_(size_t{1} << kBits) {}

  // Appends the ids of a word; false where it is not there.
  bool Append(const Key& key, std::vector<int32_t>& ids) const {
    const Slot* home = &slots_[Home(key)];
    for (const Slot* slot = home; slot < home + 2; ++slot) {
      if (!(slot->key == key)) continue;
      ids.push_back(slot->ids[0]);
      for (uint32_t i = 1; i < slot->id_count; ++i) ids.push_back(slot->ids[i]);
      return true;
    }
    return false;
  }

  // Has the memory fetch what Append will look at. WebAssembly can only read it, which the
  // processor does while it goes on.
  void Prefetch(const Key& key) {
#if defined(__wasm__)
    touched_ ^= slots_[Home(key)].key.parts[0];
#else
    __builtin_prefetch(&slots_[Home(key)]);
#endif
  }

  // Keeps the ids of a word that is not there; none and many are not kept.
  void Keep(const Key& key, std::span<const int32_t> ids) {
    if (ids.empty() || ids.size() > kIds) return;
    Slot* home = &slots_[Home(key)];
    home[1] = home[0];
    home->key = key;
    home->id_count = static_cast<uint32_t>(ids.size());
    std::copy(ids.begin(), ids.end(), home->ids);
  }

 private:
  // An empty slot has the key of no word: that of size 0.
  struct alignas(8 * kParts + 4 * (kIds + 1)) Slot {
    Key key{};
    uint32_t id_count = 0;
    int32_t ids[kIds] = {};
  };

  static size_t Home(const Key& key) {
    return static_cast<size_t>(key.Hash() >> (64 - kBits)) & ~size_t{1};
  }

  std::vector<Slot> slots_;
  uint64_t touched_ = 0;
};

// 2.5 MiB. Of one thread at a time.
class WordCache {
 public:
  // Has the memory fetch what Append will look at.
  void Prefetch(std::string_view text, size_t start, size_t size) {
    if (size <= WordKey<2>::kMost) short_.Prefetch(WordKey<2>::Of(text, start, size));
  }

  // Appends the ids of the word text[start, start + size): those that are kept, or else those that
  // encode() appends, which are kept then. `encode` returns a Status.
  template <typename Encode>
  auto Append(std::string_view text, size_t start, size_t size, std::vector<int32_t>& ids,
              const Encode& encode) {
    using ShortKey = WordKey<2>;
    using LongKey = WordKey<5>;
    if (size > LongKey::kMost) return encode();
    if (size <= ShortKey::kMost && short_.Append(ShortKey::Of(text, start, size), ids)) {
      return decltype(encode())();
    }
    const LongKey key = LongKey::Of(text, start, size);
    if (long_.Append(key, ids)) return decltype(encode())();
    const size_t first = ids.size();
    auto status = encode();
    if (!status) return status;
    const auto added = std::span(ids).subspan(first);
    if (size <= ShortKey::kMost && added.size() <= short_.kMostIds) {
      short_.Keep(ShortKey::Of(text, start, size), added);
    } else {
      long_.Keep(key, added);
    }
    return status;
  }

 private:
  WordTable<2, 3, 16> short_;
  WordTable<5, 5, 13> long_;
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
