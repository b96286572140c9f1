// The hash tables of a tokenizer against files written to fill one place of them, and the word
// cache.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_hash.h"
#include "tests/support/random_numbers.h"
#include "tokenizer/merge_table.h"
#include "tokenizer/vocabulary.h"
#include "tokenizer/word_cache.h"

namespace reprise {
namespace {

constexpr HashKey kGuessed = {1, 2};
constexpr HashKey kOther = {0x9AE16A3B2F90404F, 0xC949D7C7509E6557};
constexpr size_t kCount = 512;

// Texts whose hashes under the guessed key all begin in the same sixteen slots of a table of 1,024.
std::vector<std::string> CraftedTexts() {
  std::vector<std::string> texts;
  for (uint64_t i = 0; texts.size() < kCount; ++i) {
    std::string text = "t" + std::to_string(i);
    if ((HashBytes(text, kGuessed) & 1023) < 16) texts.push_back(std::move(text));
  }
  return texts;
}

TEST(Vocabulary, CannotBeFilledAtOnePlace) {
  const std::vector<std::string> texts = CraftedTexts();
  const std::vector<std::string_view> tokens(texts.begin(), texts.end());
  EXPECT_GE(Vocabulary::FromList(tokens, kGuessed).longest_search(), kCount);
  const Vocabulary vocabulary = Vocabulary::FromList(tokens, kOther);
  EXPECT_LE(vocabulary.longest_search(), 64u);
  std::vector<int32_t> ids(kCount);
  vocabulary.FindAll(tokens, ids);
  for (size_t i = 0; i < kCount; ++i) EXPECT_EQ(ids[i], static_cast<int32_t>(i));
  EXPECT_EQ(vocabulary.Find("t"), std::nullopt);
}

TEST(MergeTable, CannotBeFilledAtOnePlace) {
  // Small keys all lie at the beginning where the factor is 1.
  std::vector<MergeTable::Merge> merges;
  for (int32_t i = 0; i < static_cast<int32_t>(kCount); ++i) merges.push_back({i, i, i, i});
  const auto longest = [&](const HashKey& key) {
    MergeTable table;
    table.Reserve(merges.size(), key);
    table.Set(merges);
    for (const auto& merge : merges) EXPECT_EQ(table.RankOf(merge.left, merge.right), merge.rank);
    return table.longest_search();
  };
  EXPECT_GE(longest(kGuessed), kCount);
  EXPECT_LE(longest(kOther), 64u);
}

TEST(HashBytes, LooksAtEveryByteAndAtTheKey) {
  for (size_t size = 0; size < 70; ++size) {
    const std::string text(size, 'a');
    const uint64_t hash = HashBytes(text, kOther);
    EXPECT_NE(hash, HashBytes(text + "a", kOther)) << size;
    EXPECT_NE(hash, HashBytes(text, kGuessed)) << size;
    EXPECT_TRUE(EqualBytes(text, std::string(text)));
    EXPECT_FALSE(EqualBytes(text, text + "a"));
    for (size_t i = 0; i < size; ++i) {
      std::string changed = text;
      changed[i] = 'b';
      EXPECT_NE(hash, HashBytes(changed, kOther)) << size << " " << i;
      EXPECT_FALSE(EqualBytes(text, changed)) << size << " " << i;
    }
  }
  // The same everywhere, whether or not there is a product of 128 bits.
  EXPECT_EQ(HashBytes("tokenizer.json, and more", kOther), 1400631999527180378u);
}

TEST(WordCache, IsNotNeeded) {
  struct Word {
    size_t start;
    size_t end;
  };
  const std::string text = "to be or not to be";
  const std::vector<Word> words = {{0, 2}, {3, 5}, {6, 8}, {9, 12}, {13, 15}, {16, 18}};
  const auto encode = [&](WordCache* cache) {
    GrowingArray<int32_t> ids;
    const auto status =
        AppendWords(cache, text, std::span<const Word>(words), ids, [&](std::string_view word) {
          for (const char c : word) ids.push_back(c);
          return Status();
        });
    EXPECT_TRUE(status.has_value());
    return ids;
  };
  const std::unique_ptr<WordCache> cache = WordCache::Create();
  ASSERT_NE(cache, nullptr);
  EXPECT_EQ(encode(nullptr), encode(cache.get()));
  EXPECT_EQ(encode(nullptr), encode(cache.get()));
}

// More words than are kept, short and long, with few and many ids, most of them several times.
TEST(WordCache, ForgetsNothingThatChangesAnId) {
  struct Word {
    size_t start;
    size_t end;
  };
  constexpr uint64_t kDistinct = 400'000;
  const auto append_ids = [](std::string_view word, GrowingArray<int32_t>& ids) {
    uint64_t state = HashBytes(word, kOther);
    const uint64_t count = state % 97 == 0 ? 300 : state % 13;
    for (uint64_t i = 0; i < count; ++i) {
      ids.push_back(static_cast<int32_t>(NextRandom(state) % Vocabulary::kMaxTokens));
    }
  };
  const std::unique_ptr<WordCache> cache = WordCache::Create();
  ASSERT_NE(cache, nullptr);
  uint64_t state = 1, encoded = 0, all = 0;
  for (int document = 0; document < 200; ++document) {
    std::string text;
    std::vector<Word> words;
    GrowingArray<int32_t> expected, ids;
    for (int i = 0; i < 5'000; ++i) {
      // Low numbers are the more frequent ones.
      const uint64_t number = NextRandom(state) % kDistinct * (NextRandom(state) % 1'000) / 1'000;
      const std::string digits = std::to_string(number);
      const size_t start = text.size();
      while (text.size() - start <= number % (number % 50 == 0 ? 300 : 20)) text += digits;
      words.push_back({start, text.size()});
      append_ids(std::string_view(text).substr(start), expected);
    }
    const auto status = AppendWords(cache.get(), text, std::span<const Word>(words), ids,
                                    [&](std::string_view word) {
                                      append_ids(word, ids);
                                      ++encoded;
                                      return Status();
                                    });
    EXPECT_TRUE(status.has_value());
    ASSERT_EQ(ids, expected) << document;
    all += words.size();
  }
  EXPECT_LT(encoded, all * 3 / 4);
}

// As many words as a long text of many languages has, over and over.
TEST(WordCache, KeepsNearlyAllWordsThatFit) {
  struct Word {
    size_t start;
    size_t end;
  };
  constexpr int32_t kWords = 200'000;
  std::string text;
  std::vector<Word> words;
  for (int32_t i = 0; i < kWords; ++i) {
    const size_t start = text.size();
    text += "w" + std::to_string(i);
    words.push_back({start, text.size()});
  }
  const std::unique_ptr<WordCache> cache = WordCache::Create();
  ASSERT_NE(cache, nullptr);
  int encoded = 0;
  for (int pass = 0; pass < 3; ++pass) {
    encoded = 0;
    GrowingArray<int32_t> ids;
    const auto encode = [&](std::string_view word) {
      ids.push_back(std::stoi(std::string(word.substr(1))));
      ++encoded;
      return Status();
    };
    ASSERT_TRUE(AppendWords(cache.get(), text, std::span<const Word>(words), ids, encode));
    ASSERT_EQ(ids.size(), words.size());
    for (int32_t i = 0; i < kWords; ++i) ASSERT_EQ(ids[static_cast<size_t>(i)], i);
  }
  EXPECT_LT(encoded, kWords / 50);
}

}  // namespace
}  // namespace reprise
