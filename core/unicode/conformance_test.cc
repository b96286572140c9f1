// Unicode's own conformance files, where the reference material is there.
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/test_files.h"
#include "unicode/grapheme.h"
#include "unicode/normalization.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

using enum NormalizationForm;

std::string FromHex(const std::string& codes) {
  std::istringstream in(codes);
  std::string text;
  uint32_t c = 0;
  while (in >> std::hex >> c) AppendUtf8(c, text);
  return text;
}

// The fields of a line up to the comment, separated by semicolons.
std::vector<std::string> Fields(const std::string& line) {
  std::istringstream in(line.substr(0, line.find('#')));
  std::vector<std::string> fields;
  for (std::string field; std::getline(in, field, ';');) fields.push_back(field);
  return fields;
}

// A line has a source and its NFC, NFD, NFKC and NFKD.
void ExpectForms(const std::vector<std::string>& line) {
  std::string form[5];
  for (size_t i = 0; i < 5; ++i) form[i] = FromHex(line[i]);
  for (size_t i = 0; i < 5; ++i) {
    const bool is_compatible = i >= 3;
    EXPECT_EQ(Normalize(form[i], kNfc), form[is_compatible ? 3 : 1]) << line[0];
    EXPECT_EQ(Normalize(form[i], kNfd), form[is_compatible ? 4 : 2]) << line[0];
    EXPECT_EQ(Normalize(form[i], kNfkc), form[3]) << line[0];
    EXPECT_EQ(Normalize(form[i], kNfkd), form[4]) << line[0];
  }
}

TEST(UnicodeConformance, NormalizationTestPasses) {
  const std::string path = ReferencePath("conformance/unicode/NormalizationTest-15.0.txt");
  if (path.empty()) return;
  std::istringstream file(ReadTestFile(path));
  std::set<std::string> singles;  // the code points of part 1
  int lines = 0;
  std::string part;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('@')) part = line.substr(0, 6);
    if (line.empty() || line[0] == '#' || line[0] == '@') continue;
    const auto fields = Fields(line);
    ASSERT_GE(fields.size(), 5u) << line;
    ExpectForms(fields);
    if (part == "@Part1") singles.insert(FromHex(fields[0]));
    ++lines;
  }
  EXPECT_EQ(lines, 19074);
  // Every other code point is its own form.
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c == 0xD800) c = 0xE000;
    std::string text;
    AppendUtf8(c, text);
    if (singles.contains(text)) continue;
    for (const auto form : {kNfc, kNfd, kNfkc, kNfkd}) {
      ASSERT_EQ(Normalize(text, form), text) << static_cast<uint32_t>(c);
    }
  }
}

TEST(UnicodeConformance, GraphemeBreakTestPasses) {
  const std::string path = ReferencePath("conformance/unicode/GraphemeBreakTest.txt");
  if (path.empty()) return;
  std::istringstream file(ReadTestFile(path));
  int lines = 0;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("÷")) continue;
    std::istringstream in(line.substr(0, line.find('#')));
    std::string text;
    std::vector<size_t> breaks;
    for (std::string word; in >> word;) {
      if (word == "÷") {
        if (!text.empty()) breaks.push_back(text.size());
      } else if (word != "×") {
        AppendUtf8(static_cast<char32_t>(std::stoul(word, nullptr, 16)), text);
      }
    }
    std::vector<size_t> found;
    for (size_t at = 0; at < text.size();) found.push_back(at = GraphemeEnd(text, at));
    EXPECT_EQ(found, breaks) << line;
    ++lines;
  }
  EXPECT_EQ(lines, 602);
}

}  // namespace
}  // namespace reprise
