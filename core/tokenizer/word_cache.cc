#include "tokenizer/word_cache.h"

#include <algorithm>
#include <utility>

namespace reprise {

void WordCache::Keep(const WordKey& key, std::span<const int32_t> ids) {
  if (ids.size() > kMostIds) return;
  Slot* home = &slots_[Home(key)];
  std::move_backward(home, home + kWays - 1, home + kWays);
  home->key = key;
  home->id_count = static_cast<uint32_t>(ids.size());
  std::copy(ids.begin(), ids.end(), home->ids);
}

std::unique_ptr<WordCache> WordCaches::Take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<WordCache>();
  std::unique_ptr<WordCache> cache = std::move(idle_.back());
  idle_.pop_back();
  return cache;
}

void WordCaches::GiveBack(std::unique_ptr<WordCache> cache) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(cache));
}

}  // namespace reprise
