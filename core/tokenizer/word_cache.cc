#include "tokenizer/word_cache.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace reprise {

bool WordRecords::Grow() {
  const size_t room = std::max(kLeastRoom, 2 * room_);
  void* const memory = std::realloc(records_.get(), room + Record::kBehind);
  if (memory == nullptr) return false;
  static_cast<void>(records_.release());
  records_.reset(static_cast<char*>(memory));
  if (room_ == 0) std::memset(memory, 0, kFirst);
  room_ = room;
  return true;
}

uint32_t WordRecords::Add(std::string_view word, std::span<const int32_t> ids) {
  const size_t size = kFirst + word.size() + ids.size_bytes();
  if (room_ - used_ < size) {
    is_full_ = room_ == kMostRoom;
    if (is_full_ || !Grow()) return kNoWord;
  }
  const size_t place = used_;
  char* at = records_.get() + place;
  *at++ = static_cast<char>(word.size());
  *at++ = static_cast<char>(ids.size());
  at = std::ranges::copy(word, at).out;
  std::copy_n(reinterpret_cast<const char*>(ids.data()), ids.size_bytes(), at);
  used_ += size;
  return static_cast<uint32_t>(place);
}

void WordRecords::Forget() {
  used_ = kFirst;
  is_full_ = false;
}

bool WordPlaces::Grow() {
  Buckets buckets = Make(bits_ + kMoreBits);
  if (buckets == nullptr) return false;
  buckets_ = std::move(buckets);
  bits_ += kMoreBits;
  count_ = 0;
  return true;
}

void WordPlaces::Forget() {
  std::fill_n(buckets_.get(), size_t{1} << bits_, Bucket{});
  count_ = 0;
}

std::unique_ptr<WordCache> WordCache::Create() {
  std::unique_ptr<WordCache> cache(new WordCache());
  const bool is_whole = cache->records_.has_memory() && cache->places_.has_memory();
  return is_whole ? std::move(cache) : nullptr;
}

void WordCache::AppendFound(const int32_t* found, size_t& count, GrowingArray<int32_t>& ids) {
  ids.Append({found, std::exchange(count, 0)});
}

bool WordCache::AppendKept(std::string_view word, uint64_t hash, GrowingArray<int32_t>& ids) const {
  const uint32_t place = places_.FindWhere(
      hash, [&](uint32_t there) { return EqualBytes(records_.At(there).word(), word); });
  if (place == WordRecords::kNoWord) return false;
  const WordRecords::Record record = records_.At(place);
  if (int32_t* const to = ids.Extend(record.count())) {
    std::memcpy(to, record.ids(), record.count() * sizeof(int32_t));
  }
  return true;
}

void WordCache::Keep(std::string_view word, uint64_t hash, std::span<const int32_t> ids) {
  if (word.size() > WordRecords::kMostBytes || ids.size() > WordRecords::kMostIds) return;
  const uint32_t place = records_.Add(word, ids);
  if (place == WordRecords::kNoWord) return;
  if (places_.is_crowded() && places_.Grow()) return AddPlaces();
  places_.Add(hash, place);
}

void WordCache::AddPlaces() {
  records_.ForEach([&](uint32_t place) { places_.Add(HashOf(records_.At(place)), place); });
}

void WordCache::Forget() {
  records_.Forget();
  places_.Forget();
}

std::unique_ptr<WordCache> WordCaches::Take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return WordCache::Create();
  std::unique_ptr<WordCache> cache = std::move(idle_.back());
  idle_.pop_back();
  return cache;
}

void WordCaches::GiveBack(std::unique_ptr<WordCache> cache) {
  if (cache == nullptr) return;
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(cache));
}

}  // namespace reprise
