// NumPy's own numbers: a few in the fixtures, more where the reference material is.
#include "random/pcg64.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/json_reader.h"
#include "tests/support/test_files.h"

namespace reprise {
namespace {

// Seeds are texts, since not every reader of JSON keeps integers of 64 bits.
uint64_t Unsigned(std::string_view text) { return std::stoull(std::string(text)); }

void ExpectNumpysPermutations(const JsonValue& file, size_t cases) {
  ASSERT_EQ(file.Find("cases")->array().size(), cases);
  for (const JsonValue& one : file.Find("cases")->array()) {
    const uint64_t seed = Unsigned(one.Find("seed")->string());
    const auto count = static_cast<uint32_t>(one.Find("n")->integer());
    const auto expected = one.Find("permutation")->array();
    const auto order = NumpyPermutation(seed, count);
    ASSERT_EQ(order.size(), expected.size());
    for (size_t i = 0; i < order.size(); ++i) {
      ASSERT_EQ(order[i], expected[i].integer()) << "seed " << seed << ", n " << count << ": " << i;
    }
  }
}

void ExpectNumpysBits(const JsonValue& file) {
  const JsonValue& raw = *file.Find("raw");
  const auto seed = static_cast<uint64_t>(raw.Find("seed")->integer());
  Pcg64 whole(seed), halves(seed);
  ASSERT_EQ(raw.Find("random_raw_u64")->array().size(), 8u);
  for (const JsonValue& bits : raw.Find("random_raw_u64")->array()) {
    const uint64_t expected = Unsigned(bits.string());
    EXPECT_EQ(whole.Next64(), expected);
    EXPECT_EQ(halves.Next32(), static_cast<uint32_t>(expected));
    EXPECT_EQ(halves.Next32(), static_cast<uint32_t>(expected >> 32));
  }
}

TEST(Pcg64, GivesNumpysNumbers) {
  const auto file = ParseJson(ReadTestFile(FixturePath("random/numpy.json")), "numpy.json");
  ASSERT_TRUE(file);
  ExpectNumpysBits(*file);
  ExpectNumpysPermutations(*file, 27);
}

TEST(Pcg64, GivesTheReferencesNumbers) {
  const std::string folder = ReferencePath("conformance/numpy-pcg64");
  if (folder.empty()) return;
  const auto file = ParseJson(ReadTestFile(folder + "/pcg64.json"), "pcg64.json");
  ASSERT_TRUE(file);
  ExpectNumpysBits(*file);
  ExpectNumpysPermutations(*file, 36);
}

TEST(Pcg64, DrawsEveryIntegerUpToTheMost) {
  Pcg64 generator(1);
  EXPECT_EQ(generator.UpTo(0), 0u);
  std::vector<int> counts(6);
  for (int i = 0; i < 60'000; ++i) ++counts[generator.UpTo(5)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 400);
  uint32_t largest = 0;
  for (int i = 0; i < 100; ++i) largest = std::max(largest, generator.UpTo(~uint32_t{0}));
  EXPECT_GT(largest, uint32_t{1} << 31);
}

TEST(NumpyPermutation, MayBeEmpty) { EXPECT_TRUE(NumpyPermutation(7, 0).empty()); }

}  // namespace
}  // namespace reprise
