#include "tokenizer/byte_trie.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/random_numbers.h"

namespace reprise {
namespace {

TEST(ByteTrie, FindsWhatAMapFinds) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    uint64_t state = seed;
    // Few letters make deep tries, many make broad ones.
    const uint64_t letters = seed % 3 == 0 ? 256 : 1 + seed % 7;
    const auto random_text = [&](size_t most) {
      std::string text(NextRandom(state) % (most + 1), ' ');
      for (char& c : text) c = static_cast<char>(255 - NextRandom(state) % letters);
      return text;
    };
    std::map<std::string, int32_t> texts;
    for (size_t i = 0; i < seed * 10; ++i) texts[random_text(6)] = static_cast<int32_t>(i);
    std::vector<std::pair<std::string_view, int32_t>> list(texts.begin(), texts.end());
    const ByteTrie trie(list);
    texts.erase("");
    EXPECT_EQ(trie.empty(), texts.empty());
    for (int i = 0; i < 200; ++i) {
      const std::string text = random_text(9);
      std::optional<std::pair<size_t, int32_t>> expected;
      for (size_t size = 1; size <= text.size(); ++size) {
        const std::string start = text.substr(0, size);
        const auto found = texts.find(start);
        if (found != texts.end()) expected = {size, found->second};
        const auto node = trie.Walk(ByteTrie::kRoot, start);
        const auto next = texts.lower_bound(start);
        ASSERT_EQ(node.has_value(), next != texts.end() && next->first.starts_with(start));
        if (node) {
          ASSERT_EQ(trie.Value(*node), found == texts.end() ? ByteTrie::kNoValue : found->second);
        }
      }
      const auto longest = trie.Longest(ByteTrie::kRoot, text);
      ASSERT_EQ(longest.has_value(), expected.has_value());
      if (!longest) continue;
      ASSERT_EQ(std::pair(longest->length, longest->value), *expected);
    }
  }
}

}  // namespace
}  // namespace reprise
