// What the C interface adds to datasets: jobs that take digests, their order of calls and what they
// refuse.
#include <gtest/gtest.h>

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capi/job_object.h"
#include "tests/support/test_context.h"

namespace reprise {
namespace {

int32_t Split(TestContext& context, const std::string& more) {
  const std::string options = R"({"names":["b","a"],"ratios":[0.25,0.75],"seed":1)" + more + "}";
  return reprise_dataset_split(context.get(), options.data(), options.size());
}

// Digests of 32 bytes, all of which are the letter of their row.
int32_t Push(TestContext& context, int32_t job, std::string_view letters) {
  std::string digests;
  for (const char letter : letters) digests += std::string(32, letter);
  return reprise_dataset_split_push(
      context.get(), job, reinterpret_cast<const uint8_t*>(digests.data()), digests.size());
}

std::vector<uint32_t> Words(TestContext& context, int32_t job, int32_t work_units) {
  int32_t state;
  do {
    state = reprise_job_step(context.get(), job, work_units);
    EXPECT_GE(state, 0) << context.result();
  } while (state == REPRISE_RUNNING || state == REPRISE_EVENT);
  EXPECT_EQ(state, REPRISE_DONE);
  const int32_t count = reprise_job_values(context.get(), job);
  EXPECT_EQ(context.result().size(), static_cast<size_t>(count) * sizeof(uint32_t));
  std::vector<uint32_t> words(context.result().size() / sizeof(uint32_t));
  std::memcpy(words.data(), reprise_result(context.get()), words.size() * sizeof(uint32_t));
  EXPECT_EQ(reprise_release(context.get(), job), 0);
  return words;
}

TEST(DatasetApi, SplitsByTheNumberOfRowsAlone) {
  TestContext context;
  const auto words = Words(context, Split(context, R"(,"rows":8)"), 1);
  ASSERT_EQ(words.size(), 10u);
  EXPECT_EQ(words[0], 2u);
  EXPECT_EQ(words[1], 6u);
}

TEST(DatasetApi, SplitsByDigestsThatComeInPieces) {
  TestContext context;
  const std::string letters = "aabcdaefghijkalmnopqrstuvwaxyz";
  for (const std::string more : {R"(,"rows":30,"key":true)", R"(,"rows":30,"stratify":true)",
                                 R"(,"rows":30,"method":"content","key":true)"}) {
    const int32_t whole = Split(context, more), pieces = Split(context, more);
    ASSERT_EQ(Push(context, whole, letters), 0);
    for (const auto& [begin, end] : {std::pair{0, 1}, {1, 20}, {20, 20}, {20, 30}}) {
      ASSERT_EQ(
          Push(context, pieces, std::string_view(letters.data() + begin, letters.data() + end)), 0);
    }
    EXPECT_EQ(Words(context, whole, 1000), Words(context, pieces, 1)) << more;
  }
}

TEST(DatasetApi, RefusesDigestsThatASplitDoesNotTake) {
  TestContext context;
  const int32_t keyed = Split(context, R"(,"rows":3,"key":true)");
  ASSERT_EQ(Push(context, keyed, "ab"), 0);
  context.ExpectError(Push(context, keyed, "cd"), "invalid_argument");
  EXPECT_EQ(context.Field("expected"), "those of 1 more rows");
  const uint8_t half[16] = {};
  context.ExpectError(reprise_dataset_split_push(context.get(), keyed, half, sizeof(half)),
                      "invalid_argument");
  EXPECT_EQ(context.Field("expected"), "32 bytes a row");
  context.ExpectError(reprise_job_step(context.get(), keyed, 1), "invalid_argument");
  EXPECT_EQ(context.Field("argument"), "digests");
  EXPECT_EQ(reprise_release(context.get(), keyed), 0);

  const int32_t plain = Split(context, R"(,"rows":4)");
  context.ExpectError(Push(context, plain, "a"), "invalid_argument");
  EXPECT_EQ(reprise_release(context.get(), plain), 0);

  constexpr std::string_view kOther = R"({"seed":1,"stream":"shuffle","count":4})";
  const int32_t other = reprise_permutation(context.get(), kOther.data(), kOther.size());
  context.ExpectError(Push(context, other, "a"), "invalid_argument");
  EXPECT_EQ(reprise_release(context.get(), other), 0);
}

// Its first digests lack memory; what comes after that would go well.
class JobWithoutMemory final : public JobObject {
 public:
  std::string EventJson() const override { return "{}"; }
  std::string ResultText() const override { return "{}"; }

 private:
  Status AddDigests(std::span<const uint8_t> bytes) override {
    if (bytes.empty()) return RefuseArgument("digests", "some", "none");
    if (std::exchange(has_failed_, true)) return {};
    return Fail(ErrorCode::kOutOfMemory, "no memory for digests");
  }
  Result<JobState> Advance(int64_t /*work_units*/) override { return JobState::kDone; }

  bool has_failed_ = false;
};

TEST(DatasetApi, EndsAJobWhoseDigestsLackedMemory) {
  JobWithoutMemory job;
  const std::vector<uint8_t> digest(32);
  EXPECT_EQ(job.TakeDigests({}).error().code, ErrorCode::kInvalidArgument);
  for (int i = 0; i < 2; ++i) {
    const Status status = job.TakeDigests(digest);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kOutOfMemory);
    EXPECT_EQ(status.error().message, "no memory for digests");
  }
  EXPECT_EQ(job.TakeDigests({}).error().code, ErrorCode::kOutOfMemory);
  const Result<JobState> state = job.Step(1);
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, ErrorCode::kOutOfMemory);
}

TEST(DatasetApi, RefusesTheRecordOfAJobThatKeepsNone) {
  EXPECT_EQ(JobWithoutMemory().RecordText("{}").error().code, ErrorCode::kInvalidArgument);
}

TEST(DatasetApi, RefusesSplitsThatCannotBe) {
  TestContext context;
  context.ExpectError(Split(context, ""), "invalid_argument");
  EXPECT_EQ(context.Field("argument"), "rows");
  context.ExpectError(Split(context, R"(,"rows":4,"method":"fair")"), "invalid_argument");
  EXPECT_EQ(context.Field("argument"), "method");
  EXPECT_EQ(context.Field("expected"), "shuffle, content, huggingface");
  context.ExpectError(Split(context, R"(,"rows":4,"key":true,"stratify":true)"),
                      "invalid_argument");
  EXPECT_EQ(context.Field("argument"), "stratify");
  // Two parts beside the rows, which together are one more than an answer counts.
  for (const char* const rows : {"2147483646", "4294967295"}) {
    context.ExpectError(Split(context, std::string(R"(,"key":true,"rows":)") + rows),
                        "invalid_argument");
    EXPECT_EQ(context.Field("argument"), "rows");
    EXPECT_EQ(context.Field("expected"), "at most 2147483645 (with the parts at most 2^31 - 1)");
    EXPECT_EQ(context.Field("found"), rows);
  }
  // All rows have one key, which goes to one part: what only the last step can say.
  const int32_t job = Split(context, R"(,"rows":4,"key":true)");
  ASSERT_EQ(Push(context, job, "aaaa"), 0);
  context.ExpectError(reprise_job_step(context.get(), job, 1000), "invalid_argument");
  EXPECT_EQ(context.Field("argument"), "ratios.b");
  EXPECT_EQ(reprise_release(context.get(), job), 0);
}

TEST(DatasetApi, NamesTheTextOfASchema) {
  TestContext context;
  const auto text_of = [&](const std::string& fields) {
    const std::string schema = R"({"version":1,"fields":[)" + fields + R"(],"text":"a"})";
    EXPECT_EQ(reprise_dataset_name_text(context.get(), schema.data(), schema.size()), 0);
    const JsonValue json = context.json();
    const JsonValue* text = json.Find("text");
    return text == nullptr ? std::string() : std::string(text->string());
  };
  const std::string a = R"({"name":"a","type":"string"})";
  EXPECT_EQ(text_of(a), "a");
  EXPECT_EQ(text_of(a + R"(,{"name":"b","type":"string"})"), "");
  EXPECT_EQ(text_of(a + R"(,{"name":"text","type":"string"})"), "text");
  EXPECT_EQ(text_of(R"({"name":"a","type":"bytes"},{"name":"b","type":"string"})"), "b");
  EXPECT_EQ(text_of(R"({"name":"a","type":"string","from":"any"})"), "");
}

}  // namespace
}  // namespace reprise
