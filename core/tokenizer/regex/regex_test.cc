#include "tokenizer/regex/regex.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/random_numbers.h"

namespace reprise {
namespace {

// The matches, or the fault's words.
std::string Matches(std::string_view pattern, std::string_view text) {
  const auto regex = Regex::Compile(pattern);
  if (!regex) return regex.error().message;
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
  EXPECT_EQ(Matches("(?>a{0,64})b", "aab"), "aab|");
  EXPECT_EQ(Matches("(?>a{1,66})b", "aab"),
            "a possessive repetition of up to more than 64 characters is not supported");
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
  EXPECT_EQ(Matches("\\p{Punct}", "a$!"), "!|");
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
    EXPECT_EQ(regex.error().code == ErrorCode::kUnsupported, is_unsupported);
    return regex.error().message;
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
  // Half a minute and a gigabyte, if repeating went on behind the first that is too large.
  std::string nested = "a";
  for (int i = 0; i < 450; ++i) nested += "{0,99999}";
  EXPECT_EQ(reason(nested, true), "a pattern as large as this is not supported");
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

// The steps that all matches take in a text of so many bytes.
size_t CountSteps(const Regex& regex, std::string_view unit, size_t size) {
  std::string text;
  while (text.size() < size) text += unit;
  RegexMatches matches(regex, text, 0);
  size_t end = 0;
  for (RegexMatch match; matches.Next(match);) {
    EXPECT_LE(end, match.start);
    end = match.end;
  }
  EXPECT_LE(end, text.size());
  return matches.steps();
}

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
  constexpr size_t kSize = 1 << 14;
  for (const std::string& pattern : patterns) {
    SCOPED_TRACE(pattern);
    const auto regex = Regex::Compile(pattern);
    ASSERT_TRUE(regex.has_value()) << regex.error().message;
    for (const std::string_view unit : {"a", " ", "\u0301"}) {
      const size_t steps = CountSteps(*regex, unit, kSize);
      EXPECT_LE(steps, 40 * kSize) << unit;
      EXPECT_LE(CountSteps(*regex, unit, 4 * kSize), 4 * steps + steps / 4) << unit;
    }
  }
}

// A random pattern over a few characters, `depth` operators deep.
std::string RandomPattern(uint64_t& state, int depth) {
  const auto pick = [&](std::vector<std::string> of) { return of[NextRandom(state) % of.size()]; };
  if (depth == 0) {
    return pick({"a", "b", "é", "\\s", "[^a]", "[ab]", "\\p{L}", "\\n", ".", "[a-z]+", "\\p{L}+",
                 "[a-zA-Y]*", "\\p{Ll}+"});
  }
  const std::string part = RandomPattern(state, depth - 1);
  switch (NextRandom(state) % 5) {
    case 0:
      return part + RandomPattern(state, depth - 1);
    case 1:
      return "(?:" + part + "|" + RandomPattern(state, depth - 1) + ")";
    case 2:
      return "(?:" + part + ")" + pick({"*", "+", "?", "*?", "+?", "??", "{1,2}", "{0,2}"});
    case 3:
      return pick({"a++", "\\p{L}*+", "[^b]?+", "\\s++", "(?>a{1,3})", "(?>\\p{L}{0,5})", "b"}) +
             part;
    default:
      return part + pick({"(?!\\S)", "(?=a)", "(?=[a-z])", "(?=\\p{L})", "(?!a|b)", "(?=\\s|\\z)",
                          "$", "\\z"});
  }
}

TEST(RegexAutomaton, FindsWhatBacktrackingFinds) {
  // Letters come in runs too, which the automaton passes over eight at a time.
  const std::vector<std::string> characters = {"a", "a", "b",  "é",         " ",
                                               "Z", "{", "\n", "漢",        "abzabzabz",
                                               "@", "`", "[",  "AzYaBzYaB", "éabzabzaébzZbzaZ"};
  int with_automaton = 0;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    uint64_t state = seed * 7919;
    const std::string pattern = RandomPattern(state, 1 + static_cast<int>(seed % 5));
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + pattern);
    const auto fast = Regex::Compile(pattern);
    const auto slow = Regex::Compile(pattern, Regex::Engine::kBacktracking);
    ASSERT_EQ(fast.has_value(), slow.has_value());
    if (!fast || !fast->has_automaton()) continue;
    ++with_automaton;
    for (int round = 0; round < 5; ++round) {
      std::string text;
      for (uint64_t i = NextRandom(state) % 24; i > 0; --i) {
        text += characters[NextRandom(state) % characters.size()];
      }
      const auto found = fast->FindAll(text), expected = slow->FindAll(text);
      ASSERT_EQ(found.size(), expected.size()) << text;
      for (size_t i = 0; i < found.size(); ++i) {
        ASSERT_EQ(found[i].start, expected[i].start) << text;
        ASSERT_EQ(found[i].end, expected[i].end) << text;
      }
    }
  }
  EXPECT_GT(with_automaton, 375);
}

TEST(RegexAutomaton, CoversThePatternsOfByteLevelTokenizers) {
  for (
      const std::string_view pattern : {
          R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)",
          R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
          R"(<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)",
          R"(\s?\p{L}+|\s?\p{P}+|[一-龥ࠀ-一가-퟿]+)",
      }) {
    const auto regex = Regex::Compile(pattern);
    ASSERT_TRUE(regex.has_value()) << pattern;
    EXPECT_TRUE(regex->has_automaton()) << pattern;
  }
}

TEST(RegexAutomaton, IsNotBuiltAtAnyPrice) {
  for (const std::string_view pattern :
       {"(?:a?){0,6000}", "(?:a?b?c?d?e?f?g?h?i?j?k?l?m?n?o?p?q?r?s?t?u?v?w?x?y?z?){0,220}"}) {
    const auto regex = Regex::Compile(pattern);
    if (!regex) continue;  // too large altogether
    EXPECT_FALSE(regex->has_automaton()) << pattern;
    EXPECT_FALSE(regex->FindAll("aaz!a").empty()) << pattern;
  }
}

// Each match of the one makes the automaton read to the end of the text; the other never matches.
TEST(RegexAutomaton, LeavesHostileTextsToBacktracking) {
  const std::string text(300'000, 'a');
  EXPECT_EQ(Regex::Compile("a*b|a")->FindAll(text).size(), text.size());
  EXPECT_TRUE(Regex::Compile("a+b")->FindAll(text).empty());
}

}  // namespace
}  // namespace reprise
