// What the C interface of tokenizers gives where all goes well.
#include <gtest/gtest.h>

#include "tests/support/test_context.h"

namespace reprise {
namespace {

using Ids = std::vector<int32_t>;

const Ids kPrompt = {1, 403, 407, 261, 378};  // "Once upon a time"

TEST(Capi, TokenizesAndDecodes) {
  TestContext context;
  const int32_t tokenizer = context.StoryTokenizer();
  const JsonValue description = context.json();
  EXPECT_EQ(description.Find("vocabSize")->integer(), 512);
  EXPECT_EQ(description.Find("idLimit")->integer(), 512);
  EXPECT_EQ(description.Find("hash")->string().size(), 64u);
  EXPECT_EQ(description.Find("specialTokens")->array().size(), 3u);
  const std::string text = "Once upon a time";
  ASSERT_EQ(reprise_tokenizer_encode(context.get(), tokenizer, text.data(), text.size(), 1), 5);
  Ids ids(5);
  ASSERT_EQ(reprise_result_size(context.get()), 20u);
  std::memcpy(ids.data(), reprise_result(context.get()), 20);
  EXPECT_EQ(ids, kPrompt);
  ASSERT_EQ(reprise_tokenizer_decode(context.get(), tokenizer, ids.data(), 5, 1), 0);
  EXPECT_EQ(context.result(), text);
  ASSERT_EQ(reprise_tokenizer_decode(context.get(), tokenizer, ids.data(), 0, 1), 0);
  EXPECT_EQ(context.result(), "");
  ASSERT_EQ(reprise_tokenizer_id_to_token(context.get(), tokenizer, 1), 1);
  EXPECT_EQ(context.result(), "<s>");
  EXPECT_EQ(reprise_tokenizer_id_to_token(context.get(), tokenizer, 512), 0);
  ASSERT_EQ(reprise_tokenizer_token_to_id(context.get(), tokenizer, "</s>", 4), 1);
  int32_t id = 0;
  std::memcpy(&id, reprise_result(context.get()), 4);
  EXPECT_EQ(id, 2);
  EXPECT_EQ(reprise_tokenizer_token_to_id(context.get(), tokenizer, "nope!", 5), 0);

  const int32_t stream = reprise_decode_stream_create(context.get(), tokenizer, 1);
  ASSERT_GT(stream, 0);
  context.Release(tokenizer);  // the stream keeps it
  std::string streamed;
  for (const int32_t one : ids) {
    ASSERT_EQ(reprise_decode_stream_push(context.get(), stream, one), 0);
    streamed += context.result();
  }
  context.ExpectError(reprise_decode_stream_push(context.get(), stream, 512), "token_out_of_range");
  ASSERT_EQ(reprise_decode_stream_finish(context.get(), stream), 0);
  EXPECT_EQ(streamed + context.result(), text);
  context.ExpectError(reprise_decode_stream_push(context.get(), stream, 1), "invalid_argument");
  context.ExpectError(reprise_decode_stream_finish(context.get(), stream), "invalid_argument");
  context.Release(stream);
}

std::vector<uint32_t> Words(const TestContext& context) {
  const std::string bytes = context.result();
  std::vector<uint32_t> words(bytes.size() / sizeof(uint32_t));
  std::memcpy(words.data(), bytes.data(), words.size() * sizeof(uint32_t));
  return words;
}

TEST(Capi, EncodesWithOptionsAndInBatches) {
  using List = std::vector<uint32_t>;
  TestContext context;
  const int32_t tokenizer = context.StoryTokenizer();
  const std::string text = "Once upon a time";
  const auto encode = [&](std::string_view options) {
    return reprise_tokenizer_encode_with(context.get(), tokenizer, text.data(), text.size(),
                                         options.data(), options.size());
  };
  const std::string options = R"({"offsets": true, "truncation": {"maxLength": 2}, )"
                              R"("padding": {"length": 3, "padToken": "<unk>"}})";
  const List expected = {3, 2, 1, 403, 407, 0, 0, 4, 4, 9, 0, 0, 0, 4, 4, 9, 0, 0};
  for (int repeat = 0; repeat < 2; ++repeat) {
    ASSERT_EQ(encode(options), 3) << context.result();
    EXPECT_EQ(Words(context), expected);
  }
  context.ExpectError(encode(R"({"truncation": {}})"), "invalid_argument");
  EXPECT_EQ(context.Field("argument"), "truncation.maxLength");
  context.ExpectError(encode(R"({"allowSpecial": ["Once"]})"), "invalid_argument");
  EXPECT_EQ(context.Field("argument"), "allowSpecial");
  ASSERT_EQ(encode("{}"), 4);

  const std::vector<uint32_t> sizes = {0, 4, 12};
  const auto batch = [&](std::span<const uint32_t> parts, std::string_view json) {
    return reprise_encode_batch(context.get(), tokenizer, text.data(), text.size(), parts.data(),
                                parts.size(), json.data(), json.size());
  };
  const int32_t job = batch(sizes, R"({"addSpecialTokens": true})");
  ASSERT_GT(job, 0) << context.result();
  const auto events = context.Drive(job, 1);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().Find("type")->string(), "tokenize");
  EXPECT_EQ(events.back().Find("done")->integer(), 3);
  EXPECT_EQ(events.back().Find("total")->integer(), 3);
  ASSERT_GT(reprise_job_values(context.get(), job), 9);
  const List words = Words(context);
  EXPECT_EQ(words[0], 1u);  // the begin token
  EXPECT_EQ(words[1], 2u);
  EXPECT_EQ(List(words.begin() + 9, words.begin() + 12), (List{1, 1, 403}));
  context.Release(job);
  context.ExpectError(batch(std::vector<uint32_t>{4, 13}, "{}"), "invalid_argument");

  const Ids ids = {403, 407, 1, 261};
  const std::vector<uint32_t> counts = {2, 2};
  const int32_t decoding = reprise_decode_batch(context.get(), tokenizer, ids.data(), ids.size(),
                                                counts.data(), counts.size(), 1);
  ASSERT_GT(decoding, 0) << context.result();
  EXPECT_EQ(context.Drive(decoding).back().Find("type")->string(), "decode");
  ASSERT_EQ(reprise_job_values(context.get(), decoding), 2);
  EXPECT_EQ(Words(context), (List{9, 1}));
  ASSERT_EQ(reprise_job_result(context.get(), decoding), 0);
  EXPECT_EQ(context.result(), "Once upona");
  context.Release(decoding);

  ASSERT_EQ(reprise_tokenizer_vocabulary(context.get(), tokenizer), 512);
  const List vocabulary = Words(context);
  EXPECT_EQ(vocabulary[511], 511u);
  EXPECT_EQ(context.result().substr(2 * 512 * sizeof(uint32_t), 5), "<unk>");
  EXPECT_EQ(vocabulary[512], 5u);
  context.Release(tokenizer);
}

TEST(Capi, MeasuresTokenizers) {
  TestContext context;
  const int32_t tokenizer = context.StoryTokenizer();
  const std::string text = "Once upon a time, 日";
  const auto measure = [&](std::span<const uint32_t> sizes) {
    return reprise_tokenizer_metrics(context.get(), tokenizer, text.data(), text.size(),
                                     sizes.data(), sizes.size());
  };
  const int32_t job = measure(std::vector<uint32_t>{4, 17});
  ASSERT_GT(job, 0) << context.result();
  ASSERT_EQ(reprise_job_result(context.get(), job), 0);
  EXPECT_EQ(context.result(), "{}");
  const auto events = context.Drive(job, 1);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().Find("type")->string(), "tokenize");
  EXPECT_EQ(events.back().Find("done")->integer(), 2);
  ASSERT_EQ(reprise_job_result(context.get(), job), 0);
  const JsonValue metrics = context.json();
  EXPECT_EQ(metrics.Find("texts")->integer(), 2);
  EXPECT_EQ(metrics.Find("bytes")->integer(), 21);
  EXPECT_EQ(metrics.Find("words")->integer(), 5);
  EXPECT_EQ(metrics.Find("coverage")->Find("byteFallbackTokens")->integer(), 3);
  EXPECT_EQ(metrics.Find("coverage")->Find("text")->number(), 18.0 / 21);
  EXPECT_EQ(
      metrics.Find("fertility")->Find("byScript")->Find("Han")->Find("tokensPerWord")->number(), 3);
  EXPECT_FALSE(metrics.Find("longest")->array().empty());
  EXPECT_EQ(metrics.Find("mostFrequent")->array()[0].Find("count")->integer(), 2);
  context.Release(job);
  context.ExpectError(measure(std::vector<uint32_t>{4, 13}), "invalid_argument");
  context.Release(tokenizer);
}

}  // namespace
}  // namespace reprise
