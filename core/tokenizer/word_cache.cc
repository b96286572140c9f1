#include "tokenizer/word_cache.h"

#include <new>
#include <utility>

namespace reprise {

std::unique_ptr<WordCache> WordCache::Create() {
  std::unique_ptr<WordCache> cache(new (std::nothrow) WordCache());
  if (cache == nullptr || !cache->short_.has_memory() || !cache->long_.has_memory()) return nullptr;
  return cache;
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
