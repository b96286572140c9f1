#include "tokenizer/regex/regex.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise {
namespace {

// The matches, or the fault's words.
std::string Matches(std::string_view pattern, std::string_view text) {
  const auto regex = Regex::Compile(pattern);
  if (!regex) return regex.error().reason;
  std::string shown;
  for (const RegexMatch& match : regex->FindAll(text)) {
    shown += std::string(text.substr(match.start, match.end - match.start)) + "|";
  }
  return shown;
}

// The expected values are Oniguruma's.
TEST(Regex, TakesTheFirstAlternativeThatLeadsToAMatch) {
  EXPECT_EQ(Matches("a|ab", "abab"), "a|a|");
  EXPECT_EQ(Matches("(?:a|ab)(?:c|bcd)", "abcd"), "abcd|");
  EXPECT_EQ(Matches("a+?b?", "aab"), "a|ab|");
  EXPECT_EQ(Matches("a*", "baac"), "|aa||");
  EXPECT_EQ(Matches("(?:a*)*b", "aab"), "aab|");
  EXPECT_EQ(Matches("a{2}", "aaaaa"), "aa|aa|");
  EXPECT_EQ(Matches("a{,2}b", "aaab"), "aab|");
  EXPECT_EQ(Matches("a{1,2", "aa{1,2"), "a{1,2|");
}

TEST(Regex, ReadsBracedQuantifiersAsOnigurumaDoes) {
  EXPECT_EQ(Matches("\\d{1,3}+", "12345"), "12345|");  // not possessive: repeated
  EXPECT_EQ(Matches("a{2}?c", "aacac"), "aac|c|");     // not lazy: optional
  EXPECT_EQ(Matches("a++ab", "aab"), "");
  EXPECT_EQ(Matches("a?+ab", "aab"), "aab|");
  EXPECT_EQ(Matches("(?>a+|b)c", "aacbc"),
            "an atomic group that may take more than 64 "
            "characters is not supported");
  EXPECT_EQ(Matches("(?>a|ab)c", "abcac"), "ac|");
}

TEST(Regex, KnowsClassesOfUnicode) {
  EXPECT_EQ(Matches("\\p{L}+", "aé漢1"), "aé漢|");
  EXPECT_EQ(Matches("\\p{^L}", "a1"), "1|");
  EXPECT_EQ(Matches("\\P{Letter}", "a1"), "1|");
  EXPECT_EQ(Matches("[\\p{Han}\\p{Hiragana}]+", "a漢ひb"), "漢ひ|");
  EXPECT_EQ(Matches("[a-c&&[^b]]+", "abcab"), "a|ca|");
  EXPECT_EQ(Matches("[]a]", "a]b"), "a|]|");
  EXPECT_EQ(Matches("[^\\S\\n]", "a \n"), " |");
  EXPECT_EQ(Matches("[[:punct:]]", "a$!"), "$|!|");
  EXPECT_EQ(Matches("[[:^alpha:]]", "a1"), "1|");
  EXPECT_EQ(Matches("\\h", "xfg"), "f|");
  EXPECT_EQ(Matches("[\\x{61}\\u0062]", "abc"), "a|b|");
  // Outside of brackets \w holds for ² and not for the joiner.
  EXPECT_EQ(Matches("\\w", "²_\u200d"), "²|_|");
  EXPECT_EQ(Matches("[\\w]", "²_"), "_|");
}

TEST(Regex, DisregardsCaseWhereToldTo) {
  EXPECT_EQ(Matches("(?i:'s|'LL)", "'S'ſ'll"), "'S|'ſ|'ll|");
  EXPECT_EQ(Matches("a(?i)b|c", "aBaCc"), "aB|aC|");
  EXPECT_EQ(Matches("(?i:[k])", "K\u212a"), "K|\u212a|");
  EXPECT_EQ(Matches("(?i)ss", "ss"),
            "\"ss\" without regard to case is not supported, before byte 6 "
            "of the pattern");
}

TEST(Regex, LooksAround) {
  EXPECT_EQ(Matches("\\s+(?!\\S)", "a   b  "), "  |  |");
  EXPECT_EQ(Matches("(?<=a|bc)d", "adbcdd"), "d|d|");
  EXPECT_EQ(Matches("(?<!a)b", "abcb"), "b|");
  EXPECT_EQ(Matches("\\d(?=(?:\\d{3})+\\b)", "1234567 12"), "1|4|");
  EXPECT_EQ(Matches("a(?!.*b)", "aba a"), "a|a|");
  EXPECT_EQ(Matches("^a|b$", "ab\naab"), "a|b|a|b|");
  EXPECT_EQ(Matches("\\bb", "ab b"), "b|");
  EXPECT_EQ(Matches("\\Aa|a\\z", "aaa"), "a|a|");
  EXPECT_EQ(Matches("\\R", "a\r\nb\n"), "\r\n|\n|");
  EXPECT_EQ(Matches(".", "a\n"), "a|");
  EXPECT_EQ(Matches("(?m:.)", "a\n"), "a|\n|");
}

TEST(Regex, NamesWhatItDoesNotRun) {
  const auto reason = [](std::string_view pattern, bool is_unsupported) {
    const auto regex = Regex::Compile(pattern);
    EXPECT_FALSE(regex.has_value()) << pattern;
    if (regex) return std::string();
    EXPECT_EQ(regex.error().is_unsupported, is_unsupported);
    return regex.error().reason;
  };
  EXPECT_EQ(reason("(a)\\1", true),
            "a backreference is not supported, before byte 4 of the pattern");
  EXPECT_EQ(reason("\\X", true), "\\X is not supported, before byte 1 of the pattern");
  EXPECT_EQ(reason("(?<=a+)b", true),
            "looking behind for a text of varying length is not supported");
  EXPECT_EQ(reason("\\p{Klingon}", true),
            "the property \"Klingon\" is not supported, before byte 11 of the pattern");
  EXPECT_EQ(reason("[[:lower:]]", true),
            "[:lower:] is not supported, before byte 10 of the pattern");
  EXPECT_EQ(reason("(?:a{1000}){1000}", true), "a pattern as large as this is not supported");
  EXPECT_EQ(reason(std::string(5000, 'a'), true),
            "a pattern of more than 4096 bytes is not supported");
  EXPECT_EQ(reason(std::string(200, '('), true),
            "groups nested so deep is not supported, before byte 100 of the pattern");
  EXPECT_EQ(reason("a)", false), "there is a ) without its (, before byte 1 of the pattern");
  EXPECT_EQ(reason("[a", false), "there is a [ without its ], before byte 2 of the pattern");
  EXPECT_EQ(reason("*a", false), "there is nothing to repeat, before byte 0 of the pattern");
  EXPECT_EQ(reason("a\\", false), "it ends in \\, before byte 2 of the pattern");
  EXPECT_EQ(reason("[b-a]", false), "a range goes backwards, before byte 4 of the pattern");
}

// A quadratic number of steps would take hours.
TEST(Regex, TakesLinearTimeOnHostileText) {
  const std::vector<std::string> patterns = {
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| "
      "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      "a*b|a",
      "\\s+$|\\s",
      "\\s++x|\\s",
      "(?:a|a)*c|.",
      "a(?!.*b)",
      "\\p{M}(?=(?:\\p{M}\\p{M})*x)",
      "(?:a*)*c|(?:\\s*)*c",
      "(?<=a)b|a+b"};
  constexpr size_t kSize = 1 << 18;
  for (const std::string& pattern : patterns) {
    SCOPED_TRACE(pattern);
    const auto regex = Regex::Compile(pattern);
    ASSERT_TRUE(regex.has_value()) << regex.error().reason;
    for (const std::string unit : {"a", " ", "\u0301"}) {
      std::string text;
      while (text.size() < kSize) text += unit;
      size_t end = 0;
      for (const RegexMatch& match : regex->FindAll(text)) {
        ASSERT_LE(end, match.start);
        end = match.end;
      }
      ASSERT_LE(end, text.size());
    }
  }
}

}  // namespace
}  // namespace reprise
