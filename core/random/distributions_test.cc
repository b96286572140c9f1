// Golden values, which natively, in WebAssembly and in browsers must be the same, and what the
// distributions promise.
#include "random/distributions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/json_reader.h"
#include "tests/support/test_files.h"

namespace reprise {
namespace {

RandomSource Source(RandomStream stream, uint32_t sequence = 0) {
  return *RandomSource::Create(20261126, stream, sequence);
}

std::vector<double> Draw(const RandomSource& source, std::string_view distribution,
                         const JsonValue& of) {
  const auto count = static_cast<uint64_t>(of.Find("count")->integer());
  std::vector<double> values;
  if (distribution == "permutation") {
    const auto order = Permutation(source, static_cast<uint32_t>(count));
    values.assign(order.begin(), order.end());
    return values;
  }
  const auto first = static_cast<uint64_t>(of.Find("first")->integer());
  for (uint64_t i = first; i < first + count; ++i) {
    if (distribution == "bits") values.push_back(source.Bits(i));
    if (distribution == "uniform") values.push_back(static_cast<double>(source.Uniform(i)));
    if (distribution == "uniform_f64") values.push_back(UniformF64(source, i));
    if (distribution == "normal") values.push_back(static_cast<double>(Normal(source, i)));
    if (distribution == "bernoulli") {
      const auto p = static_cast<float>(of.Find("p")->number());
      values.push_back(Bernoulli(source, i, p) ? 1 : 0);
    }
    if (distribution == "below") {
      const auto bound = static_cast<uint64_t>(of.Find("bound")->integer());
      values.push_back(static_cast<double>(Below(source, i, bound)));
    }
  }
  return values;
}

TEST(Distributions, GiveTheGoldenValues) {
  const auto golden = ParseJson(ReadTestFile(FixturePath("random/golden.json")), "golden.json");
  ASSERT_TRUE(golden);
  ASSERT_GE(golden->array().size(), 12u);
  for (const JsonValue& one : golden->array()) {
    const JsonValue& of = *one.Find("options");
    const auto stream = RandomStreamNamed(of.Find("stream")->string());
    ASSERT_TRUE(stream);
    const auto source = RandomSource::Create(of.Find("seed")->integer(), *stream,
                                             static_cast<uint32_t>(of.Find("sequence")->integer()));
    ASSERT_TRUE(source);
    const std::string_view name = of.Find("distribution")->string();
    const std::vector<double> values = Draw(*source, name, of);
    const auto expected = one.Find("values")->array();
    ASSERT_EQ(values.size(), expected.size()) << name;
    for (size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(values[i], expected[i].number()) << name << " " << i;
    }
  }
}

TEST(Distributions, NormalNumbersHaveTheirMoments) {
  const RandomSource source = Source(RandomStream::kInit);
  constexpr int kCount = 200'000;
  double sum = 0, squares = 0, fourth = 0, most = 0;
  for (uint64_t i = 0; i < kCount; ++i) {
    const double x = static_cast<double>(Normal(source, i));
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
    most = std::max(most, std::abs(x));
  }
  EXPECT_NEAR(sum / kCount, 0, 0.01);
  EXPECT_NEAR(squares / kCount, 1, 0.01);
  EXPECT_NEAR(fourth / kCount, 3, 0.1);
  EXPECT_GT(most, 4);
  EXPECT_LE(most, 6.67);
}

TEST(Distributions, BelowIsEven) {
  const RandomSource source = Source(RandomStream::kSplit);
  std::vector<int> counts(7);
  for (uint64_t i = 0; i < 70'000; ++i) ++counts[static_cast<size_t>(Below(source, i, 7))];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 400);
  EXPECT_EQ(Below(source, 5, 1), 0u);
}

TEST(Distributions, BernoulliHasItsEnds) {
  const RandomSource source = Source(RandomStream::kDropout);
  int happened = 0;
  for (uint64_t i = 0; i < 10'000; ++i) {
    EXPECT_FALSE(Bernoulli(source, i, 0));
    EXPECT_TRUE(Bernoulli(source, i, 1));
    happened += Bernoulli(source, i, 0.25f);
  }
  EXPECT_NEAR(happened, 2'500, 150);
}

TEST(Permutation, HasEveryElementOnce) {
  for (const uint32_t count : {0u, 1u, 2u, 10u, 1'000u}) {
    std::vector<uint32_t> order = Permutation(Source(RandomStream::kShuffle, 3), count);
    std::ranges::sort(order);
    ASSERT_EQ(order.size(), count);
    for (uint32_t i = 0; i < count; ++i) EXPECT_EQ(order[i], i);
  }
}

TEST(PermutationJob, DrawsTheSameInStepsOfAnySize) {
  const RandomSource source = Source(RandomStream::kShuffle, 3);
  for (const uint32_t count : {0u, 1u, 1'023u, 1'024u, 5'000u}) {
    const std::vector<uint32_t> whole = Permutation(source, count);
    for (const int64_t units : {int64_t{1}, int64_t{3}, int64_t{1} << 62}) {
      PermutationJob job(source, count);
      int64_t steps = 1, done = 0;
      for (; *job.Step(units) != JobState::kDone; ++steps) {
        EXPECT_GT(job.progress().done, done);
        done = job.progress().done;
      }
      EXPECT_EQ(job.progress().done, count);
      EXPECT_EQ(job.progress().total, count);
      EXPECT_EQ(steps, units == 1   ? std::max(1u, (count + 1'023) / 1'024)
                       : units == 3 ? std::max(1u, (count + 3'071) / 3'072)
                                    : 1u);
      EXPECT_TRUE(std::ranges::equal(job.order(), whole));
      EXPECT_EQ(*job.Step(units), JobState::kDone);
    }
  }
}

TEST(Permutation, EveryOrderOfFourIsEquallyLikely) {
  std::vector<int> counts(256);
  constexpr int kRuns = 24'000;
  for (uint32_t sequence = 0; sequence < kRuns; ++sequence) {
    const auto order = Permutation(Source(RandomStream::kShuffle, sequence), 4);
    ++counts[order[0] | order[1] << 2 | order[2] << 4 | order[3] << 6];
  }
  int seen = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    ++seen;
    EXPECT_NEAR(count, 1'000, 160);
  }
  EXPECT_EQ(seen, 24);
}

TEST(RandomStreamNamed, RefusesOtherNames) {
  EXPECT_EQ(*RandomStreamNamed("dropout"), RandomStream::kDropout);
  EXPECT_EQ(*RandomStreamNamed("noise").error().Text("argument"), "stream");
}

}  // namespace
}  // namespace reprise
