// Encoding where memory does not suffice: wherever an array cannot grow the error is out_of_memory,
// and the tokenizer goes on as if nothing had been.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/growing_array.h"
#include "base/thread_pool.h"
#include "tests/support/component_cases.h"
#include "tests/support/tokenizer_results.h"
#include "tokenizer/encoding.h"
#include "tokenizer/metrics.h"
#include "tokenizer/text_batch.h"
#include "tokenizer/training/word_counter.h"

namespace reprise {
namespace {

// While it lives, all requests for memory behind the first ones are refused.
class RefusedMemory {
 public:
  explicit RefusedMemory(int64_t granted) {
    left_ = granted;
    RefuseMemory([](size_t) { return --left_ < 0; });
  }
  ~RefusedMemory() { RefuseMemory(nullptr); }
  RefusedMemory(const RefusedMemory&) = delete;
  RefusedMemory& operator=(const RefusedMemory&) = delete;

  // Whether there were more requests.
  static bool has_refused() { return left_ < 0; }

 private:
  static inline int64_t left_ = 0;
};

// For each request for memory that the work makes of what `make` gives: that one and all behind it
// are refused, and afterwards none. `expect_right` looks at what it gives. Returns how often memory
// was lacking.
template <typename Make, typename Work, typename Expect>
int RefuseEach(const Make& make, const Work& work, const Expect& expect_right) {
  expect_right(work(*make()));
  int lacking = 0;
  for (int64_t granted = 0;; ++granted) {
    const auto made = make();
    const auto result = [&] {
      const RefusedMemory memory(granted);
      return work(*made);
    }();
    if (!RefusedMemory::has_refused()) return lacking;
    if (result) {
      expect_right(result);
    } else {
      ++lacking;
      EXPECT_EQ(result.error().code, ErrorCode::kOutOfMemory) << result.error().message;
      EXPECT_NE(result.error().ToJson().find("\"needs_bytes\""), std::string::npos);
    }
    expect_right(work(*made));
  }
}

std::shared_ptr<const Tokenizer> Parse(std::string_view json) {
  const auto tokenizer = Tokenizer::Parse(json, "tokenizer.json");
  EXPECT_TRUE(tokenizer) << tokenizer.error().message;
  return tokenizer.value_or(nullptr);
}

// With and without offsets. `make` gives a tokenizer, perhaps the same one each time, whose cache
// then has the words.
template <typename Make>
void ExpectErrorsWhereMemoryLacks(const Make& make, std::string_view text) {
  SCOPED_TRACE(text.substr(0, 60));
  const auto ids = make()->Encode(text, true).value();
  const int lacking = RefuseEach(
      make, [&](const Tokenizer& tokenizer) { return tokenizer.Encode(text, true); },
      [&](const auto& found) {
        ASSERT_TRUE(found) << found.error().message;
        ASSERT_EQ(*found, ids);
      });
  EXPECT_GT(lacking, 0);
  EncodeOptions options{.add_special_tokens = true, .offsets = true};
  options.truncation = Truncation{1'000};
  const auto make_encoder = [&] {
    return std::make_unique<TextEncoder>(TextEncoder::Create(make(), options).value());
  };
  const auto expected = make_encoder()->Encode(text).value();
  RefuseEach(
      make_encoder, [&](const TextEncoder& encoder) { return encoder.Encode(text); },
      [&](const auto& found) {
        ASSERT_TRUE(found) << found.error().message;
        ASSERT_EQ(found->ids, expected.ids);
        ASSERT_EQ(found->bytes, expected.bytes);
        ASSERT_EQ(found->utf16, expected.utf16);
      });
}

TEST(MemoryThatLacks, IsAnErrorInEveryComponent) {
  const JsonValue file = ReadJson(FixturePath("tokenizers/components.json"));
  for (const JsonValue& entry : file.Find("cases")->array()) {
    std::string text;
    for (const JsonValue& result : entry.Find("results")->array()) {
      text += result.Find("text")->string();
      text += ' ';
    }
    const auto tokenizer = Parse(ComponentTokenizer(entry, file));
    ExpectErrorsWhereMemoryLacks([&] { return tokenizer; }, text);
  }
}

// A word of so many characters that no token has whole.
std::string LongWord(size_t size) {
  std::string word;
  for (size_t i = 0; word.size() < size; ++i) word += static_cast<char>('a' + i * i % 7);
  return word;
}

TEST(MemoryThatLacks, IsAnErrorInLongWords) {
  constexpr std::string_view kModels[] = {
      R"({"type":"BPE","vocab":{"a":0,"b":1,"c":2,"d":3,"e":4,"f":5,"g":6,"ab":7,"abe":8,"ec":9},
          "merges":["a b","ab e","e c"]})",
      R"({"type":"BPE","unk_token":"?","continuing_subword_prefix":"-",
          "vocab":{"?":0,"a":1,"-b":2,"-e":3,"-c":4,"-be":5},"merges":["-b -e"]})",
      R"({"type":"Unigram","unk_id":0,"byte_fallback":false,
          "vocab":[["?",-9.0],["a",-2.0],["b",-3.0],["c",-3.5],["abe",-4.0],["ec",-5.0]]})",
      R"({"type":"WordPiece","unk_token":"?","continuing_subword_prefix":"#",
          "max_input_chars_per_word":9999,
          "vocab":{"?":0,"a":1,"#a":2,"#b":3,"#c":4,"#d":5,"#e":6,"#f":7,"#g":8,"#be":9}})",
  };
  for (const std::string_view model : kModels) {
    const std::string pre_tokenizer = R"({"pre_tokenizer":{"type":"WhitespaceSplit"},"model":)";
    const std::string json = pre_tokenizer + std::string(model) + "}";
    ExpectErrorsWhereMemoryLacks([&] { return Parse(json); },
                                 LongWord(100) + " a " + LongWord(1'500));
  }
}

TEST(MemoryThatLacks, RefusesAnAddedTokenThatANormalizerMakesTooLong) {
  const std::string replace =
      R"({"type":"Replace","pattern":{"String":"a"},"content":")" + std::string(1000, 'a') + "\"}";
  const std::string json = R"({"normalizer":{"type":"Sequence","normalizers":[)" + replace + "," +
                           replace +
                           R"(]},"added_tokens":[{"id":1,"content":"a","single_word":false,
      "lstrip":false,"rstrip":false,"normalized":true,"special":false}],
      "model":{"type":"WordLevel","unk_token":"?","vocab":{"?":0}}})";
  RefuseMemory([](size_t bytes) { return bytes > 100'000; });
  const auto tokenizer = Tokenizer::Parse(json, "t.json");
  RefuseMemory(nullptr);
  ASSERT_FALSE(tokenizer);
  EXPECT_EQ(tokenizer.error().code, ErrorCode::kInvalidTokenizer);
  EXPECT_EQ(tokenizer.error().message,
            "t.json, $.added_tokens[0].content: what the normalizer makes of it does not fit into "
            "memory");
}

// Looking ahead without a bound and atomic groups are left to backtracking.
TEST(MemoryThatLacks, IsAnErrorInExpressions) {
  for (const std::string_view pattern :
       {"(?:a|b)*c|(?=(?:a|e)*d)a|.", "a(?!.*g)|(?:a|ab)(?:e|ec)|(?>a{1,3})|[^ ]"}) {
    for (const std::string_view component :
         {R"("pre_tokenizer":{"type":"Split","behavior":"Isolated","invert":false,)",
          R"("pre_tokenizer":{"type":"Split","behavior":"MergedWithNext","invert":false,)",
          R"("normalizer":{"type":"Replace","content":"<éa>",)"}) {
      const std::string json = "{" + std::string(component) + R"("pattern":{"Regex":")" +
                               std::string(pattern) +
                               R"("}},"model":{"type":"WordLevel","unk_token":"?",)" +
                               R"("vocab":{"?":0,"a":1,"b":2}}})";
      const auto tokenizer = Parse(json);
      ExpectErrorsWhereMemoryLacks([&] { return tokenizer; }, LongWord(300) + " " + LongWord(200));
    }
  }
}

constexpr std::string_view kWords =
    R"({"pre_tokenizer":{"type":"WhitespaceSplit"},
        "model":{"type":"WordLevel","unk_token":"?","vocab":{"?":0,"a":1,"b":2}}})";

TEST(MemoryThatLacks, EndsBatches) {
  const auto tokenizer = Parse(kWords);
  const std::vector<uint32_t> sizes = {3, 0, 5};
  const std::string texts = "a ba b a";
  ThreadPool pool(1);
  EncodeOptions options{.offsets = true};
  options.padding = Padding{.length = 6, .side = TextSide::kLeft, .pad_token = "?"};
  const auto run = [&](const Tokenizer&) -> Result<std::vector<GrowingArray<int32_t>>> {
    const MemoryWatch watch;
    EncodeBatch batch(TextEncoder::Create(tokenizer, options).value(), texts, sizes);
    REPRISE_TRY(MemoryWatch::Check());
    REPRISE_TRY(batch.Step(1'000, pool));
    std::vector<GrowingArray<int32_t>> ids;
    for (const Encoding& encoding : batch.encodings()) ids.emplace_back(encoding.ids);
    REPRISE_TRY(MemoryWatch::Check());
    return ids;
  };
  const auto make = [&] { return tokenizer; };
  const int lacking = RefuseEach(make, run, [](const auto& ids) {
    ASSERT_TRUE(ids) << ids.error().message;
    ASSERT_EQ(ids->size(), 3u);
    EXPECT_EQ((*ids)[2], (std::vector<int32_t>{0, 0, 0, 1, 2, 1}));
  });
  EXPECT_GT(lacking, 10);
  const auto measure = [&](const Tokenizer&) -> Result<int64_t> {
    const MemoryWatch watch;
    MetricsBatch batch(tokenizer, texts, sizes);
    REPRISE_TRY(MemoryWatch::Check());
    REPRISE_TRY(batch.Step(1'000, pool));
    return batch.metrics()->counts.tokens;
  };
  RefuseEach(make, measure, [](const auto& tokens) {
    ASSERT_TRUE(tokens) << tokens.error().message;
    EXPECT_EQ(*tokens, 5);
  });
}

TEST(MemoryThatLacks, LeavesWordsUncounted) {
  const auto make = [] { return std::make_unique<WordCounter>(TokenizerTrainingOptions()); };
  const auto count = [](WordCounter& words) -> Result<size_t> {
    REPRISE_TRY(words.Add("to be or not to be"));
    return words.Take().size();
  };
  const size_t expected = count(*make()).value();
  const int lacking = RefuseEach(make, count, [&](const auto& words) {
    ASSERT_TRUE(words) << words.error().message;
    EXPECT_EQ(*words, expected);
  });
  EXPECT_GT(lacking, 0);
}

}  // namespace
}  // namespace reprise
