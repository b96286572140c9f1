// A number of values that is known beforehand, in memory that may lack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "dataset/byte_buffer.h"

namespace reprise {

template <typename T>
class FixedArray {
 public:
  FixedArray() = default;
  FixedArray(const FixedArray&) = delete;
  FixedArray& operator=(const FixedArray&) = delete;

  // Values that hold anything. Errors: out_of_memory.
  Status Make(uint64_t count) {
    const bool is_possible = count <= SIZE_MAX / 2 / sizeof(T);
    bytes_.Extend(is_possible ? static_cast<size_t>(count) * sizeof(T) : SIZE_MAX);
    return shortage_.Check();
  }
  // The same, each byte of which is this one.
  Status MakeOf(uint8_t byte, uint64_t count) {
    REPRISE_TRY(Make(count));
    if (bytes_.size() > 0) std::memset(bytes_.data(), byte, bytes_.size());
    return {};
  }
  void Forget() { bytes_.Clear(); }

  uint64_t size() const { return bytes_.size() / sizeof(T); }
  T& operator[](uint64_t i) { return reinterpret_cast<T*>(bytes_.data())[static_cast<size_t>(i)]; }
  const T& operator[](uint64_t i) const {
    return reinterpret_cast<const T*>(bytes_.data())[static_cast<size_t>(i)];
  }
  std::span<T> all() { return {reinterpret_cast<T*>(bytes_.data()), bytes_.size() / sizeof(T)}; }
  std::span<const T> all() const { return bytes_.Values<T>(); }

 private:
  MemoryShortage shortage_;
  ByteBuffer bytes_{&shortage_};
};

}  // namespace reprise
