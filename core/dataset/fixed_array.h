// A number of values that is known beforehand, in memory that may lack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
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
    return Take(count, [](size_t size) { return std::malloc(size); });
  }
  // Zeros. Those of a large array come from the machine as it is used, and cost nothing here.
  Status MakeZeros(uint64_t count) {
    return Take(count, [](size_t size) { return std::calloc(size, 1); });
  }
  void Forget() {
    values_.reset();
    size_ = 0;
  }

  uint64_t size() const { return size_; }
  T& operator[](uint64_t i) { return values_.get()[static_cast<size_t>(i)]; }
  const T& operator[](uint64_t i) const { return values_.get()[static_cast<size_t>(i)]; }
  std::span<T> all() { return {values_.get(), size_}; }
  std::span<const T> all() const { return {values_.get(), size_}; }

 private:
  struct Free {
    void operator()(T* values) const { std::free(values); }
  };

  template <typename Allocate>
  Status Take(uint64_t count, Allocate allocate) {
    Forget();
    if (count == 0) return {};
    const bool is_possible = count <= SIZE_MAX / 2 / sizeof(T);
    const size_t bytes = is_possible ? static_cast<size_t>(count) * sizeof(T) : SIZE_MAX;
    if (is_possible) values_.reset(static_cast<T*>(allocate(bytes)));
    if (values_ == nullptr) return MemoryShortage{bytes}.Check();
    size_ = static_cast<size_t>(count);
    return {};
  }

  std::unique_ptr<T, Free> values_;
  size_t size_ = 0;
};

}  // namespace reprise
