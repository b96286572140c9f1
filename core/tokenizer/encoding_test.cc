// Encoding with offsets, truncation, padding and special tokens in the text; batches.
#include "tokenizer/encoding.h"

#include <gtest/gtest.h>

#include "base/thread_pool.h"
#include "tests/support/tokenizer_results.h"
#include "tokenizer/text_batch.h"

namespace reprise {
namespace {

using List = std::vector<int32_t>;
using Ranges = std::vector<TextRange>;

// Words are tokens; [CLS] and [SEP] stand around a text.
std::shared_ptr<const Tokenizer> Words() {
  auto tokenizer = Tokenizer::Parse(R"({"version":"1.0",
    "added_tokens":[
      {"id":0,"content":"[CLS]","single_word":false,"lstrip":false,"rstrip":false,
       "normalized":false,"special":true},
      {"id":1,"content":"[SEP]","single_word":false,"lstrip":true,"rstrip":true,
       "normalized":false,"special":true},
      {"id":2,"content":"<pad>","single_word":false,"lstrip":false,"rstrip":false,
       "normalized":false,"special":false}],
    "padding":{"strategy":"BatchLongest","direction":"Right","pad_to_multiple_of":null,
      "pad_id":2,"pad_type_id":0,"pad_token":"<pad>"},
    "pre_tokenizer":{"type":"WhitespaceSplit"},
    "post_processor":{"type":"BertProcessing","cls":["[CLS]",0],"sep":["[SEP]",1]},
    "model":{"type":"WordLevel","unk_token":"?","vocab":
      {"[CLS]":0,"[SEP]":1,"<pad>":2,"?":3,"a":4,"b":5,"c":6,"é":7,"🙂":8}}})",
                                    "tokenizer.json");
  EXPECT_TRUE(tokenizer.has_value()) << tokenizer.error().message;
  return tokenizer.value_or(nullptr);
}

Encoding Encode(const EncodeOptions& options, std::string_view text) {
  const auto encoder = TextEncoder::Create(Words(), options);
  EXPECT_TRUE(encoder.has_value()) << encoder.error().message;
  auto encoding = encoder->Encode(text);
  EXPECT_TRUE(encoding.has_value()) << encoding.error().message;
  EXPECT_TRUE(encoder->Pad({&*encoding, 1}));
  return *std::move(encoding);
}

void ExpectRefused(const EncodeOptions& options, std::string_view argument) {
  const auto encoder = TextEncoder::Create(Words(), options);
  ASSERT_FALSE(encoder.has_value()) << argument;
  EXPECT_EQ(encoder.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(*encoder.error().Text("argument"), argument);
}

TEST(TextEncoder, CountsOffsetsInBytesAndInUtf16Units) {
  const Encoding encoding = Encode({.add_special_tokens = true, .offsets = true}, "é 🙂  x");
  EXPECT_EQ(encoding.ids, (List{0, 7, 8, 3, 1}));
  EXPECT_EQ(encoding.bytes, (Ranges{{0, 0}, {0, 2}, {3, 7}, {9, 10}, {0, 0}}));
  EXPECT_EQ(encoding.utf16, (Ranges{{0, 0}, {0, 1}, {2, 4}, {6, 7}, {0, 0}}));
  // The white space that an added token takes belongs to it.
  const Encoding added = Encode({.offsets = true}, "é [SEP] a");
  EXPECT_EQ(added.ids, (List{7, 1, 4}));
  EXPECT_EQ(added.bytes, (Ranges{{0, 2}, {2, 9}, {9, 10}}));
  EXPECT_EQ(added.utf16, (Ranges{{0, 1}, {1, 8}, {8, 9}}));
}

TEST(TextEncoder, TruncatesTheTextAndKeepsSpecialTokens) {
  EncodeOptions options{.add_special_tokens = true, .offsets = true};
  options.truncation = Truncation{4, TextSide::kRight};
  const Encoding right = Encode(options, "a b c");
  EXPECT_EQ(right.ids, (List{0, 4, 5, 1}));
  EXPECT_EQ(right.bytes, (Ranges{{0, 0}, {0, 1}, {2, 3}, {0, 0}}));
  EXPECT_EQ(right.removed, 1);
  options.truncation->side = TextSide::kLeft;
  const Encoding left = Encode(options, "a b c");
  EXPECT_EQ(left.ids, (List{0, 5, 6, 1}));
  EXPECT_EQ(left.utf16, (Ranges{{0, 0}, {2, 3}, {4, 5}, {0, 0}}));
  EXPECT_EQ(left.removed, 1);
  options.truncation->max_length = 2;
  EXPECT_EQ(Encode(options, "a b c").ids, (List{0, 1}));
  EXPECT_EQ(Encode(options, "a b c").removed, 3);
  options.truncation->max_length = 5;
  EXPECT_EQ(Encode(options, "a b c").removed, 0);
  options.truncation->max_length = 1;
  ExpectRefused(options, "truncation.maxLength");
  options.add_special_tokens = false;
  EXPECT_EQ(Encode(options, "a b c").ids, List{6});
  options.truncation->max_length = -1;
  ExpectRefused(options, "truncation.maxLength");
}

TEST(TextEncoder, PadsToALengthAndRoundsItUp) {
  EncodeOptions options{.offsets = true};
  options.padding = Padding{.length = 3};
  const Encoding right = Encode(options, "a");
  EXPECT_EQ(right.ids, (List{4, 2, 2}));
  EXPECT_EQ(right.bytes, (Ranges{{0, 1}, {0, 0}, {0, 0}}));
  EXPECT_EQ(right.padded, 2);
  options.padding =
      Padding{.length = 3, .side = TextSide::kLeft, .pad_token = "?", .multiple_of = 4};
  EXPECT_EQ(Encode(options, "a b").ids, (List{3, 3, 4, 5}));
  EXPECT_EQ(Encode(options, "a b c a b").ids.size(), 5u);
  options.padding = Padding{.multiple_of = 2};
  EXPECT_EQ(Encode(options, "a b c").ids, (List{4, 5, 6, 2}));
  options.padding = Padding{.pad_token = "no"};
  ExpectRefused(options, "padding.padToken");
  options.padding = Padding{.length = -1};
  ExpectRefused(options, "padding.length");
  options.padding = Padding{.multiple_of = 0};
  ExpectRefused(options, "padding.multipleOf");
}

TEST(TextEncoder, RefusesPaddingThatNoMemoryHolds) {
  EncodeOptions options;
  options.padding =
      Padding{.length = (int64_t{1} << 31) - 1, .multiple_of = (int64_t{1} << 31) - 1};
  const auto encoder = TextEncoder::Create(Words(), options);
  ASSERT_TRUE(encoder.has_value());
  std::vector<Encoding> batch(1'000'000);
  const Status status = encoder->Pad(batch);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kOutOfMemory);
}

TEST(TextEncoder, TakesOnlyAllowedSpecialTokensFromTheText) {
  constexpr std::string_view kText = "a [CLS] [SEP] <pad>";
  EXPECT_EQ(Encode({}, kText).ids, (List{4, 0, 1, 2}));
  EncodeOptions options{.offsets = true};
  options.allow_special.emplace();
  // As text they are words, which this vocabulary happens to hold; <pad> is not special.
  EXPECT_EQ(Encode(options, "a x[CLS][SEP]<pad>").ids, (List{4, 3, 2}));
  options.allow_special = {"[SEP]"};
  const Encoding listed = Encode(options, "a x[CLS][SEP]<pad>");
  EXPECT_EQ(listed.ids, (List{4, 3, 1, 2}));
  EXPECT_EQ(listed.bytes, (Ranges{{0, 1}, {2, 8}, {8, 13}, {13, 18}}));
  for (const std::string name : {"<pad>", "a", "none"}) {
    options.allow_special = {name};
    ExpectRefused(options, "allowSpecial");
  }
}

// A batch of so many texts, worked off in slices of so many bytes on so many threads.
Result<std::vector<Encoding>> EncodeAll(const std::vector<std::string>& texts, int64_t slice,
                                        int threads) {
  EncodeOptions options{.offsets = true};
  options.padding.emplace();
  std::string joined;
  std::vector<uint32_t> sizes;
  for (const std::string& text : texts) {
    joined += text;
    sizes.push_back(static_cast<uint32_t>(text.size()));
  }
  EncodeBatch batch(TextEncoder::Create(Words(), options).value(), joined, sizes);
  ThreadPool pool(threads);
  for (size_t before = 0;;) {
    REPRISE_ASSIGN(const bool is_done, batch.Step(slice, pool));
    if (is_done) break;
    EXPECT_GT(batch.done(), before);
    before = batch.done();
  }
  EXPECT_EQ(batch.done(), texts.size());
  return std::vector<Encoding>(batch.encodings().begin(), batch.encodings().end());
}

TEST(TextBatch, GivesTheSameOnAnyNumberOfThreadsAndSlices) {
  std::vector<std::string> texts;
  for (int i = 0; i < 500; ++i) {
    std::string text;
    for (int n = i * 7 % 11; n > 0; --n) text += n % 3 == 0 ? "a " : "é [SEP]";
    texts.push_back(text);
  }
  const auto expected = EncodeAll(texts, 1 << 20, 1);
  ASSERT_TRUE(expected.has_value());
  for (const Encoding& encoding : *expected) {
    EXPECT_EQ(encoding.ids.size(), (*expected)[0].ids.size());
    EXPECT_EQ(encoding.utf16.size(), encoding.ids.size());
  }
  for (const int threads : {1, 3}) {
    if (threads > 1 && !ThreadPool::HasThreads()) continue;
    for (const int64_t slice : {1, 100, 1 << 20}) {
      const auto found = EncodeAll(texts, slice, threads);
      ASSERT_TRUE(found.has_value());
      for (size_t i = 0; i < texts.size(); ++i) {
        EXPECT_EQ((*found)[i].ids, (*expected)[i].ids) << i;
        EXPECT_EQ((*found)[i].bytes, (*expected)[i].bytes) << i;
        EXPECT_EQ((*found)[i].utf16, (*expected)[i].utf16) << i;
      }
    }
    std::vector<std::string> wrong = texts;
    wrong[100] = wrong[200] = "\xff";
    const auto failed = EncodeAll(wrong, 1 << 20, threads);
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(*failed.error().Text("argument"), "texts[100]");
  }
  EXPECT_EQ(EncodeAll({}, 1, 1)->size(), 0u);
}

TEST(TextBatch, DecodesLists) {
  const List ids = {4, 5, 0, 6};
  const std::vector<uint32_t> counts = {2, 0, 2};
  ThreadPool pool(1);
  DecodeBatch batch(Words(), ids, counts, /*skip_special_tokens=*/true);
  while (!batch.Step(1, pool).value()) {
  }
  EXPECT_EQ(std::vector<std::string>(batch.texts().begin(), batch.texts().end()),
            (std::vector<std::string>{"a b", "", "c"}));
  DecodeBatch wrong(Words(), {4, 99}, std::vector<uint32_t>{1, 1}, true);
  const auto failed = wrong.Step(100, pool);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::kTokenOutOfRange);
  EXPECT_EQ(*failed.error().Text("argument"), "lists[1]");
}

}  // namespace
}  // namespace reprise
