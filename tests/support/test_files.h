// Where the C++ tests find files: the fixtures of the repository and, where it is there, the
// reference material of real peers (CONTRIBUTING.md says what that is).
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace reprise {

inline std::string FixturePath(const std::string& name) { return REPRISE_FIXTURES "/" + name; }

// The path of a folder of the reference material, or "" and one line where there is none. Whether
// it must be there is for ./dev test to say.
inline std::string ReferencePath(const std::string& name) {
  const std::string path = REPRISE_REFERENCE "/" + name;
  if (std::filesystem::exists(path)) return path;
  std::printf("No reference material at .reference/%s: only the fixtures are tested.\n",
              name.c_str());
  return "";
}

// Bytes of a file, which must be there.
inline std::string ReadTestFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace reprise
