#include "tensor/shape.h"

#include <utility>

namespace reprise {

Shape::Shape(std::initializer_list<int64_t> sizes) {
  auto shape = Create(sizes);
  REPRISE_CHECK(shape.has_value(), "a shape written in the code is valid");
  *this = *std::move(shape);
}

Result<Shape> Shape::Create(std::vector<int64_t> sizes) {
  Shape shape;
  shape.sizes_ = std::move(sizes);
  bool is_empty = false;
  for (int64_t size : shape.sizes_) {
    if (size < 0) {
      return Fail(ErrorCode::kShapeMismatch, "a dimension of " + shape.ToString() + " is negative");
    }
    is_empty |= size == 0;
  }
  for (int64_t size : shape.sizes_) {
    if (is_empty) {
      shape.element_count_ = 0;
    } else if (__builtin_mul_overflow(shape.element_count_, size, &shape.element_count_)) {
      return Fail(ErrorCode::kShapeMismatch,
                  shape.ToString() + " has more elements than 63 bits count");
    }
  }
  return shape;
}

std::string Shape::ToString() const {
  std::string text = "[";
  for (size_t i = 0; i < sizes_.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(sizes_[i]);
  }
  return text + "]";
}

}  // namespace reprise
