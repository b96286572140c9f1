// Arrays and texts in memory that may not suffice. What they cannot have is noted, so that whoever
// fills many asks once for all of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ranges>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/status.h"

namespace reprise {

// While one lives, memory that growing arrays of its thread lack is noted in it, or in the one made
// last; without one that traps. What was to be put into an array then is not there, though what was
// put in before is, and from then on no array grows: what is made of them is not to be used.
class MemoryWatch {
 public:
  MemoryWatch();
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  // Of the one made last on this thread: whether memory lacks. False where there is none.
  static bool Lacks();
  // The same as an error: out_of_memory, with needs_bytes.
  static Status Check() {
    if (!Lacks()) [[likely]]
      return {};
    return Refuse();
  }

 private:
  friend class GrowingMemory;
  static Failure Refuse();

  MemoryWatch* const before_;
  size_t lacking_bytes_ = 0;  // of one array; 0 where none lacked any
};

// For tests: from now on memory for a growing array is not there where this says so of its bytes.
// Null for all that the machine has.
void RefuseMemory(bool (*refuses)(size_t bytes));

// What growing arrays of any type have in common.
class GrowingMemory {
 public:
  GrowingMemory() = default;
  GrowingMemory(GrowingMemory&& other) noexcept { Swap(other); }
  GrowingMemory& operator=(GrowingMemory&& other) noexcept {
    GrowingMemory taken(std::move(other));
    Swap(taken);
    return *this;
  }
  ~GrowingMemory();

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear() { size_ = 0; }

 protected:
  // Room for `count` elements in all. False, and nothing is noted, where there is no memory.
  bool TryReserve(size_t count, size_t element_bytes);
  // Room for `count` more. Where there is no memory, that is noted.
  bool Grow(size_t count, size_t element_bytes);
  // Those of GrowingArray, for elements of any type.
  void Append(const void* elements, size_t count, size_t element_bytes);
  void* MakeGap(size_t at, size_t count, size_t element_bytes);
  void Swap(GrowingMemory& other) {
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    std::swap(room_, other.room_);
  }

  void* memory_ = nullptr;
  size_t size_ = 0;
  size_t room_ = 0;  // of which the first size_ are in use
};

// A list of plain values, much like std::vector.
template <typename T>
class GrowingArray : public GrowingMemory {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 8);

 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  GrowingArray() = default;
  explicit GrowingArray(std::span<const T> values) { Append(values); }
  GrowingArray(const GrowingArray& other) : GrowingArray(std::span<const T>(other)) {}
  GrowingArray(GrowingArray&&) noexcept = default;
  GrowingArray& operator=(const GrowingArray& other) { return *this = GrowingArray(other); }
  GrowingArray& operator=(GrowingArray&&) noexcept = default;

  T* data() { return static_cast<T*>(memory_); }
  const T* data() const { return static_cast<const T*>(memory_); }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  T& operator[](size_t i) { return data()[i]; }
  const T& operator[](size_t i) const { return data()[i]; }
  const T& front() const { return *data(); }
  T& back() { return data()[size_ - 1]; }
  const T& back() const { return data()[size_ - 1]; }

  // Room for so many in all.
  void reserve(size_t count) {
    if (count > room_) Grow(count - size_, sizeof(T));
  }
  // The same; false, and nothing is noted, where there is no memory.
  bool TryReserve(size_t count) { return GrowingMemory::TryReserve(count, sizeof(T)); }
  void push_back(T value) {
    if (size_ == room_ && !Grow(1, sizeof(T))) [[unlikely]]
      return;
    data()[size_++] = value;
  }
  void pop_back() { --size_; }
  // Room for more, which the caller writes. Null where there is no memory.
  T* Extend(size_t count) {
    if (room_ - size_ < count && !Grow(count, sizeof(T))) [[unlikely]]
      return nullptr;
    T* const at = end();
    size_ += count;
    return at;
  }
  void Append(std::span<const T> values) {
    GrowingMemory::Append(values.data(), values.size(), sizeof(T));
  }
  void AppendRepeated(size_t count, T value) {
    if (T* const at = Extend(count)) std::fill_n(at, count, value);
  }
  // Room for more before the element `at`, which the caller writes. Null where there is no memory.
  T* MakeGap(size_t at, size_t count) {
    return static_cast<T*>(GrowingMemory::MakeGap(at, count, sizeof(T)));
  }
  void resize(size_t count, T value = T()) {
    if (count > size_) AppendRepeated(count - size_, value);
    size_ = std::min(size_, count);
  }
  // Forgets all but the first elements. Requires that there are as many.
  void Truncate(size_t count) { size_ = count; }
  // Forgets all but the elements [start, end).
  void Keep(size_t start, size_t end) {
    if (start > 0) std::memmove(data(), data() + start, (end - start) * sizeof(T));
    size_ = end - start;
  }

  template <std::ranges::sized_range List>
  bool operator==(const List& other) const {
    return std::ranges::equal(*this, other);
  }
};

// A text that grows.
class GrowingText : public GrowingArray<char> {
 public:
  GrowingText() = default;
  explicit GrowingText(std::string_view text) { Append(text); }

  operator std::string_view() const { return {data(), size()}; }
  void Append(std::string_view text) { GrowingArray::Append(text); }
  bool operator==(std::string_view other) const { return std::string_view(*this) == other; }
  bool operator==(const GrowingText& other) const { return *this == std::string_view(other); }
};

}  // namespace reprise
