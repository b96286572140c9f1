// What a split promises as a job.
#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <utility>

#include "dataset/fixed_array.h"
#include "dataset/split.h"
#include "dataset/testing/split.h"
#include "dataset/value_numbers.h"

namespace reprise {
namespace {

using testing::Counts;
using testing::Digests;
using testing::RandomDigests;
using testing::Ratios;
using testing::SplitInput;
using testing::SplitRows;

// What a job gives is that of one step, whatever steps it is done in.
TEST(SplitJob, DealsTheSameInStepsOfAnySize) {
  constexpr int64_t kRows = 5'003;
  const Digests digests = RandomDigests(kRows, 900, 3);
  const std::vector<double> ratios = {0.5, 0.3, 0.2};
  const SplitOptions plain = Ratios(ratios, 4), content = Ratios(ratios, 4, SplitMethod::kContent);
  const SplitOptions python{
      .parts = {{.name = "train", .ratio = 0.7}, {.name = "test", .ratio = 0.3}},
      .seed = 4,
      .method = SplitMethod::kHuggingFace};
  const std::pair<SplitOptions, SplitInput> cases[] = {
      {plain, {.rows = kRows}},
      {Counts({5'000, 0, 3}, 4), {.rows = kRows}},
      {plain, {.rows = kRows, .keys = digests}},
      {plain, {.rows = kRows, .strata = digests}},
      {content, {.rows = kRows, .contents = digests}},
      {content, {.rows = kRows, .keys = digests}},
      {python, {.rows = kRows}},
  };
  for (const auto& [options, input] : cases) {
    const auto whole = SplitRows(options, input);
    ASSERT_TRUE(whole) << whole.error().message;
    for (const int64_t units : {1, 2, 7}) {
      EXPECT_EQ(*SplitRows(options, input, units, 64), *whole);
    }
  }
}

TEST(SplitJob, TellsHowFarItIs) {
  const Digests strata = RandomDigests(4'000, 50, 3);
  const RowFacts facts{.rows = 4'000, .has_strata = true};
  const auto job = *SplitJob::Create(Ratios({0.5, 0.3, 0.2}, 4), facts);
  EXPECT_EQ(job->lacking_digests(), 4'000);
  ASSERT_TRUE(job->Push(std::span(strata).first(1'000)));
  EXPECT_EQ(job->lacking_digests(), 3'000);
  ASSERT_TRUE(job->Push(std::span(strata).last(3'000)));
  int events = 0;
  int64_t done = 0, longest = 0;
  for (Result<JobState> state = job->Step(1); *state != JobState::kDone; state = job->Step(1)) {
    const JobProgress now = job->progress();
    EXPECT_GT(now.done, done);
    EXPECT_TRUE(job->words().empty());
    longest = std::max(longest, now.done - done);
    done = now.done;
    events += *state == JobState::kEvent;
  }
  EXPECT_EQ(job->progress().done, job->progress().total);
  EXPECT_EQ(job->words().size(), 3u + 4'000u);
  EXPECT_LE(longest, 1'024);
  EXPECT_GT(events, 20);
  EXPECT_LE(events, 100);
  EXPECT_EQ(*job->Step(1), JobState::kDone);
}

// A shortage that is there beforehand stands for that of the machine: no buffer grows any more.
TEST(ValueNumbers, AddNoMoreOnceMemoryLacked) {
  MemoryShortage shortage;
  ValueNumbers numbers(&shortage);
  const Digests digests = {testing::DigestOf("a"), testing::DigestOf("b"), testing::DigestOf("c")};
  ASSERT_TRUE(numbers.Begin(9));
  ASSERT_TRUE(numbers.Add(std::span(digests).first(2)));
  shortage.needed_bytes = 96;
  for (const auto& more :
       {std::span(digests), std::span(digests).last(1), std::span(digests).first(1)}) {
    const Status status = numbers.Add(more);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kOutOfMemory);
  }
  EXPECT_EQ(numbers.count(), 2u);
  EXPECT_EQ(numbers.rows(0), 1u);
  EXPECT_EQ(numbers[1], 1u);
}

// A split's memory, of which 2^60 values would be too much on any machine.
TEST(FixedArray, SaysThatMemoryLacks) {
  for (const uint64_t count : {uint64_t{1} << 60, uint64_t{1} << 61, ~uint64_t{0}}) {
    FixedArray<uint32_t> values;
    const Status status = values.Make(count);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kOutOfMemory);
  }
}

TEST(FixedArray, GivesZerosWhereTheyAreAskedFor) {
  for (const uint64_t count : {uint64_t{0}, uint64_t{3}, uint64_t{1} << 20}) {
    FixedArray<uint32_t> values;
    ASSERT_TRUE(values.Make(count));
    for (uint32_t& value : values.all()) value = 7;
    ASSERT_TRUE(values.MakeZeros(count));
    EXPECT_EQ(values.size(), count);
    EXPECT_EQ(std::ranges::count(values.all(), 0u), static_cast<std::ptrdiff_t>(count));
  }
}

}  // namespace
}  // namespace reprise
