// The model BPE: its options, and joining against its oracle.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
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
    for (size_t byte = 0; byte < 256; ++byte) {
      ids[byte] = static_cast<int32_t>(byte < kLetters ? byte : 1000 + byte);
    }
    table.IndexBytes(ids);
    GrowingArray<int32_t> joined, from_symbols{std::span<const int32_t>(symbols)};
    joined.push_back(7);
    table.JoinBytes(std::string(symbols.begin(), symbols.end()), joined);
    table.JoinNaively(naive);
    table.Join(from_symbols);
    EXPECT_EQ(from_symbols, naive);
    naive.insert(naive.begin(), 7);
    EXPECT_EQ(joined, naive);
  }
}

// Characters of one to four bytes, few of each, so that random merges often join them.
std::string RandomCharacters(size_t count, uint64_t& state) {
  constexpr std::string_view kCharacters[] = {" ",
                                              "a",
                                              "\xC3\xA9",
                                              "\xD0\xB0",
                                              "\xD0\xB1",
                                              "\xE0\xA4\xA4",
                                              "\xE0\xA4\xA5",
                                              "\xE0\xA5\xA4",
                                              "\xF0\x9F\x98\x80"};
  std::string text;
  for (size_t i = 0; i < count; ++i)
    text += kCharacters[NextRandom(state) % std::size(kCharacters)];
  return text;
}

// Merges of neighbours as they come in random text, in the order of their ranks or, in every fourth
// table, in another one, so that a merge may need what a later one makes. In every fifth, all that
// make the same bytes make one token.
MergeTable RandomByteMerges(uint64_t seed, uint64_t& state, const std::array<int32_t, 256>& ids) {
  constexpr size_t kMerges = 60;
  std::vector<MergeTable::Merge> merges;
  int32_t tokens = 256;
  std::map<std::pair<int32_t, int32_t>, int32_t> seen;
  std::map<int32_t, std::string> bytes;
  std::map<std::string, int32_t> token_of;
  for (size_t byte = 0; byte < 256; ++byte) bytes[ids[byte]] = static_cast<char>(byte);
  while (merges.size() < kMerges) {
    const std::string text = RandomCharacters(8, state);
    List symbols;
    for (const char byte : text) symbols.push_back(ids[static_cast<unsigned char>(byte)]);
    for (const auto& [left, right, rank, result] : merges) {
      for (size_t i = 0; i + 1 < symbols.size(); ++i) {
        if (symbols[i] != left || symbols[i + 1] != right) continue;
        symbols[i] = result;
        symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      }
    }
    if (symbols.size() < 2) continue;
    const size_t at = NextRandom(state) % (symbols.size() - 1);
    const std::pair pair(symbols[at], symbols[at + 1]);
    if (!seen.emplace(pair, tokens).second) continue;
    const auto rank = static_cast<int32_t>(merges.size());
    // Results that do not grow with the ranks, in every third table.
    int32_t result = seed % 3 == 0 ? 1000 - tokens : tokens;
    ++tokens;
    const std::string joined = bytes[pair.first] + bytes[pair.second];
    if (seed % 5 == 0) result = token_of.emplace(joined, result).first->second;
    bytes[result] = joined;
    merges.push_back({pair.first, pair.second, rank, result});
  }
  if (seed % 4 == 0) {
    for (size_t i = kMerges; i > 1; --i) {
      std::swap(merges[i - 1].rank, merges[NextRandom(state) % i].rank);
    }
  }
  MergeTable table;
  table.Reserve(kMerges, {.first = NextRandom(state)});
  table.Set(merges);
  table.IndexBytes(ids);
  return table;
}

TEST(Bpe, JoiningCharactersEqualsJoiningBytes) {
  std::array<int32_t, 256> ids{};
  for (size_t byte = 0; byte < 256; ++byte) ids[byte] = static_cast<int32_t>(byte);
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    uint64_t state = seed;
    const MergeTable table = RandomByteMerges(seed, state, ids);
    for (int word = 0; word < 50; ++word) {
      const std::string text = RandomCharacters(1 + NextRandom(state) % 20, state);
      List naive;
      GrowingArray<int32_t> joined;
      for (const char byte : text) naive.push_back(ids[static_cast<unsigned char>(byte)]);
      table.JoinNaively(naive);
      table.JoinBytes(text, joined);
      EXPECT_EQ(joined, naive) << text;
    }
  }
}

// Words of one unit again and again, in which many pairs of the same rank wait, and random ones.
TEST(Bpe, LooksAtPairsLinearInAWord) {
  std::array<int32_t, 256> ids{};
  for (size_t byte = 0; byte < 256; ++byte) ids[byte] = static_cast<int32_t>(byte);
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    uint64_t state = seed;
    const MergeTable table = RandomByteMerges(seed, state, ids);
    std::string unit = RandomCharacters(seed % 2 == 0 ? 1 + seed % 20 : 5'000, state);
    const auto count = [&](size_t size) {
      GrowingArray<int32_t> symbols;
      for (size_t i = 0; i < size; ++i) {
        symbols.push_back(ids[static_cast<unsigned char>(unit[i % unit.size()])]);
      }
      return table.Join(symbols);
    };
    constexpr size_t kSize = 5'000;
    EXPECT_LE(count(kSize), 3 * kSize);
    EXPECT_LE(count(8 * kSize), 3 * 8 * kSize);
  }
}

}  // namespace
}  // namespace reprise
