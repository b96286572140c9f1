// Sizes of parts, and everything that a split refuses.
#include "dataset/split_sizes.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <string>

#include "dataset/testing/split.h"
#include "random/philox.h"

namespace reprise {
namespace {

SplitOptions Ratios(const std::vector<double>& ratios) {
  SplitOptions options;
  for (const double ratio : ratios) {
    options.parts.push_back({.name = std::to_string(options.parts.size()), .ratio = ratio});
  }
  return options;
}

using Sizes = std::vector<uint64_t>;

TEST(SplitSizes, AreByLargestRemainder) {
  EXPECT_EQ(SplitSizes(Ratios({0.8, 0.1, 0.1}), 10), (Sizes{8, 1, 1}));
  EXPECT_EQ(SplitSizes(Ratios({0.9, 0.06, 0.04}), 11), (Sizes{10, 1, 0}));
  EXPECT_EQ(SplitSizes(Ratios({1}), 7), (Sizes{7}));
  // Of equal remainders the earlier part's goes first.
  EXPECT_EQ(SplitSizes(Ratios({0.5, 0.5}), 7), (Sizes{4, 3}));
  const double third = 1.0 / 3;
  EXPECT_EQ(SplitSizes(Ratios({third, third, third}), 11), (Sizes{4, 4, 3}));
}

TEST(SplitSizes, AreNotMovedByBinaryFractions) {
  // 0.29 * 100 is 28.999999999999996, and 0.35 * 90 is 31.499999999999996.
  EXPECT_EQ(SplitSizes(Ratios({0.29, 0.71}), 100), (Sizes{29, 71}));
  EXPECT_EQ(SplitSizes(Ratios({0.35, 0.65}), 90), (Sizes{32, 58}));
  EXPECT_EQ(SplitSizes(Ratios({0.1, 0.2, 0.7}), 10), (Sizes{1, 2, 7}));
}

TEST(SplitSizes, SumToTheRows) {
  const std::vector<double> thousand(1000, 0.001);
  const std::vector<std::vector<double>> all = {
      {0.5, 0.5 + 1e-9}, {0.3, 0.3, 0.4 - 1e-9}, {1e-12, 1 - 1e-12}, thousand};
  for (const auto& ratios : all) {
    for (const int64_t rows : {int64_t{0}, int64_t{1}, int64_t{999}, int64_t{65'537},
                               int64_t{2'999'999'999}, kMaxSplitRows}) {
      const Sizes sizes = SplitSizes(Ratios(ratios), rows);
      EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), uint64_t{0}),
                static_cast<uint64_t>(rows));
      for (size_t p = 0; p < sizes.size(); ++p) {
        // The ratios that sum to a little above or below 1 are taken as parts of their sum.
        const double ideal = ratios[p] * static_cast<double>(rows);
        EXPECT_NEAR(static_cast<double>(sizes[p]), ideal, 1 + 2e-9 * ideal);
      }
    }
  }
}

// ---------------------------------------------------------------------------------- refusals

using Parts = std::vector<SplitPart>;

const Parts kHalves = {{"a", 0.5, 5}, {"b", 0.5, 5}};
const Parts kTrainAndTest = {{"train", 0.5, 5}, {"test", 0.5, 5}};

constexpr auto kShuffle = SplitMethod::kShuffle;
constexpr auto kContent = SplitMethod::kContent;
constexpr auto kHuggingFace = SplitMethod::kHuggingFace;

using testing::SplitInput;
using testing::SplitRows;

void ExpectRefused(const SplitOptions& options, const SplitInput& facts,
                   const std::string& argument, const std::string& message) {
  const auto parts = SplitRows(options, facts);
  ASSERT_FALSE(parts) << message;
  EXPECT_EQ(parts.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(*parts.error().Text("argument"), argument);
  EXPECT_EQ(parts.error().message, message);
}

TEST(SplitRows, RefusesRatios) {
  const auto refused = [](const Parts& parts, const std::string& argument,
                          const std::string& message) {
    ExpectRefused({.parts = parts}, {.rows = 10}, argument, message);
  };
  refused({}, "ratios", "ratios: expected 1 to 1000 parts, found 0");
  refused(Parts(1001), "ratios", "ratios: expected 1 to 1000 parts, found 1001");
  refused({{"", 1, 0}}, "ratios", "ratios: expected a name of each part, found \"\"");
  refused({{"a", 0.5, 0}, {"b", 0.2, 0}, {"a", 0.3, 0}}, "ratios",
          "ratios: expected each name once, found \"a\" again");
  refused({{"a", 0.5, 0}, {"b", 0.25, 0}}, "ratios",
          "ratios must be numbers whose sum is 1, found 0.75");
  refused({{"a", 0.5, 0}, {"b", 0.5 + 1e-8, 0}}, "ratios",
          "ratios must be numbers whose sum is 1, found 1.00000001");
  const std::string range = " must be a number above 0 and at most 1, found ";
  refused({{"a", 0, 0}, {"b", 1, 0}}, "ratios.a", "ratios.a" + range + "0");
  refused({{"a", 1, 0}, {"b", -0.5, 0}}, "ratios.b", "ratios.b" + range + "-0.5");
  refused({{"a", 1.5, 0}}, "ratios.a", "ratios.a" + range + "1.5");
  refused({{"a", std::numeric_limits<double>::quiet_NaN(), 0}}, "ratios.a",
          "ratios.a" + range + "null");
  refused({{"a", 0.98, 0}, {"b", 0.02, 0}}, "ratios.b",
          "ratios.b: expected at least one of 10 rows, found none");
}

TEST(SplitRows, RefusesCounts) {
  const auto refused = [](const Parts& parts, const std::string& argument,
                          const std::string& message) {
    ExpectRefused({.parts = parts, .by_count = true}, {.rows = 10}, argument, message);
  };
  refused({}, "counts", "counts: expected 1 to 1000 parts, found 0");
  refused({{"a", 0, 5}, {"b", 0, 6}}, "counts",
          "counts: expected a sum of 10, the number of rows, found 11");
  refused({{"a", 0, 11}, {"b", 0, -1}}, "counts.a", "counts.a: expected 0 to 10 rows, found 11");
  refused({{"a", 0, 10}, {"b", 0, -1}}, "counts.b", "counts.b: expected 0 to 10 rows, found -1");
}

TEST(SplitRows, RefusesWhatAMethodCannotDo) {
  const std::vector<Sha256Digest> digests(10);
  const SplitInput contents{.rows = 10, .contents = digests}, keys{.rows = 10, .keys = digests},
      strata{.rows = 10, .strata = digests};
  ExpectRefused({.parts = kHalves}, {.rows = 10, .keys = digests, .strata = digests}, "stratify",
                "stratify: expected none beside a key, found a field");
  ExpectRefused({.parts = kHalves, .by_count = true}, keys, "counts",
                "counts: expected ratios, since keys can keep no counts, found counts");
  ExpectRefused(
      {.parts = kHalves, .by_count = true, .method = kContent}, contents, "counts",
      "counts: expected ratios, since the method 'content' can keep no counts, found counts");
  ExpectRefused({.parts = kHalves, .method = kContent},
                {.rows = 10, .contents = digests, .strata = digests}, "stratify",
                "stratify: expected none but with the method 'shuffle', found a field");
  ExpectRefused({.parts = kTrainAndTest, .method = kHuggingFace}, strata, "stratify",
                "stratify: expected none but with the method 'shuffle', found a field");
  ExpectRefused({.parts = kTrainAndTest, .method = kHuggingFace}, keys, "key",
                "key: expected none with the method 'huggingface', found a field");
  ExpectRefused({.parts = kHalves, .method = kHuggingFace}, {.rows = 10}, "ratios",
                "ratios: expected the parts train and test, found \"a\", \"b\"");
  ExpectRefused({.parts = {{"test", 1, 0}}, .method = kHuggingFace}, {.rows = 10}, "ratios",
                "ratios: expected the parts train and test, found \"test\"");
}

TEST(SplitRows, RefusesPartsThatGetNoRow) {
  // One key, or one content, is in one part.
  const std::vector<Sha256Digest> same(10);
  ExpectRefused({.parts = kHalves}, {.rows = 10, .keys = same}, "ratios.a",
                "ratios.a: expected at least one of 10 rows, found none");
  SplitOptions by_content{.parts = kHalves, .method = kContent};
  const auto parts = SplitRows(by_content, {.rows = 10, .contents = same});
  ASSERT_FALSE(parts);
  EXPECT_NE(parts.error().message.find("at least one of 10 rows, found none"), std::string::npos);
  ExpectRefused({.parts = kHalves}, {.rows = 0}, "ratios.a",
                "ratios.a: expected at least one of 0 rows, found none");
  ExpectRefused({.parts = kTrainAndTest, .method = kHuggingFace}, {.rows = 1}, "ratios.train",
                "ratios.train: expected at least one of 1 rows, found none");
  ExpectRefused(
      {.parts = {{"train", 0, 10}, {"test", 0, 0}}, .by_count = true, .method = kHuggingFace},
      {.rows = 10}, "counts.test", "counts.test: expected at least one of 10 rows, found none");
}

TEST(SplitRows, RefusesSeedsAndRowsOutOfRange) {
  for (const SplitMethod method : {kShuffle, kHuggingFace}) {
    for (const int64_t seed : {int64_t{-1}, kMaxSeed + 1}) {
      ExpectRefused(
          {.parts = kTrainAndTest, .seed = seed, .method = method}, {.rows = 10}, "seed",
          "seed must be an integer from 0 to 9007199254740991, found " + std::to_string(seed));
    }
  }
  ExpectRefused({.parts = kHalves}, {.rows = int64_t{1} << 32}, "rows",
                "rows: expected at most 4294967295, found 4294967296");
}

}  // namespace
}  // namespace reprise
