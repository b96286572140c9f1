// Words split before the marks of spaces have the ids of the words as they are.
#include "tokenizer/mark_borders.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/random_numbers.h"
#include "tokenizer/encoding.h"

namespace reprise {
namespace {

std::string Quoted(const std::string& text) { return '"' + text + '"'; }

// A BPE model over a few characters, ▁ and symbols of what is unknown, with random merges of which
// `joins` join something with the ▁ behind it.
std::string RandomModel(uint64_t& state, bool joins) {
  std::vector<std::string> tokens = {"a", "b", "c", "▁", "?", "<0xC3>", "<0xA9>"};
  std::set<std::string> known(tokens.begin(), tokens.end());
  std::string merges;
  for (int i = 0; i < 30; ++i) {
    const std::string left = tokens[NextRandom(state) % tokens.size()];
    const std::string right = tokens[NextRandom(state) % tokens.size()];
    const bool crosses = right.starts_with("▁") && left != "▁";
    if ((crosses && !joins) || left.size() + right.size() > 16) continue;
    if (!known.insert(left + right).second) continue;
    tokens.push_back(left + right);
    if (NextRandom(state) % 4 == 0) continue;  // a token that nothing makes
    merges += (merges.empty() ? "" : ",") + Quoted(left + " " + right);
  }
  std::string vocab;
  for (size_t id = 0; id < tokens.size(); ++id) {
    vocab += (id == 0 ? "" : ",") + Quoted(tokens[id]) + ":" + std::to_string(id);
  }
  const bool has_unk = NextRandom(state) % 3 != 0, has_bytes = NextRandom(state) % 2 == 0;
  return std::string(R"({"version":"1.0","model":{"type":"BPE","unk_token":)") +
         (has_unk ? R"("?")" : "null") + R"(,"fuse_unk":)" +
         (NextRandom(state) % 2 == 0 ? "true" : "false") + R"(,"byte_fallback":)" +
         (has_bytes ? "true" : "false") + R"(,"ignore_merges":)" +
         (NextRandom(state) % 4 == 0 ? "true" : "false") + R"(,"vocab":{)" + vocab +
         R"(},"merges":[)" + merges + "]}}";
}

// Encoding with offsets leaves words whole.
TEST(MarkBorders, ChangeNoIds) {
  const std::vector<std::string> characters = {"a", "b", "c", "▁", "▁", "é", "x", "?"};
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    uint64_t state = seed * 7919;
    const std::string json = RandomModel(state, /*joins=*/seed % 3 == 0);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + json);
    const auto tokenizer = Tokenizer::Parse(json, "tokenizer.json");
    ASSERT_TRUE(tokenizer.has_value()) << tokenizer.error().message;
    const auto whole = TextEncoder::Create(*tokenizer, {.offsets = true});
    ASSERT_TRUE(whole.has_value());
    for (int round = 0; round < 20; ++round) {
      std::string text;
      for (uint64_t i = NextRandom(state) % 40; i > 0; --i) {
        text += characters[NextRandom(state) % characters.size()];
      }
      const auto ids = (*tokenizer)->Encode(text, false);
      const auto expected = whole->Encode(text);
      ASSERT_TRUE(ids.has_value() && expected.has_value()) << text;
      ASSERT_EQ(*ids, expected->ids) << text;
    }
  }
}

std::vector<std::string> Split(const std::vector<std::string>& tokens, std::string_view unk,
                               std::string_view text) {
  const std::vector<std::string_view> texts(tokens.begin(), tokens.end());
  const auto borders = MarkBorders::Of(Vocabulary::FromList(texts, HashKey()), unk);
  if (!borders) return {};
  PreTokenizedText words({GrowingText(text), true});
  borders->Split(words);
  std::vector<std::string> parts;
  for (const auto& word : words.words) parts.emplace_back(words.View(word));
  return parts;
}

TEST(MarkBorders, LieBeforeMarksThatNothingJoins) {
  using Parts = std::vector<std::string>;
  EXPECT_EQ(Split({"a", "▁", "▁a", "▁▁"}, "", "a▁a▁▁▁é▁"), (Parts{"a", "▁a", "▁▁▁é", "▁"}));
  EXPECT_EQ(Split({"a", "▁", "b", "b▁a"}, "", "▁a▁b▁a"), (Parts{"▁a", "▁b▁a"}));
  // What stands for unknown characters joins with a mark, or the mark is unknown.
  EXPECT_EQ(Split({"a", "▁", "<0x0A>▁"}, "", "a▁a"), Parts());
  EXPECT_EQ(Split({"a", "▁", "?", "?▁"}, "?", "a▁a"), Parts());
  EXPECT_EQ(Split({"a"}, "", "a▁a"), Parts());
}

}  // namespace
}  // namespace reprise
