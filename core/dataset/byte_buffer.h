// Bytes behind one another in memory that grows and is kept for the next ones: an append of a few
// bytes costs a comparison and a store, where a vector's resize clears them first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace reprise {

// Whether buffers that belong together lacked memory, which their owner asks when a row has ended
// instead of at every append. What was appended since is not to be used.
struct MemoryShortage {
  size_t needed_bytes = 0;  // of one buffer; 0 where none lacked any

  // Errors: out_of_memory, with needs_bytes.
  Status Check() const {
    if (needed_bytes == 0) [[likely]]
      return {};
    return Fail(Error(ErrorCode::kOutOfMemory, "the rows of a dataset need a buffer of " +
                                                   std::to_string(needed_bytes) +
                                                   " bytes, which are not there")
                    .With("needs_bytes", static_cast<int64_t>(needed_bytes)));
  }
};

class ByteBuffer {
 public:
  // Memory that cannot be had is noted in `shortage`, which outlives the buffer; without one it
  // traps.
  explicit ByteBuffer(MemoryShortage* shortage = nullptr) : shortage_(shortage) {}

  // For another buffer of the same row.
  MemoryShortage* shortage() const { return shortage_; }

  const uint8_t* data() const { return memory_.get(); }
  uint8_t* data() { return memory_.get(); }
  size_t size() const { return size_; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data()), size_}; }
  // What Add appended, of one type.
  template <typename T>
  std::span<const T> Values() const {
    return {reinterpret_cast<const T*>(memory_.get()), size_ / sizeof(T)};
  }

  // The value as it lies in memory.
  template <typename T>
  void Add(const T& value) {
    if (uint8_t* const at = Extend(sizeof(T))) std::memcpy(at, &value, sizeof(T));
  }
  void Append(std::string_view bytes) {
    if (bytes.empty()) return;
    if (uint8_t* const at = Extend(bytes.size())) Copy(at, bytes.data(), bytes.size());
  }
  void AppendRepeated(uint8_t byte, size_t count) {
    if (count == 0) return;
    if (uint8_t* const at = Extend(count)) std::memset(at, byte, count);
  }
  // Room for more bytes, which the caller writes, all or, with Truncate, the first of them. Null
  // where there is no memory for them.
  uint8_t* Extend(size_t count) {
    if (room_ - size_ < count && !Grow(count)) [[unlikely]]
      return nullptr;
    uint8_t* const at = memory_.get() + size_;
    size_ += count;
    return at;
  }
  // Forgets the bytes behind the first `size`. Requires that there are as many.
  void Truncate(size_t size) { size_ = size; }
  // Forgets the first bytes. Requires that there are as many.
  void Drop(size_t count) {
    size_ -= count;
    if (size_ == 0) return Clear();
    if (count > 0) std::memmove(memory_.get(), memory_.get() + count, size_);
  }
  // Forgets all bytes, and the memory where it is more than most uses need.
  void Clear() {
    size_ = 0;
    if (room_ <= kSpareBytes) return;
    memory_.reset();
    room_ = 0;
  }

 private:
  static constexpr size_t kSpareBytes = 4 << 20;
  struct Free {
    void operator()(uint8_t* memory) const { std::free(memory); }
  };

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

  bool Grow(size_t count);

  MemoryShortage* shortage_;
  std::unique_ptr<uint8_t, Free> memory_;
  size_t room_ = 0;  // of which the first size_ bytes are in use
  size_t size_ = 0;
};

}  // namespace reprise
