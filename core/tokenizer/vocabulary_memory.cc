// What a vocabulary needs to be made and to be listed. It hashes nothing: hashing is for speed.
#include <bit>

#include "tokenizer/vocabulary.h"

namespace reprise {

void Vocabulary::Reserve(size_t limit, size_t count, size_t bytes) {
  bytes_.reserve(bytes);
  texts_.resize(limit);
  // At most two thirds are taken.
  slots_.resize(std::bit_ceil(count + count / 2 + 2));
}

std::vector<std::pair<std::string_view, int32_t>> Vocabulary::Texts() const {
  std::vector<std::pair<std::string_view, int32_t>> texts;
  texts.reserve(texts_.size());
  for (size_t id = 0; id < texts_.size(); ++id) {
    if (texts_[id].size == kNoToken) continue;
    texts.emplace_back(View(static_cast<int32_t>(id)), static_cast<int32_t>(id));
  }
  return texts;
}

}  // namespace reprise
