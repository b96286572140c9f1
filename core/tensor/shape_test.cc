#include "tensor/shape.h"

#include <gtest/gtest.h>

namespace reprise {
namespace {

TEST(Shape, CountsElements) {
  EXPECT_EQ(Shape().element_count(), 1);
  EXPECT_EQ((Shape{2, 3, 4}).element_count(), 24);
  EXPECT_EQ((Shape{2, 0, 4}).element_count(), 0);
  EXPECT_EQ((Shape{2, 3}).ToString(), "[2, 3]");
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_FALSE((Shape{2, 3}) == (Shape{3, 2}));
}

TEST(Shape, RefusesNegativeAndTooManyElements) {
  const int64_t big = int64_t{1} << 32;
  EXPECT_EQ(Shape::Create({2, -1}).error().code, ErrorCode::kShapeMismatch);
  EXPECT_EQ(Shape::Create({big, big}).error().code, ErrorCode::kShapeMismatch);
  EXPECT_EQ(Shape::Create({big, big, 0})->element_count(), 0);
}

}  // namespace
}  // namespace reprise
