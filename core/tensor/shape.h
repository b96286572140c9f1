// The dimensions of a tensor.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"

namespace reprise {

// Sizes of a tensor's dimensions, outermost first; a scalar has none. Sizes are never negative and
// their product fits 63 bits.
class Shape {
 public:
  Shape() = default;
  // For shapes the code itself writes down; traps where Create would fail.
  Shape(std::initializer_list<int64_t> sizes);

  // Errors: shape_mismatch where a size is negative or the element count passes 2^63 - 1.
  static Result<Shape> Create(std::vector<int64_t> sizes);

  int64_t rank() const { return static_cast<int64_t>(sizes_.size()); }
  int64_t operator[](int64_t axis) const { return sizes_[static_cast<size_t>(axis)]; }
  std::span<const int64_t> sizes() const { return sizes_; }
  int64_t element_count() const { return element_count_; }

  // "[2, 3]".
  std::string ToString() const;

  friend bool operator==(const Shape& a, const Shape& b) { return a.sizes_ == b.sizes_; }

 private:
  std::vector<int64_t> sizes_;
  int64_t element_count_ = 1;
};

}  // namespace reprise
