#include "base/fill_in.h"

#include <gtest/gtest.h>

namespace reprise {
namespace {

TEST(FillIn, PutsPartsInTheirPlaces) {
  EXPECT_EQ(FillIn("plain", {}), "plain");
  EXPECT_EQ(FillIn("{}{}", {"a", "b"}), "ab");
  EXPECT_EQ(FillIn("{}, byte {}: {}", {"file", "3", "wrong"}), "file, byte 3: wrong");
  // What a part holds is no place.
  EXPECT_EQ(FillIn("<{}> <{}>", {"{}", ""}), "<{}> <>");
}

}  // namespace
}  // namespace reprise
