// Where the C++ tests find files: the fixtures of the repository and, where it is there, the
// reference material of real peers (CONTRIBUTING.md says what that is).
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace reprise {

inline std::string FixturePath(const std::string& name) { return REPRISE_FIXTURES "/" + name; }

// The path of a part of the reference material, or "" and one line where it is not there; with
// REPRISE_REQUIRE_REFERENCE=1 the test then fails.
inline std::string ReferencePath(const std::string& name) {
  const std::string path = REPRISE_REFERENCE "/" + name;
  if (std::filesystem::exists(path)) return path;
  const char* is_required = std::getenv("REPRISE_REQUIRE_REFERENCE");
  if (is_required != nullptr && std::string_view(is_required) == "1") {
    ADD_FAILURE() << "REPRISE_REQUIRE_REFERENCE=1, and there is no .reference/" << name;
  } else {
    std::printf("No reference material at .reference/%s: only the fixtures are tested.\n",
                name.c_str());
  }
  return "";
}

// Bytes of a file, which must be there.
inline std::string ReadTestFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace reprise
