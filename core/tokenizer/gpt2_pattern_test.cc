#include "tokenizer/gpt2_pattern.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/random_numbers.h"
#include "tokenizer/regex/regex.h"

namespace reprise {
namespace {

using Words = std::vector<std::string>;

Words MatchesOf(std::string_view text) {
  Words words;
  for (size_t at = 0; at < text.size();) {
    const size_t end = Gpt2MatchEnd(text, at);
    words.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

TEST(Gpt2Pattern, SplitsAsTheExpressionDoes) {
  EXPECT_EQ(MatchesOf("Hello, y'all's world"),
            (Words{"Hello", ",", " y", "'", "all", "'s", " world"}));
  EXPECT_EQ(MatchesOf("we'll they're I'D"), (Words{"we", "'ll", " they", "'re", " I", "'", "D"}));
  EXPECT_EQ(MatchesOf("a  b\n\nc \n"), (Words{"a", " ", " b", "\n", "\n", "c", " \n"}));
  EXPECT_EQ(MatchesOf("x  "), (Words{"x", "  "}));
  EXPECT_EQ(MatchesOf(" \t12½ab!? "), (Words{" ", "\t", "12½", "ab", "!?", " "}));
  EXPECT_EQ(MatchesOf("'"), Words{"'"});
  EXPECT_EQ(MatchesOf(" 's"), (Words{" '", "s"}));
  EXPECT_EQ(MatchesOf("\u3000\u3000é"), (Words{"\u3000", "\u3000", "é"}));
}

// Of pieces that meet in every way, mostly of ASCII or mostly not, with long runs among them.
std::string RandomText(uint64_t& state) {
  constexpr std::string_view kPieces[] = {"a",    "Zebra",   " ",   " ", "  ",  "\n",     "\t",
                                          "\x1C", "5",       "19",  "'", "'s",  "'re",    "''",
                                          "'ve",  "!",       "({[", "é", "ß",   "\u00A0", "\u3000",
                                          "½",    "e\u0301", "。",  "’", "日本"};
  constexpr size_t kAscii = 17;
  const size_t pieces = NextRandom(state) % 60;
  const uint64_t others = NextRandom(state) % 4;  // of four
  std::string text;
  for (size_t i = 0; i < pieces; ++i) {
    const bool is_ascii = NextRandom(state) % 4 >= others;
    const size_t choices = is_ascii ? kAscii : std::size(kPieces) - kAscii;
    const std::string_view piece = kPieces[(is_ascii ? 0 : kAscii) + NextRandom(state) % choices];
    const size_t times = NextRandom(state) % 30 == 0 ? 1 + NextRandom(state) % 80 : 1;
    for (size_t time = 0; time < times; ++time) text += piece;
  }
  return text;
}

TEST(Gpt2Pattern, SplitsBlocksAsTheExpressionDoes) {
  const auto regex = Regex::Compile(
      R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)");
  ASSERT_TRUE(regex.has_value());
  uint64_t state = 7;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = RandomText(state);
    Words expected, words;
    regex->ForEachMatch(text, [&](const RegexMatch& match) {
      expected.push_back(text.substr(match.start, match.end - match.start));
    });
    // In portions, as long as there is something left.
    for (size_t at = 0; at < text.size();) {
      const size_t least = at + 1 + NextRandom(state) % (text.size() - at);
      size_t done = at;
      at = ForEachGpt2Match(text, at, least, [&](size_t start, size_t end) {
        EXPECT_EQ(start, done);
        words.push_back(text.substr(start, end - start));
        done = end;
      });
      ASSERT_EQ(at, done);
      ASSERT_GE(at, least);
    }
    ASSERT_EQ(words, expected) << text;
    ASSERT_EQ(MatchesOf(text), expected) << text;
  }
}

}  // namespace
}  // namespace reprise
