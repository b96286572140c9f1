// The words of a text taken portion by portion are those of the whole; Metaspace against its
// meaning.
#include "tokenizer/pre_tokenizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "base/json_reader.h"
#include "tests/support/random_numbers.h"

namespace reprise {
namespace {

constexpr std::string_view kPreTokenizers[] = {
    R"json({"type":"ByteLevel","add_prefix_space":true,"use_regex":true})json",
    R"json({"type":"ByteLevel","add_prefix_space":false,"use_regex":true})json",
    R"json({"type":"ByteLevel","add_prefix_space":true,"use_regex":false})json",
    R"json({"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true})json",
    R"json({"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true})json",
    R"json({"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false})json",
    R"json({"type":"Whitespace"})json",
    R"json({"type":"WhitespaceSplit"})json",
    R"json({"type":"BertPreTokenizer"})json",
    R"json({"type":"Punctuation","behavior":"MergedWithPrevious"})json",
    R"json({"type":"Punctuation","behavior":"Isolated"})json",
    R"json({"type":"Digits","individual_digits":false})json",
    R"json({"type":"Digits","individual_digits":true})json",
    R"json({"type":"CharDelimiterSplit","delimiter":"-"})json",
    R"json({"type":"UnicodeScripts"})json",
    R"json({"type":"FixedLength","length":3})json",
    R"json({"type":"Split","pattern":{"String":"ab"},"behavior":"Removed","invert":false})json",
    R"json({"type":"Split","pattern":{"String":" "},"behavior":"Isolated","invert":false})json",
    R"json({"type":"Split","pattern":{"String":" "},"behavior":"MergedWithNext","invert":false})json",
    R"json({"type":"Split","pattern":{"Regex":"[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false})json",
    R"json({"type":"Split","pattern":{"Regex":"\\w+|\\s+(?!\\S)"},"behavior":"Removed","invert":true})json",
    R"json({"type":"Split","pattern":{"Regex":"(?<=a)b|\\ba|-"},"behavior":"Isolated","invert":false})json",
    R"json({"type":"Split","pattern":{"Regex":"a+b|a"},"behavior":"Contiguous","invert":false})json",
    R"json({"type":"Sequence","pretokenizers":[]})json",
    R"json({"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}]})json",
    R"json({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\\p{N}{1,3}"},"behavior":"Isolated","invert":false},{"type":"Split","pattern":{"Regex":"\\s?\\p{L}+"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]})json",
};

std::vector<std::string> Texts(const PreTokenizedText& words) {
  std::vector<std::string> texts;
  for (const PreTokenizedText::Word& word : words.words) texts.emplace_back(words.View(word));
  return texts;
}

std::string RandomText(uint64_t& state) {
  constexpr std::string_view kParts[] = {"a",  "b", " ",      " ",  "  ", "\n", "1", "23", "-",
                                         "'s", "é", "\u0301", "中", "▁",  "A",  ".", "👩", "ß"};
  std::string text;
  for (uint64_t left = 1 + NextRandom(state) % 60; left > 0; --left) {
    text += kParts[NextRandom(state) % std::size(kParts)];
  }
  return text;
}

std::unique_ptr<PreTokenizer> Parsed(std::string_view json) {
  const auto tree = ParseJsonView(json, "test.json");
  JsonSource source{"test.json"};
  const JsonFields fields(*tree, source);
  auto pre_tokenizer = PreTokenizer::Parse(fields);
  EXPECT_TRUE(fields.ok()) << json;
  return pre_tokenizer;
}

TEST(PreTokenizer, PortionsHaveTheWordsOfTheWhole) {
  for (const std::string_view json : kPreTokenizers) {
    SCOPED_TRACE(json);
    const std::unique_ptr<PreTokenizer> pre_tokenizer = Parsed(json);
    uint64_t state = 1;
    for (int round = 0; round < 300; ++round) {
      const std::string text = RandomText(state);
      const bool is_first = NextRandom(state) % 2 == 0;
      PreTokenizedText whole({GrowingText(text), is_first});
      pre_tokenizer->Apply(whole);
      std::vector<std::string> found;
      const size_t size = 1 + NextRandom(state) % 20;
      for (size_t at = 0; at < text.size();) {
        const size_t before = at;
        const auto portion = pre_tokenizer->ApplyToPortion(text, is_first, at, size);
        ASSERT_GT(at, before);
        for (std::string& word : Texts(portion)) found.push_back(std::move(word));
      }
      ASSERT_EQ(found, Texts(whole)) << text << " by " << size;
    }
  }
}

// The words that Metaspace, which prepends always, makes of a text.
std::vector<std::string> MetaspaceWords(std::string_view text, const std::string& mark,
                                        bool splits) {
  std::string written = text.starts_with(' ') || text.starts_with(mark) ? "" : mark;
  for (const char c : text) {
    if (c == ' ') {
      written += mark;
    } else {
      written += c;
    }
  }
  std::vector<std::string> words;
  for (size_t start = 0; start < written.size();) {
    const size_t end =
        splits ? std::min(written.find(mark, start + 1), written.size()) : written.size();
    words.push_back(written.substr(start, end - start));
    start = end;
  }
  return words;
}

TEST(PreTokenizer, MetaspaceWritesMarksAndSplitsBeforeThem) {
  for (const std::string mark : {"▁", "a", "é", "👩", " "}) {
    for (const bool splits : {true, false}) {
      const auto pre_tokenizer =
          Parsed(R"({"type":"Metaspace","replacement":")" + mark +
                 R"(","prepend_scheme":"always","split":)" + (splits ? "true}" : "false}"));
      uint64_t state = 1;
      for (int round = 0; round < 300; ++round) {
        const std::string text = RandomText(state);
        PreTokenizedText words({GrowingText(text), true});
        pre_tokenizer->Apply(words);
        ASSERT_EQ(Texts(words), MetaspaceWords(text, mark, splits)) << text << " by " << mark;
      }
    }
  }
}

}  // namespace
}  // namespace reprise
