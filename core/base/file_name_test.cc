// Names of files: what leads out of a folder, or means something else on another system, is none.
#include "base/file_name.h"

#include <gtest/gtest.h>

#include <string>

namespace reprise {
namespace {

TEST(FileName, HasNoPath) {
  for (const std::string name : {"a", "model.safetensors", "..a", ".d", "b c", "é", "a?b#c"}) {
    EXPECT_TRUE(IsFileName(name)) << name;
  }
  for (const std::string name : {"", ".", "..", "a/b", "/a", "a\\b", "C:a", "a\n", "\x7F"}) {
    EXPECT_FALSE(IsFileName(name)) << name;
  }
  EXPECT_FALSE(IsFileName(std::string("a\0b", 3)));
  EXPECT_TRUE(IsFileName(std::string(255, 'a')));
  EXPECT_FALSE(IsFileName(std::string(256, 'a')));
}

TEST(FileName, IsTheLastPartOfAPathOrAddress) {
  EXPECT_EQ(LastFileName("models/story"), "story");
  EXPECT_EQ(LastFileName("story"), "story");
  EXPECT_EQ(LastFileName("https://example.org/models/story//"), "story");
  EXPECT_EQ(LastFileName("C:\\models\\story\\"), "story");
  for (const std::string path : {"", "/", ".", "..", "models/..", "C:", "https://host:80/"}) {
    EXPECT_FALSE(LastFileName(path)) << path;
  }
}

}  // namespace
}  // namespace reprise
