#include "tokenizer/word_cache.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace reprise {

bool IdStore::MakeRoom(size_t size) {
  if (room_ - used_ >= size) return true;
  if (room_ == kMost) {
    used_ = 0;
    ++generation_;
    return true;
  }
  const size_t room = std::max(kLeast, 4 * room_);
  std::unique_ptr<char[]> records(new (std::nothrow) char[room]);
  if (records == nullptr) return false;
  std::copy_n(records_.get(), used_, records.get());
  records_ = std::move(records);
  room_ = room;
  return true;
}

bool IdStore::Add(std::string_view bytes, std::span<const int32_t> ids, Place& place) {
  const size_t size = 2 + bytes.size() + ids.size_bytes();
  if (!MakeRoom(size)) return false;
  char* const record = records_.get() + used_;
  record[0] = static_cast<char>(bytes.size());
  record[1] = static_cast<char>(ids.size());
  std::ranges::copy(bytes, record + 2);
  std::copy_n(reinterpret_cast<const char*>(ids.data()), ids.size_bytes(),
              record + 2 + bytes.size());
  place = {static_cast<uint32_t>(used_), generation_};
  used_ += size;
  return true;
}

void IdStore::Append(const Place& place, std::vector<int32_t>& ids) const {
  const std::string_view bytes = Bytes(place);
  const size_t count = static_cast<unsigned char>(records_[place.start + 1]);
  const size_t first = ids.size();
  ids.resize(first + count);
  std::copy_n(bytes.data() + bytes.size(), count * sizeof(int32_t),
              reinterpret_cast<char*>(ids.data() + first));
}

std::unique_ptr<WordCache> WordCache::Create() {
  std::unique_ptr<WordCache> cache(new (std::nothrow) WordCache());
  if (cache == nullptr || !cache->short_.has_memory() || !cache->long_.has_memory()) return nullptr;
  return cache;
}

void WordCache::AppendFound(const int32_t* found, size_t& count, std::vector<int32_t>& ids) {
  const size_t first = ids.size();
  ids.resize(first + count);
  std::copy_n(found, std::exchange(count, 0), ids.data() + first);
}

bool WordCache::AppendKept(std::string_view word, const Ahead& ahead, const ShortSlot* short_slot,
                           std::vector<int32_t>& ids) const {
  if (ahead.is_short()) {
    if (short_slot == nullptr || !store_.Has(short_slot->place())) return false;
    store_.Append(short_slot->place(), ids);
    return true;
  }
  const LongSlot* const home = long_.Home(ahead.hash);
  for (const LongSlot* slot = home; slot < home + 2; ++slot) {
    if (slot->hash != ahead.hash || !store_.Has(slot->place)) continue;
    if (!EqualBytes(store_.Bytes(slot->place), word)) continue;
    store_.Append(slot->place, ids);
    return true;
  }
  return false;
}

void WordCache::Keep(std::string_view word, const Ahead& ahead, bool has_slot,
                     std::span<const int32_t> ids) {
  if (!ahead.is_short()) {
    LongSlot slot = {.hash = ahead.hash, .place = {}};
    if (word.size() > IdStore::kMostBytes || ids.size() > IdStore::kMostIds) return;
    if (store_.Add(word, ids, slot.place)) long_.Add(slot.hash, slot);
    return;
  }
  ShortSlot slot = {.key = ahead.key, .ids = {}};
  if (ids.size() <= ShortSlot::kMostIds) {
    for (size_t i = 0; i < ids.size(); ++i) std::memcpy(slot.ids + 3 * i, &ids[i], 3);
    slot.ids[15] = static_cast<uint8_t>(ids.size());
  } else {
    IdStore::Place place;
    if (ids.size() > IdStore::kMostIds || !store_.Add({}, ids, place)) return;
    std::memcpy(slot.ids, &place, sizeof(place));
    slot.ids[15] = ShortSlot::kPlace;
  }
  if (has_slot) {
    *FindShort(ahead) = slot;
  } else {
    short_.Add(ahead.hash, slot);
  }
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
