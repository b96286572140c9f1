// Training tokenizers through the C interface: Hugging Face's results
// (fixtures/tokenizers/training) and what cannot be trained.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "hash/sha256.h"
#include "tests/support/test_context.h"
#include "tests/support/tokenizer_results.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

std::string Sha256Of(const std::string& text) {
  Sha256 sha256;
  sha256.Update({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  return ToHex(sha256.Finish());
}

class TokenizerTrainer : public testing::Test {
 protected:
  int32_t Create(const std::string& options) {
    return reprise_tokenizer_trainer_create(context_.get(), options.data(), options.size());
  }
  int32_t Add(int32_t trainer, const std::string& text) {
    return reprise_tokenizer_trainer_add(context_.get(), trainer, text.data(), text.size());
  }

  // The tokenizer.json of texts.
  std::string Train(const std::string& options, const std::vector<std::string>& texts,
                    int32_t work_units = 100) {
    const int32_t trainer = Create(options);
    EXPECT_GT(trainer, 0) << context_.result();
    for (const std::string& text : texts) EXPECT_EQ(Add(trainer, text), 0) << context_.result();
    const int32_t job = reprise_tokenizer_trainer_train(context_.get(), trainer);
    EXPECT_GT(job, 0) << context_.result();
    context_.Release(trainer);
    EXPECT_EQ(reprise_job_result(context_.get(), job), 0);
    EXPECT_EQ(context_.result(), "{}");
    context_.Drive(job, work_units);
    EXPECT_EQ(reprise_job_result(context_.get(), job), 0);
    std::string json = context_.result();
    context_.Release(job);
    return json;
  }

  // The error of training; its fields `argument` and `byte` are in argument_ and byte_.
  std::string TrainError(const std::string& options, const std::vector<std::string>& texts) {
    int32_t answer = Create(options);
    const int32_t trainer = answer;
    for (size_t i = 0; answer >= 0 && i < texts.size(); ++i) answer = Add(trainer, texts[i]);
    int32_t job = 0;
    if (answer >= 0) answer = job = reprise_tokenizer_trainer_train(context_.get(), trainer);
    while (answer >= 0 && answer != REPRISE_DONE) {
      answer = reprise_job_step(context_.get(), job, 10);
    }
    if (answer >= 0) return "none";
    std::string code(context_.Error(answer).Find("code")->string());
    argument_ = context_.Field("argument");
    byte_ = context_.Field("byte");
    if (job > 0) context_.Release(job);
    if (trainer > 0) context_.Release(trainer);
    return code;
  }

  // The texts of the fixtures by name.
  std::map<std::string, std::vector<std::string>> Texts(const JsonValue& file) {
    std::map<std::string, std::vector<std::string>> texts;
    for (const auto& [name, list] : file.Find("texts")->object()) {
      std::vector<std::string>& own = texts[std::string(name)];
      for (const JsonValue& text : list.array()) own.emplace_back(text.string());
    }
    const JsonValue strings = ReadJson(FixturePath("tokenizers/strings.json"));
    for (const JsonValue& text : strings.array()) texts["strings"].emplace_back(text.string());
    const std::string oz = ReadTestFile(FixturePath("tokenizers/training/oz.txt"));
    for (size_t at = 0; at < oz.size();) {
      const size_t end = oz.find('\n', at) + 1;
      texts["oz"].push_back(oz.substr(at, end - at));
      at = end;
    }
    return texts;
  }

  TestContext context_;
  std::string argument_, byte_;
};

std::vector<std::string> Merges(const JsonValue& file) {
  std::vector<std::string> merges;
  for (const JsonValue& pair : file.Find("model")->Find("merges")->array()) {
    merges.push_back(std::string(pair.array()[0].string()) + " " +
                     std::string(pair.array()[1].string()));
  }
  return merges;
}

std::vector<std::string> Strings(const JsonValue& list) {
  std::vector<std::string> strings;
  for (const JsonValue& string : list.array()) strings.emplace_back(string.string());
  return strings;
}

// The pieces are the reference's but for those that differ among its own runs; where none do, the
// scores agree too, but for characters that are no pieces at the end: these get ascending scores,
// the reference's in the order of a hash table.
void ExpectPieces(const JsonValue& model, const JsonValue& reference) {
  EXPECT_EQ(model.Find("unk_id")->integer(), reference.Find("unkId")->integer());
  const auto pieces = model.Find("vocab")->array();
  const auto expected = reference.Find("pieces")->array();
  ASSERT_EQ(pieces.size(), expected.size());
  const auto unstable_list = Strings(*reference.Find("unstable"));
  const std::set<std::string> unstable(unstable_list.begin(), unstable_list.end());
  std::map<std::string, double> scores;
  for (const JsonValue& piece : expected) {
    scores[std::string(piece.array()[0].string())] = piece.array()[1].number();
  }
  for (const JsonValue& piece : pieces) {
    const std::string text(piece.array()[0].string());
    if (unstable.contains(text)) continue;
    ASSERT_TRUE(scores.contains(text)) << text;
    const bool is_character = text.size() == Utf8Length(text[0]);
    if (unstable.empty()) {
      EXPECT_NEAR(piece.array()[1].number(), scores[text], is_character ? 0.0257 : 1e-9) << text;
    }
  }
  const bool is_sorted = std::ranges::is_sorted(
      pieces.subspan(static_cast<size_t>(model.Find("unk_id")->integer()) + 1),
      std::ranges::greater(), [](const JsonValue& piece) { return piece.array()[1].number(); });
  EXPECT_TRUE(is_sorted);
}

TEST_F(TokenizerTrainer, GivesTheReferencesMergesAndPieces) {
  const JsonValue file = ReadJson(FixturePath("tokenizers/training/trained.json"));
  const auto texts = Texts(file);
  ASSERT_EQ(file.Find("cases")->array().size(), 25u);
  for (const JsonValue& entry : file.Find("cases")->array()) {
    const std::string options(entry.Find("options")->string());
    const std::string name(entry.Find("texts")->string());
    SCOPED_TRACE(name + " " + options);
    const std::string json = Train(options, texts.at(name));
    const auto tree = ParseJson(json, "trained");
    ASSERT_TRUE(tree.has_value()) << tree.error().message;
    if (entry.Find("merges") != nullptr) {
      EXPECT_EQ(Merges(*tree), Strings(*entry.Find("merges")));
      EXPECT_EQ(Sha256Of(json), entry.Find("sha256")->string());
    } else {
      ExpectPieces(*tree->Find("model"), entry);
    }
    EXPECT_TRUE(Tokenizer::Parse(json, "trained").has_value());
  }
}

TEST_F(TokenizerTrainer, GivesTheSameBytesInAnyStepsAndOrder) {
  auto texts = Texts(ReadJson(FixturePath("tokenizers/training/trained.json")))["oz"];
  auto reversed = texts;
  std::ranges::reverse(reversed);
  for (const std::string options :
       {R"({"model": "bpe", "vocabSize": 600})", R"({"model": "unigram", "vocabSize": 400})"}) {
    const std::string json = Train(options, texts, 1);
    EXPECT_EQ(Train(options, texts, 1 << 20), json);
    EXPECT_EQ(Train(options, reversed, 1000), json);
    // Of every build; for BPE it is the reference's too.
    if (options.find("unigram") != std::string::npos) {
      EXPECT_EQ(Sha256Of(json), "387bc1f65272c0983058487ebd09989d4f02b64f43cadbcdbcd046ed8b5d89c1");
    }
  }
}

TEST_F(TokenizerTrainer, TellsItsProgress) {
  const int32_t trainer = Create(R"({"model": "unigram", "vocabSize": 40})");
  ASSERT_EQ(Add(trainer, "a cat and a hat and a bat and that"), 0);
  const int32_t job = reprise_tokenizer_trainer_train(context_.get(), trainer);
  int64_t before = -1;
  for (const JsonValue& event : context_.Drive(job, 1)) {
    EXPECT_EQ(event.Find("type")->string(), "train");
    EXPECT_GT(event.Find("done")->integer(), before);
    before = event.Find("done")->integer();
    EXPECT_LE(before, event.Find("total")->integer());
  }
  context_.Release(job);
  context_.Release(trainer);
}

TEST_F(TokenizerTrainer, RefusesWhatCannotBeTrained) {
  const auto expect = [&](const std::string& options, const std::string& argument,
                          const std::vector<std::string>& texts = {"some text"}) {
    EXPECT_EQ(TrainError(options, texts), "invalid_argument") << options;
    EXPECT_EQ(argument_, argument) << options;
  };
  expect(R"({"vocabSize": 300})", "model");
  expect(R"({"model": "word_piece", "vocabSize": 300})", "model");
  expect(R"({"model": "bpe"})", "vocabSize");
  expect(R"({"model": "bpe", "vocabSize": 0})", "vocabSize");
  expect(R"({"model": "bpe", "vocabSize": 255})", "vocabSize");
  expect(R"({"model": "bpe", "vocabSize": 99999999999})", "vocabSize");
  expect(R"({"model": "bpe", "vocabSize": 6, "preTokenizer": "metaspace"})", "vocabSize");
  expect(R"({"model": "unigram", "vocabSize": 7})", "vocabSize");
  expect(R"({"model": "unigram", "vocabSize": 1})", "vocabSize");
  expect(R"({"model": "bpe", "vocabSize": 300, "minFrequency": -1})", "minFrequency");
  expect(R"({"model": "bpe", "vocabSize": 300, "maxTokenLength": 1})", "maxTokenLength");
  expect(R"({"model": "unigram", "vocabSize": 300, "maxTokenLength": 0})", "maxTokenLength");
  expect(R"({"model": "bpe", "vocabSize": 300, "preTokenizer": "bert"})", "preTokenizer");
  expect(R"({"model": "bpe", "vocabSize": 300, "normalizer": "NFC"})", "normalizer");
  expect(R"({"model": "bpe", "vocabSize": 300, "specialTokens": ["a", "b", "a"]})",
         "specialTokens[2]");
  expect(R"({"model": "bpe", "vocabSize": 300, "specialTokens": [""]})", "specialTokens[0]");
  expect(R"({"model": "bpe", "vocabSize": 300, "initialAlphabet": ["a", "bc"]})",
         "initialAlphabet[1]");
  expect(R"({"model": "bpe", "vocabSize": 300, "limitAlphabet": 0})", "limitAlphabet");
  expect(R"({"model": "unigram", "vocabSize": 300, "limitAlphabet": 10})", "limitAlphabet");
  expect(R"({"model": "unigram", "vocabSize": 300, "unkToken": ""})", "unkToken");
  expect(R"({"model": "bpe", "vocabSize": 300, "dropout": 0.1})", "dropout");
  const std::string bpe = R"({"model": "bpe", "vocabSize": 300})";
  expect(bpe, "texts", {});
  expect(bpe, "texts", {"", ""});
  expect(R"({"model": "unigram", "vocabSize": 300, "preTokenizer": "whitespace"})", "texts",
         {" ", "\n"});
  expect(bpe, "", {"\xff"});
  EXPECT_EQ(byte_, "0");
  EXPECT_EQ(TrainError("{", {}), "invalid_json");
}

TEST_F(TokenizerTrainer, TakesTextsUntilTheJobIsMade) {
  const int32_t trainer = Create(R"({"model": "bpe", "vocabSize": 300})");
  context_.ExpectError(Add(trainer, "a\xf0"), "invalid_argument");
  ASSERT_EQ(Add(trainer, "a text"), 0);
  const int32_t job = reprise_tokenizer_trainer_train(context_.get(), trainer);
  ASSERT_GT(job, 0);
  context_.ExpectError(Add(trainer, "another"), "invalid_argument");
  context_.ExpectError(reprise_tokenizer_trainer_train(context_.get(), trainer),
                       "invalid_argument");
  context_.ExpectError(reprise_tokenizer_trainer_train(context_.get(), job), "invalid_argument");
  context_.Release(trainer);
  context_.Release(job);  // before its end
}

TEST_F(TokenizerTrainer, TakesOddTexts) {
  const std::vector<std::string> texts = {std::string(20'000, 'a'), std::string("a\0b", 3),
                                          "\u2581\u2581 \u2581", "a", "\n\n\n"};
  for (const std::string model : {"bpe", "unigram"}) {
    for (const std::string cut : {"byte_level", "metaspace", "whitespace"}) {
      for (const std::string size : {"300", "10000"}) {
        const std::string options = R"({"model": ")" + model + R"(", "preTokenizer": ")" + cut +
                                    R"(", "vocabSize": )" + size +
                                    R"(, "specialTokens": ["aa", "a"]})";
        const std::string json = Train(options, texts);
        const auto tokenizer = Tokenizer::Parse(json, "trained");
        ASSERT_TRUE(tokenizer.has_value()) << options << tokenizer.error().message;
        EXPECT_TRUE((*tokenizer)->Encode(texts[0], false).has_value()) << options;
      }
    }
  }
  // No piece is expected half a time.
  Train(R"({"model": "unigram", "vocabSize": 20})", {"abcdefgh xabcdefghx"});
}

}  // namespace
}  // namespace reprise
