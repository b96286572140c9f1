// Memory that is taken piece by piece and goes as a whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace reprise {

// Memory in large blocks, which goes with the last of them.
class BlockMemory {
 public:
  std::byte* Allocate(size_t bytes) {
    constexpr size_t kBlockBytes = 1 << 16;
    if (bytes > left_) {
      left_ = std::max(bytes, kBlockBytes);
      blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(left_));
      next_ = blocks_.back().get();
    }
    std::byte* const here = next_;
    next_ += bytes;
    left_ -= bytes;
    return here;
  }

 private:
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* next_ = nullptr;  // in the last block
  size_t left_ = 0;
};

}  // namespace reprise
