// Metrics against counts made by hand.
#include "tokenizer/metrics.h"

#include <gtest/gtest.h>

#include <bit>

#include "base/thread_pool.h"

namespace reprise {
namespace {

std::shared_ptr<const Tokenizer> Parse(std::string_view json) {
  auto tokenizer = Tokenizer::Parse(json, "tokenizer.json");
  EXPECT_TRUE(tokenizer.has_value()) << tokenizer.error().message;
  return tokenizer.value_or(nullptr);
}

// Words are tokens.
std::shared_ptr<const Tokenizer> Words() {
  return Parse(R"({"version":"1.0","pre_tokenizer":{"type":"WhitespaceSplit"},
    "model":{"type":"WordLevel","unk_token":"?","vocab":{"?":0,"a":1,"b":2,"яя":3}}})");
}

Result<TokenizerMetrics> Measure(std::shared_ptr<const Tokenizer> tokenizer,
                                 const std::vector<std::string>& texts, int64_t slice = 1 << 20,
                                 int threads = 1) {
  std::string joined;
  std::vector<uint32_t> sizes;
  for (const std::string& text : texts) {
    joined += text;
    sizes.push_back(static_cast<uint32_t>(text.size()));
  }
  MetricsBatch batch(std::move(tokenizer), joined, sizes);
  ThreadPool pool(threads);
  for (bool is_done = false; !is_done;) {
    REPRISE_ASSIGN(is_done, batch.Step(slice, pool));
  }
  return batch.metrics().value();
}

std::vector<int32_t> IdsOf(const std::vector<TokenizerMetrics::Token>& tokens) {
  std::vector<int32_t> ids;
  for (const TokenizerMetrics::Token& token : tokens) ids.push_back(token.id);
  return ids;
}

void ExpectScript(const TokenizerMetrics::OfScript& found, std::string_view name,
                  double tokens_per_word, double tokens_per_character) {
  EXPECT_EQ(found.name, name);
  EXPECT_EQ(found.fertility.tokens_per_word, tokens_per_word) << name;
  EXPECT_EQ(found.fertility.tokens_per_character, tokens_per_character) << name;
}

TEST(TokenizerMetrics, AreThoseCountedByHand) {
  const TokenizerMetrics metrics = Measure(Words(), {"a a  b", "яя zé\n"}).value();
  EXPECT_EQ(metrics.counts.texts, 2);
  EXPECT_EQ(metrics.counts.bytes, 15);
  EXPECT_EQ(metrics.counts.characters, 12);
  EXPECT_EQ(metrics.counts.words, 5);
  EXPECT_EQ(metrics.counts.tokens, 5);
  EXPECT_EQ(metrics.counts.unknown_tokens, 1);
  EXPECT_EQ(metrics.counts.byte_fallback_tokens, 0);
  EXPECT_EQ(metrics.text_coverage, 12.0 / 15);
  EXPECT_EQ(metrics.vocabulary_coverage, 1);
  // -(0.4 log2 0.4 + 3 * 0.2 log2 0.2)
  EXPECT_NEAR(metrics.bits_per_token, 1.9219280948873623, 1e-14);
  EXPECT_NEAR(metrics.normalized_entropy, 0.96096404744368116, 1e-14);
  EXPECT_EQ(metrics.fertility.tokens_per_word, 1);
  EXPECT_EQ(metrics.fertility.tokens_per_character, 5.0 / 12);
  EXPECT_EQ(metrics.bytes_per_token, 3);
  EXPECT_EQ(IdsOf(metrics.longest), (std::vector<int32_t>{3, 0, 1, 2}));
  EXPECT_EQ(IdsOf(metrics.most_frequent), (std::vector<int32_t>{1, 0, 2, 3}));
  EXPECT_EQ(metrics.most_frequent[0].count, 2);
  ASSERT_EQ(metrics.by_script.size(), 2u);
  ExpectScript(metrics.by_script[0], "Cyrillic", 1, 0.5);
  ExpectScript(metrics.by_script[1], "Latin", 1, 0.8);
}

TEST(TokenizerMetrics, KnowsTheLeastAndTheGreatestEntropy) {
  const TokenizerMetrics uniform = Measure(Words(), {"a b яя ?"}).value();
  EXPECT_NEAR(uniform.bits_per_token, 2, 1e-15);
  EXPECT_NEAR(uniform.normalized_entropy, 1, 1e-15);
  EXPECT_LE(uniform.normalized_entropy, 1);
  const TokenizerMetrics single = Measure(Words(), {"a a a"}).value();
  EXPECT_EQ(single.bits_per_token, 0);
  EXPECT_EQ(single.vocabulary_coverage, 0.25);
}

TEST(TokenizerMetrics, CountsBytesThatFallBackOnce) {
  const auto tokenizer = Parse(R"({"version":"1.0","model":{"type":"BPE","unk_token":"<unk>",
    "byte_fallback":true,"vocab":{"<0xC3>":0,"<0xA9>":1,"a":2,"<unk>":3},"merges":[]}})");
  const TokenizerMetrics metrics = Measure(tokenizer, {"aé€"}).value();
  EXPECT_EQ(metrics.counts.tokens, 4);
  EXPECT_EQ(metrics.counts.byte_fallback_tokens, 2);
  EXPECT_EQ(metrics.counts.unknown_tokens, 1);
  EXPECT_EQ(metrics.text_coverage, 1.0 / 6);
  EXPECT_EQ(IdsOf(metrics.longest), (std::vector<int32_t>{3, 0, 1, 2}));
  // The sign of the euro is of every script, so here of the word's.
  ASSERT_EQ(metrics.by_script.size(), 1u);
  ExpectScript(metrics.by_script[0], "Latin", 4, 4.0 / 3);
}

TEST(TokenizerMetrics, GivesSharedCharactersTheScriptBesideThem) {
  const TokenizerMetrics metrics = Measure(Words(), {"«da» 2023\u00a0кот-cat!"}).value();
  EXPECT_EQ(metrics.counts.words, 3);
  ASSERT_EQ(metrics.by_script.size(), 3u);
  ExpectScript(metrics.by_script[0], "Common", 1, 0.25);
  ExpectScript(metrics.by_script[1], "Cyrillic", 1, 0.25);
  ExpectScript(metrics.by_script[2], "Latin", 0.5, 0.125);  // the token of «кот-cat!» is Cyrillic
}

TEST(TokenizerMetrics, AreZeroOfNothing) {
  const TokenizerMetrics metrics = Measure(Words(), {"", " \n"}).value();
  EXPECT_EQ(metrics.counts.texts, 2);
  EXPECT_EQ(metrics.counts.characters, 2);
  EXPECT_EQ(metrics.counts.words, 0);
  EXPECT_EQ(metrics.bits_per_token, 0);
  EXPECT_EQ(metrics.fertility.tokens_per_word, 0);
  EXPECT_EQ(metrics.bytes_per_token, 0);
  EXPECT_TRUE(metrics.by_script.empty());
  EXPECT_TRUE(metrics.longest.empty());
  EXPECT_EQ(Measure(Words(), {}).value().text_coverage, 0);
}

TEST(TokenizerMetrics, AreTheSameOnAnyNumberOfThreadsAndSlices) {
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) {
    std::string text;
    for (int n = i * 7 % 11; n > 0; --n) text += n % 3 == 0 ? "a " : n % 2 == 0 ? "яя b" : "z ";
    texts.push_back(text);
  }
  const TokenizerMetrics expected = Measure(Words(), texts).value();
  // The sum is one on every machine.
  EXPECT_EQ(std::bit_cast<uint64_t>(expected.bits_per_token), 0x3ff67e4b7a78a117);
  for (const int threads : {1, 3}) {
    if (threads > 1 && !ThreadPool::HasThreads()) continue;
    const TokenizerMetrics found = Measure(Words(), texts, 100, threads).value();
    EXPECT_EQ(found.bits_per_token, expected.bits_per_token);
    EXPECT_EQ(found.counts.occurrences, expected.counts.occurrences);
    EXPECT_EQ(found.counts.uncovered_bytes, expected.counts.uncovered_bytes);
    ASSERT_EQ(found.by_script.size(), expected.by_script.size());
    for (size_t s = 0; s < found.by_script.size(); ++s) {
      ExpectScript(found.by_script[s], expected.by_script[s].name,
                   expected.by_script[s].fertility.tokens_per_word,
                   expected.by_script[s].fertility.tokens_per_character);
    }
  }
  texts[100] = texts[200] = "\xff";
  const auto failed = Measure(Words(), texts);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(*failed.error().Text("argument"), "texts[100]");
}

}  // namespace
}  // namespace reprise
