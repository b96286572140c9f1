// What the tests themselves stand on.
#include "tests/support/test_files.h"

#include <gtest/gtest-spi.h>

namespace reprise {
namespace {

TEST(ReferenceMaterial, AMissingPartFailsWhereItIsRequired) {
  const char* before = std::getenv("REPRISE_REQUIRE_REFERENCE");
  const std::string kept = before == nullptr ? "0" : before;
  ASSERT_EQ(setenv("REPRISE_REQUIRE_REFERENCE", "0", 1), 0);
  EXPECT_EQ(ReferencePath("models/nothing"), "");
  ASSERT_EQ(setenv("REPRISE_REQUIRE_REFERENCE", "1", 1), 0);
  EXPECT_NONFATAL_FAILURE((void)ReferencePath("models/nothing"), "models/nothing");
  ASSERT_EQ(setenv("REPRISE_REQUIRE_REFERENCE", kept.c_str(), 1), 0);
}

}  // namespace
}  // namespace reprise
