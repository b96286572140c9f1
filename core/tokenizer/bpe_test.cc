// The model BPE: its options, and joining against its oracle.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/random_numbers.h"
#include "tokenizer/merge_table.h"
#include "tokenizer/tokenizer.h"

namespace reprise {
namespace {

using List = std::vector<int32_t>;

std::shared_ptr<const Tokenizer> WithModel(const std::string& model) {
  const std::string json = R"({"version":"1.0","model":)" + model + "}";
  auto tokenizer = Tokenizer::Parse(json, "tokenizer.json");
  EXPECT_TRUE(tokenizer.has_value()) << tokenizer.error().message;
  return tokenizer.value_or(nullptr);
}

TEST(Bpe, TreatsUnknownCharactersAsTheOptionsSay) {
  const auto encode = [](std::string_view options, std::string_view text) {
    const auto tokenizer = WithModel(R"({"type":"BPE",)" + std::string(options) +
                                     R"("vocab":{"a":0,"?":1,"<0xC3>":2,"<0xA9>":3},"merges":[]})");
    return tokenizer->Encode(text, false).value();
  };
  EXPECT_EQ(encode("", "aéa"), (List{0, 0}));
  EXPECT_EQ(encode(R"("unk_token":"?",)", "axya"), (List{0, 1, 1, 0}));
  EXPECT_EQ(encode(R"("unk_token":"?","fuse_unk":true,)", "axya"), (List{0, 1, 0}));
  EXPECT_EQ(encode(R"("unk_token":"?","byte_fallback":true,)", "aéx"), (List{0, 2, 3, 1}));
  // A character is written as bytes only where each byte has a token.
  EXPECT_EQ(encode(R"("unk_token":"?","byte_fallback":true,)", "è"), List{1});
}

TEST(Bpe, IgnoreMergesTakesWholeWords) {
  constexpr std::string_view kVocab =
      R"("vocab":{"a":0,"b":1,"ab":2,"aba":3},"merges":[["a","b"]]})";
  const auto plain = WithModel(R"({"type":"BPE",)" + std::string(kVocab));
  const auto whole = WithModel(R"({"type":"BPE","ignore_merges":true,)" + std::string(kVocab));
  EXPECT_EQ(plain->Encode("aba", false).value(), (List{2, 0}));
  EXPECT_EQ(whole->Encode("aba", false).value(), List{3});
  EXPECT_EQ(whole->Encode("abaa", false).value(), (List{2, 0, 0}));
}

TEST(Bpe, JoiningByHeapEqualsJoiningNaively) {
  constexpr int32_t kLetters = 4;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    uint64_t state = seed;
    // Merges of earlier tokens only, each pair once, results all distinct.
    MergeTable table;
    table.Reserve(40, {.first = NextRandom(state)});
    int32_t tokens = kLetters;
    for (int32_t rank = 0; rank < 40; ++rank) {
      const auto left = static_cast<int32_t>(NextRandom(state) % static_cast<uint64_t>(tokens));
      const auto right = static_cast<int32_t>(NextRandom(state) % static_cast<uint64_t>(tokens));
      if (table.RankOf(left, right) == MergeTable::kNoRank) {
        const MergeTable::Merge merge = {left, right, rank, tokens++};
        table.Set({&merge, 1});
      }
    }
    List symbols(1 + NextRandom(state) % (seed % 2 == 0 ? 32 : 200));
    for (int32_t& symbol : symbols) symbol = static_cast<int32_t>(NextRandom(state) % kLetters);
    List naive = symbols;
    // Bytes 0 to kLetters - 1 stand for the letters.
    std::array<int32_t, 256> ids{};
    for (size_t byte = 0; byte < 256; ++byte) ids[byte] = static_cast<int32_t>(byte % kLetters);
    table.IndexBytes(ids);
    List joined = {7};
    table.JoinBytes(std::string(symbols.begin(), symbols.end()), joined);
    table.JoinNaively(naive);
    table.Join(symbols);
    EXPECT_EQ(symbols, naive);
    naive.insert(naive.begin(), 7);
    EXPECT_EQ(joined, naive);
  }
}

}  // namespace
}  // namespace reprise
