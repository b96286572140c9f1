#include "base/growing_array.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise {
namespace {

TEST(GrowingArray, HoldsWhatAVectorWould) {
  GrowingArray<int32_t> array;
  std::vector<int32_t> expected;
  for (int32_t i = 0; i < 1000; ++i) {
    array.push_back(i);
    expected.push_back(i);
  }
  EXPECT_EQ(array, expected);
  const int32_t more[] = {7, 8, 9};
  array.Append(more);
  expected.insert(expected.end(), std::begin(more), std::end(more));
  array.AppendRepeated(5, -1);
  expected.insert(expected.end(), 5, -1);
  EXPECT_EQ(array, expected);
  std::fill_n(array.MakeGap(2, 4), 4, 6);
  expected.insert(expected.begin() + 2, 4, 6);
  EXPECT_EQ(array, expected);
  array.Keep(1, 500);
  expected.resize(500);
  expected.erase(expected.begin());
  EXPECT_EQ(array, expected);
  array.resize(502, 3);
  expected.resize(502, 3);
  array.resize(501);
  expected.resize(501);
  EXPECT_EQ(array, expected);
  const GrowingArray<int32_t> copy = array;
  const GrowingArray<int32_t> moved = std::move(array);
  EXPECT_EQ(copy, expected);
  EXPECT_EQ(moved, copy);
  array = copy;
  EXPECT_EQ(array, copy);
  array.clear();
  EXPECT_TRUE(array.empty());
}

TEST(GrowingArray, NotesMemoryThatCannotBeHad) {
  const MemoryWatch outer;
  for (const size_t size : {SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 2 - 4096}) {
    const MemoryWatch watch;
    GrowingText text("kept");
    EXPECT_FALSE(MemoryWatch::Lacks());
    EXPECT_FALSE(text.TryReserve(size));
    EXPECT_FALSE(MemoryWatch::Lacks());
    EXPECT_EQ(text.Extend(size), nullptr);
    const Status status = MemoryWatch::Check();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kOutOfMemory);
    EXPECT_NE(status.error().ToJson().find("\"needs_bytes\""), std::string::npos);
    EXPECT_EQ(text, "kept");
    GrowingArray<int64_t> other;
    other.push_back(1);  // nothing grows any more
    EXPECT_TRUE(other.empty());
  }
  EXPECT_TRUE(MemoryWatch::Check());
  GrowingText text;
  text.Append("grows again");
  EXPECT_EQ(text, "grows again");
}

}  // namespace
}  // namespace reprise
