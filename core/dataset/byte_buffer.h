// Bytes behind one another in memory that grows and is kept for the next ones: an append of a few
// bytes costs a comparison and a store, where a vector's resize clears them first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace reprise {

class ByteBuffer {
 public:
  const uint8_t* data() const { return memory_.data(); }
  size_t size() const { return size_; }

  // The value as it lies in memory.
  template <typename T>
  void Add(T value) {
    std::memcpy(Extend(sizeof(T)), &value, sizeof(T));
  }
  void Append(std::string_view bytes) {
    if (!bytes.empty()) Copy(Extend(bytes.size()), bytes.data(), bytes.size());
  }
  void AppendZeros(size_t count) {
    if (count > 0) std::memset(Extend(count), 0, count);
  }
  // Room for more bytes, which the caller writes, all or, with Truncate, the first of them.
  uint8_t* Extend(size_t count) {
    if (memory_.size() - size_ < count) Grow(count);
    uint8_t* const at = memory_.data() + size_;
    size_ += count;
    return at;
  }
  // Forgets the bytes behind the first `size`. Requires that there are as many.
  void Truncate(size_t size) { size_ = size; }
  // Forgets all bytes, and the memory where it is more than most uses need.
  void Clear() {
    size_ = 0;
    if (memory_.size() > kSpareBytes) std::vector<uint8_t>().swap(memory_);
  }

 private:
  static constexpr size_t kSpareBytes = 4 << 20;

  // Most values are short, and for these a call of memcpy takes longer than the copying.
  static void Copy(uint8_t* to, const char* from, size_t size) {
    if (size > 16) {
      std::memcpy(to, from, size);
    } else if (size >= 8) {
      CopyEnds<uint64_t>(to, from, size);
    } else if (size >= 4) {
      CopyEnds<uint32_t>(to, from, size);
    } else {
      for (size_t i = 0; i < size; ++i) to[i] = static_cast<uint8_t>(from[i]);
    }
  }
  // The first and the last bytes, as many as a word has, which may overlap.
  template <typename Word>
  static void CopyEnds(uint8_t* to, const char* from, size_t size) {
    Word first, last;
    std::memcpy(&first, from, sizeof(Word));
    std::memcpy(&last, from + size - sizeof(Word), sizeof(Word));
    std::memcpy(to, &first, sizeof(Word));
    std::memcpy(to + size - sizeof(Word), &last, sizeof(Word));
  }

  void Grow(size_t count) { memory_.resize(std::max(size_ + count, 2 * memory_.size())); }

  std::vector<uint8_t> memory_;  // the first size_ bytes of it are in use
  size_t size_ = 0;
};

}  // namespace reprise
