// The ids of words that were encoded before. It has a fixed size and changes no result.
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

// Words of at most 8 kParts - 1 bytes and their ids, at most kMostIds, in 2^kBits slots of kBytes.
// A word has two slots to be in; a new one takes the place of the older.
template <size_t kParts, size_t kBytes, int kBits>
class WordTable {
 public:
  using Key = WordKey<kParts>;
  static constexpr size_t kMostIds = (kBytes - sizeof(Key)) / 3;

  // Takes memory; where there is none, has_memory() says so, and nothing else may be called.
  WordTable() : slots_(new(std::nothrow) Slot[size_t{1} << kBits]) {}
  bool has_memory() const { return slots_ != nullptr; }

  // Appends the ids of a word; false where it is not there.
  bool Append(const Key& key, std::vector<int32_t>& ids) const {
    const Slot* home = &slots_[Home(key)];
    for (const Slot* slot = home; slot < home + 2; ++slot) {
      if (!(slot->key == key)) continue;
      const size_t count = slot->count();
      ids.push_back(slot->id(0));
      for (size_t i = 1; i < count; ++i) ids.push_back(slot->id(i));
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
    PrefetchMemory(&slots_[Home(key)]);
#endif
  }

  // Keeps the ids of a word that is not there; none and many are not kept.
  void Keep(const Key& key, std::span<const int32_t> ids) {
    if (ids.empty() || ids.size() > kMostIds) return;
    Slot* home = &slots_[Home(key)];
    home[1] = home[0];
    home->key = key;
    home->Keep(ids);
  }

 private:
  // An id takes three bytes; the last byte says how many there are.
  struct alignas(kBytes) Slot {
    Key key = Key::None();
    uint8_t ids[kBytes - sizeof(Key)] = {};

    size_t count() const { return ids[sizeof(ids) - 1]; }
    int32_t id(size_t i) const {
      static_assert(Vocabulary::kMaxTokens <= 1 << 24);
      static_assert(sizeof(ids) == 3 * kMostIds + 1);  // so that four bytes can be read
      uint32_t bytes;
      std::memcpy(&bytes, ids + 3 * i, 4);
      return static_cast<int32_t>(bytes & 0xFFFFFF);
    }
    void Keep(std::span<const int32_t> kept) {
      for (size_t i = 0; i < kept.size(); ++i) std::memcpy(ids + 3 * i, &kept[i], 3);
      ids[sizeof(ids) - 1] = static_cast<uint8_t>(kept.size());
    }
  };
  static_assert(sizeof(Slot) == kBytes && std::endian::native == std::endian::little);

  static size_t Home(const Key& key) {
    return static_cast<size_t>(key.Hash() >> (64 - kBits)) & ~size_t{1};
  }

  std::unique_ptr<Slot[]> slots_;
  uint64_t touched_ = 0;
};

// 6 MiB. Of one thread at a time.
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
    ShortKey ahead[kAhead] = {};
    const auto look_ahead = [&](size_t i) {
      const size_t size = words[i].end - words[i].start;
      if (size > ShortKey::kMost) return;
      ahead[i % kAhead] = ShortKey::Of(text, words[i].start, size);
      short_.Prefetch(ahead[i % kAhead]);
    };
    for (size_t i = 0; i < std::min(kAhead, words.size()); ++i) look_ahead(i);
    for (size_t i = 0; i < words.size(); ++i) {
      const ShortKey key = ahead[i % kAhead];
      const std::string_view word = text.substr(words[i].start, words[i].end - words[i].start);
      if (i + kAhead < words.size()) look_ahead(i + kAhead);
      if (word.size() <= ShortKey::kMost && short_.Append(key, ids)) continue;
      if (auto status = AppendLong(text, word, key, ids, encode); !status) return status;
    }
    return decltype(encode(text))();
  }

 private:
  WordCache() = default;

  using ShortKey = WordKey<2>;
  using LongKey = WordKey<5>;

  // A word that is not among the short ones; `short_key` is its key where it could be.
  template <typename Encode>
  auto AppendLong(std::string_view text, std::string_view word, const ShortKey& short_key,
                  std::vector<int32_t>& ids, const Encode& encode) {
    if (word.size() > LongKey::kMost) return encode(word);
    const auto start = static_cast<size_t>(word.data() - text.data());
    const LongKey key = LongKey::Of(text, start, word.size());
    if (long_.Append(key, ids)) return decltype(encode(word))();
    const size_t first = ids.size();
    auto status = encode(word);
    if (!status) return status;
    const auto added = std::span(ids).subspan(first);
    if (word.size() <= ShortKey::kMost && added.size() <= short_.kMostIds) {
      short_.Keep(short_key, added);
    } else {
      long_.Keep(key, added);
    }
    return status;
  }

  WordTable<2, 32, 17> short_;
  WordTable<5, 128, 14> long_;
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
