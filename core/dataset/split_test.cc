// Splits that were computed without the core, and what each method promises of any split.
#include "dataset/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <string_view>

#include "base/json_reader.h"
#include "dataset/split_sizes.h"
#include "dataset/testing/split.h"
#include "random/pcg64.h"
#include "random/philox.h"
#include "tests/support/test_files.h"

namespace reprise {
namespace {

using testing::Counts;
using testing::DigestOf;
using testing::Digests;
using testing::RandomDigests;
using testing::Ratios;
using testing::RowsOfParts;
using testing::SplitInput;
using testing::SplitRows;

// The part of each row; every row must be in just one, and the rows of a part ascend.
std::vector<size_t> PartOfEach(const Result<RowsOfParts>& parts, int64_t rows) {
  std::vector<size_t> part_of(static_cast<size_t>(rows), 99);
  if (!parts) {
    ADD_FAILURE() << parts.error().message;
    return part_of;
  }
  size_t seen = 0;
  for (size_t p = 0; p < parts->size(); ++p) {
    EXPECT_TRUE(std::ranges::is_sorted((*parts)[p]));
    for (const uint32_t row : (*parts)[p]) {
      EXPECT_LT(row, rows);
      EXPECT_EQ(part_of[row], 99u) << row;
      part_of[row] = p;
      ++seen;
    }
  }
  EXPECT_EQ(seen, part_of.size());
  return part_of;
}

std::vector<uint64_t> SizesOf(const Result<RowsOfParts>& parts) {
  std::vector<uint64_t> sizes;
  for (const auto& rows : *parts) sizes.push_back(rows.size());
  return sizes;
}

TEST(SplitRows, GivesTheGoldenSplits) {
  const auto golden = ParseJson(ReadTestFile(FixturePath("splits/golden.json")), "golden.json");
  ASSERT_TRUE(golden);
  ASSERT_EQ(golden->array().size(), 16u);
  for (const JsonValue& one : golden->array()) {
    const int64_t seed = one.Find("seed")->integer(), rows = one.Find("rows")->integer();
    SCOPED_TRACE("seed " + std::to_string(seed) + ", rows " + std::to_string(rows));
    std::vector<double> ratios;
    std::vector<int64_t> counts;
    if (const JsonValue* thousandths = one.Find("thousandths")) {
      for (const JsonValue& part : thousandths->array()) ratios.push_back(part.number() / 1000);
    } else {
      for (const JsonValue& part : one.Find("counts")->array()) counts.push_back(part.integer());
    }
    const auto method = one.Find("method") ? SplitMethod::kContent : SplitMethod::kShuffle;
    SplitOptions options = counts.empty() ? Ratios(ratios, seed, method) : Counts(counts, seed);
    if (const JsonValue* names = one.Find("names")) {
      for (size_t p = 0; p < options.parts.size(); ++p) {
        options.parts[p].name = names->array()[p].string();
      }
    }
    const auto digests = [&](std::string_view member) {
      Digests of_rows;
      if (const JsonValue* texts = one.Find(member)) {
        for (const JsonValue& text : texts->array()) of_rows.push_back(DigestOf(text.string()));
      }
      return of_rows;
    };
    const Digests contents = digests("contents"), keys = digests("keys"),
                  strata = digests("strata");
    const auto parts =
        SplitRows(options, {.rows = rows, .contents = contents, .keys = keys, .strata = strata});
    ASSERT_TRUE(parts) << parts.error().message;
    const auto expected = one.Find("parts")->array();
    ASSERT_EQ(parts->size(), expected.size());
    for (size_t p = 0; p < expected.size(); ++p) {
      std::vector<uint32_t> of_part;
      for (const JsonValue& row : expected[p].array()) {
        of_part.push_back(static_cast<uint32_t>(row.integer()));
      }
      EXPECT_EQ((*parts)[p], of_part) << p;
    }
  }
}

TEST(SplitRows, PutsEveryRowIntoOnePartOfTheRightSize) {
  for (int64_t rows = 8; rows < 200; rows += rows / 5) {
    for (const int64_t seed : {int64_t{0}, int64_t{1}, kMaxSeed}) {
      const SplitOptions options = Ratios({0.5, 0.3, 0.2}, seed);
      const auto parts = SplitRows(options, {.rows = rows});
      PartOfEach(parts, rows);
      EXPECT_EQ(SizesOf(parts), SplitSizes(options, rows));
    }
  }
  EXPECT_NE(*SplitRows(Ratios({0.5, 0.5}, 1), {.rows = 50}),
            *SplitRows(Ratios({0.5, 0.5}, 2), {.rows = 50}));
}

// The order of names by UTF-16 units: capital letters, "10" before "9", and of what is beyond ASCII
// U+1F600, whose first unit is 0xD83D, before U+FF01.
const std::vector<std::string> kOrderedNames = {"10", "9", "Z", "a", "\U0001F600", "\uFF01"};

TEST(SplitRows, DealsOutInTheOrderOfNamesWhateverOrderPartsAreGivenIn) {
  constexpr int64_t kRows = 601;
  const Digests contents = RandomDigests(kRows, 1'000'000, 1), kinds = RandomDigests(kRows, 60, 2);
  const double sixth = 1.0 / 6;
  const std::vector<double> equal(6, sixth), unequal = {0.1, 0.3, 0.2, 0.15, 0.05, 0.2};
  struct Case {
    const char* name;
    SplitOptions options;
    SplitInput facts;
  };
  const Case cases[] = {
      {"equal ratios, whose odd row is a tie", Ratios(equal, 1), {.rows = kRows}},
      {"ratios", Ratios(unequal, 1), {.rows = kRows}},
      {"counts", Counts({100, 0, 200, 150, 51, 100}, 1), {.rows = kRows}},
      {"keys", Ratios(unequal, 1), {.rows = kRows, .keys = kinds}},
      {"strata", Ratios(unequal, 1), {.rows = kRows, .strata = kinds}},
      {"contents",
       Ratios(unequal, 1, SplitMethod::kContent),
       {.rows = kRows, .contents = contents}},
  };
  for (const auto& [name, options, facts] : cases) {
    SCOPED_TRACE(name);
    // Parts a to f come in their order already.
    const auto expected = SplitRows(options, facts);
    ASSERT_TRUE(expected) << expected.error().message;
    std::vector<size_t> order(6);
    std::iota(order.begin(), order.end(), size_t{0});
    for (int turn = 0; turn < 6; ++turn) {
      SplitOptions given = options;
      for (size_t i = 0; i < 6; ++i) {
        given.parts[i] = options.parts[order[i]];
        given.parts[i].name = kOrderedNames[order[i]];
      }
      const auto parts = SplitRows(given, facts);
      ASSERT_TRUE(parts) << parts.error().message;
      for (size_t i = 0; i < 6; ++i) EXPECT_EQ((*parts)[i], (*expected)[order[i]]);
      std::ranges::rotate(order, order.begin() + 1);
      std::swap(order[0], order[3]);
    }
  }
}

TEST(SplitRows, TakesRatiosInEveryOrderOrInNone) {
  // Added up in some orders they are 1e-9 from 1, in others more.
  std::vector<double> ratios = {0.013, 0.20200000100000004, 0.287, 0.498};
  std::set<bool> taken;
  std::set<double> sums;
  do {
    sums.insert(std::accumulate(ratios.begin(), ratios.end(), 0.0));
    taken.insert(CheckSplit(Ratios(ratios, 1), {.rows = 100}).has_value());
  } while (std::ranges::next_permutation(ratios).found);
  EXPECT_GT(sums.size(), 1u);
  EXPECT_EQ(taken.size(), 1u);
}

TEST(SplitRows, CountsMayBeZero) {
  EXPECT_EQ(SizesOf(SplitRows(Counts({0, 3, 0}, 1), {.rows = 3})),
            (std::vector<uint64_t>{0, 3, 0}));
  EXPECT_EQ(SizesOf(SplitRows(Counts({0}, 1), {.rows = 0})), (std::vector<uint64_t>{0}));
}

TEST(SplitRows, KeepsTheRowsOfAKeyTogether) {
  for (int64_t seed = 0; seed < 40; ++seed) {
    const int64_t rows = 60 + 7 * seed;
    const Digests keys = RandomDigests(rows, 30, seed);
    const SplitOptions options = Ratios({0.5, 0.2, 0.3}, seed);
    const auto parts = SplitRows(options, {.rows = rows, .keys = keys});
    const auto part_of = PartOfEach(parts, rows);
    std::map<Sha256Digest, std::set<size_t>> parts_of;
    std::map<Sha256Digest, uint64_t> rows_of;
    for (size_t row = 0; row < keys.size(); ++row) {
      parts_of[keys[row]].insert(part_of[row]);
      ++rows_of[keys[row]];
    }
    for (const auto& [key, of_key] : parts_of) EXPECT_EQ(of_key.size(), 1u);
    // A border may lie half a key beside where the sizes ask for it.
    const uint64_t largest =
        std::ranges::max_element(rows_of, {}, [](const auto& of) { return of.second; })->second;
    const auto asked = SplitSizes(options, rows);
    uint64_t border = 0, found = 0;
    for (size_t p = 0; p < asked.size(); ++p) {
      border += asked[p];
      found += (*parts)[p].size();
      EXPECT_LE(2 * (std::max(border, found) - std::min(border, found)), largest);
    }
  }
}

TEST(SplitRows, IsThePlainSplitWhereEveryRowHasAKeyOfItsOwnOrAllHaveOneStratum) {
  Digests keys;
  for (int row = 0; row < 100; ++row) keys.push_back(DigestOf(std::to_string(row)));
  const Digests strata(100, DigestOf("the same"));
  for (int64_t seed = 0; seed < 5; ++seed) {
    const SplitOptions options = Ratios({0.33, 0.33, 0.34}, seed);
    const auto plain = SplitRows(options, {.rows = 100});
    EXPECT_EQ(*plain, *SplitRows(options, {.rows = 100, .keys = keys}));
    EXPECT_EQ(*plain, *SplitRows(options, {.rows = 100, .strata = strata}));
  }
}

TEST(SplitRows, GivesEachPartItsShareOfEachStratum) {
  for (int64_t seed = 0; seed < 60; ++seed) {
    const int64_t rows = 40 + 11 * seed;
    // From a few large strata to many of a row or two.
    const Digests strata = RandomDigests(rows, 2 + static_cast<int>(seed * seed), seed);
    const SplitOptions options =
        seed % 3 == 0 ? Counts({rows - 9, 2, 0, 7}, seed) : Ratios({0.6, 0.25, 0.1, 0.05}, seed);
    const auto parts = SplitRows(options, {.rows = rows, .strata = strata});
    const auto part_of = PartOfEach(parts, rows);
    const auto asked = SplitSizes(options, rows);
    EXPECT_EQ(SizesOf(parts), asked);
    std::map<Sha256Digest, std::vector<uint64_t>> counts;
    for (size_t row = 0; row < strata.size(); ++row) {
      auto& of_stratum = counts[strata[row]];
      of_stratum.resize(asked.size());
      ++of_stratum[part_of[row]];
    }
    for (const auto& [stratum, of_parts] : counts) {
      const auto size = std::accumulate(of_parts.begin(), of_parts.end(), uint64_t{0});
      for (size_t p = 0; p < asked.size(); ++p) {
        const uint64_t least = size * asked[p] / static_cast<uint64_t>(rows);
        EXPECT_GE(of_parts[p], least);
        EXPECT_LE(of_parts[p], least + 1);
      }
    }
  }
}

TEST(SplitRows, ByContentStaysWhenRowsAreAdded) {
  const Digests all = RandomDigests(3'000, 1'000'000, 5);
  const SplitOptions options = Ratios({0.8, 0.1, 0.1}, 9, SplitMethod::kContent);
  const auto whole = SplitRows(options, {.rows = 3'000, .contents = all});
  const auto part_of = PartOfEach(whole, 3'000);
  EXPECT_NEAR(static_cast<double>((*whole)[0].size()), 2'400, 70);
  EXPECT_NEAR(static_cast<double>((*whole)[1].size()), 300, 55);
  for (const int64_t rows : {100, 1'700}) {
    const auto some = std::span(all).first(static_cast<size_t>(rows));
    const auto fewer = PartOfEach(SplitRows(options, {.rows = rows, .contents = some}), rows);
    EXPECT_TRUE(std::equal(fewer.begin(), fewer.end(), part_of.begin()));
  }
  Digests backwards(all.rbegin(), all.rend());
  auto reversed = PartOfEach(SplitRows(options, {.rows = 3'000, .contents = backwards}), 3'000);
  std::ranges::reverse(reversed);
  EXPECT_EQ(reversed, part_of);
  const SplitOptions other = Ratios({0.8, 0.1, 0.1}, 10, SplitMethod::kContent);
  EXPECT_NE(*SplitRows(other, {.rows = 3'000, .contents = all}), *whole);
}

TEST(SplitRows, ByContentGoesByTheKeysWhereThereAreAny) {
  const Digests contents = RandomDigests(300, 1'000'000, 5), keys = RandomDigests(300, 40, 6);
  const SplitOptions options = Ratios({0.5, 0.5}, 9, SplitMethod::kContent);
  EXPECT_EQ(*SplitRows(options, {.rows = 300, .contents = contents, .keys = keys}),
            *SplitRows(options, {.rows = 300, .contents = keys}));
}

// ------------------------------------------------------------------------------- huggingface

SplitOptions TrainAndTest(double test, int64_t seed) {
  return {.parts = {{.name = "train", .ratio = 1 - test}, {.name = "test", .ratio = test}},
          .seed = seed,
          .method = SplitMethod::kHuggingFace};
}

// With `test_size` as NumPy's permutations and the rule of `datasets` have it; how many were held
// against them.
int ExpectTrainTestSplits(const JsonValue& file) {
  int compared = 0;
  for (const JsonValue& one : file.Find("cases")->array()) {
    const std::string seed(one.Find("seed")->string());
    const auto permutation = one.Find("permutation")->array();
    const auto rows = static_cast<int64_t>(permutation.size());
    // A seed of Reprise's is at most 2^53 - 1, and of one row `datasets` can make no two parts.
    if (seed.size() > 16 || rows == 1) continue;
    for (const double test : {0.1, 0.25, 0.5}) {
      const auto parts = SplitRows(TrainAndTest(test, std::stoll(seed)), {.rows = rows});
      if (!parts) {
        ADD_FAILURE() << parts.error().message;
        continue;
      }
      std::vector<uint32_t> joined = (*parts)[1];
      EXPECT_EQ(joined.size(), std::ceil(test * static_cast<double>(rows)));
      joined.insert(joined.end(), (*parts)[0].begin(), (*parts)[0].end());
      EXPECT_TRUE(std::ranges::equal(joined, permutation, {}, {},
                                     [](const JsonValue& value) { return value.integer(); }));
      ++compared;
    }
  }
  return compared;
}

TEST(SplitRows, GivesWhatDatasetsGives) {
  const auto file = ParseJson(ReadTestFile(FixturePath("random/numpy.json")), "numpy.json");
  ASSERT_TRUE(file);
  EXPECT_EQ(ExpectTrainTestSplits(*file), 51);
  const std::string folder = ReferencePath("conformance/numpy-pcg64");
  if (folder.empty()) return;
  const auto reference = ParseJson(ReadTestFile(folder + "/pcg64.json"), "pcg64.json");
  ASSERT_TRUE(reference);
  EXPECT_EQ(ExpectTrainTestSplits(*reference), 75);
}

TEST(SplitRows, RoundsTestAsPythonDoes) {
  // 0.07 * 100 is 7.000000000000001 in 64-bit floats.
  EXPECT_EQ(SizesOf(SplitRows(TrainAndTest(0.07, 1), {.rows = 100})),
            (std::vector<uint64_t>{92, 8}));
}

TEST(SplitRows, TakesTrainAndTestInAnyOrderAndByCounts) {
  const auto parts = *SplitRows(TrainAndTest(0.3, 5), {.rows = 10});
  SplitOptions options = TrainAndTest(0.3, 5);
  std::swap(options.parts[0], options.parts[1]);
  EXPECT_EQ(*SplitRows(options, {.rows = 10}), (RowsOfParts{parts[1], parts[0]}));
  options.by_count = true;
  options.parts[0].count = 3;
  options.parts[1].count = 7;
  EXPECT_EQ(*SplitRows(options, {.rows = 10}), (RowsOfParts{parts[1], parts[0]}));
  const auto order = NumpyPermutation(5, 10);
  EXPECT_TRUE(std::equal(parts[1].begin(), parts[1].end(), order.begin()));
}

}  // namespace
}  // namespace reprise
