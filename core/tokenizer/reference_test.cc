// Ids and texts against those of Hugging Face's tokenizers: always with the cut files among the
// fixtures, and with the whole ones where the reference material is there.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/json_reader.h"
#include "tests/support/test_files.h"
#include "tokenizer/tokenizer.h"

namespace reprise {
namespace {

JsonValue ReadJson(const std::string& path) {
  auto tree = ParseJson(ReadTestFile(path), path);
  EXPECT_TRUE(tree.has_value()) << tree.error().message;
  return tree.has_value() ? *std::move(tree) : JsonValue();
}

std::shared_ptr<const Tokenizer> ReadTokenizer(const std::string& path) {
  auto tokenizer = Tokenizer::Parse(ReadTestFile(path), "tokenizer.json");
  EXPECT_TRUE(tokenizer.has_value()) << tokenizer.error().message;
  return tokenizer.value_or(nullptr);
}

std::vector<int32_t> Ids(const JsonValue& list) {
  std::vector<int32_t> ids;
  for (const JsonValue& id : list.array()) ids.push_back(static_cast<int32_t>(id.integer()));
  return ids;
}

std::string Stream(const std::shared_ptr<const Tokenizer>& tokenizer, std::span<const int32_t> ids,
                   bool skip_special_tokens) {
  DecodeStream stream(tokenizer, skip_special_tokens);
  std::string text;
  for (const int32_t id : ids) {
    const auto piece = stream.Push(id);
    EXPECT_TRUE(piece.has_value()) << id;
    text += piece.value_or("");
  }
  return text + stream.Finish();
}

// Compares a folder's tokenizer.json with its expected.json on every string.
void ExpectReferenceResults(const std::string& folder, const std::string& strings_path) {
  SCOPED_TRACE(folder);
  const auto tokenizer = ReadTokenizer(folder + "/tokenizer.json");
  ASSERT_NE(tokenizer, nullptr);
  const JsonValue strings = ReadJson(strings_path);
  const JsonValue expected = ReadJson(folder + "/expected.json");
  const auto element = [&](std::string_view list, size_t i) -> const JsonValue& {
    return expected.Find(list)->array()[i];
  };
  ASSERT_GT(strings.array().size(), 0u);
  ASSERT_EQ(expected.Find("ids")->array().size(), strings.array().size());
  for (size_t i = 0; i < strings.array().size(); ++i) {
    const std::string& text = strings.array()[i].string();
    SCOPED_TRACE(std::to_string(i) + ": " + text);
    const auto ids = tokenizer->Encode(text, false);
    ASSERT_TRUE(ids.has_value()) << ids.error().message;
    EXPECT_EQ(*ids, Ids(element("ids", i)));
    const auto special = Ids(element("ids_special", i));
    EXPECT_EQ(tokenizer->Encode(text, true).value(), special);
    const std::string& decoded = element("decoded", i).string();
    const std::string& decoded_skip = element("decoded_skip", i).string();
    EXPECT_EQ(tokenizer->Decode(special, false).value(), decoded);
    EXPECT_EQ(tokenizer->Decode(special, true).value(), decoded_skip);
    EXPECT_EQ(Stream(tokenizer, special, false), decoded);
    EXPECT_EQ(Stream(tokenizer, special, true), decoded_skip);
  }
}

TEST(TokenizerReference, CutFilesGiveTheirIdsAndTexts) {
  for (const std::string name : {"gpt2-cut", "smollm-cut"}) {
    ExpectReferenceResults(FixturePath("tokenizers/" + name),
                           FixturePath("tokenizers/strings.json"));
  }
}

TEST(TokenizerReference, WholeFilesGiveTheirIdsAndTexts) {
  const std::string folder = ReferencePath("tokenizers");
  if (folder.empty()) return;
  for (const std::string name : {"gpt2", "smollm"}) {
    ExpectReferenceResults(folder + "/" + name, folder + "/strings.json");
    const JsonValue expected = ReadJson(folder + "/" + name + "/expected.json");
    EXPECT_EQ(ReadTokenizer(folder + "/" + name + "/tokenizer.json")->vocab_size(),
              expected.Find("vocab_size")->integer());
  }
}

TEST(TokenizerReference, StoriesModelGivesTheIdsOfItsPrompts) {
  const auto tokenizer = ReadTokenizer(FixturePath("models/stories-260k/tokenizer.json"));
  ASSERT_NE(tokenizer, nullptr);
  using List = std::vector<int32_t>;
  EXPECT_EQ(tokenizer->Encode("Once upon a time", true).value(), (List{1, 403, 407, 261, 378}));
  EXPECT_EQ(tokenizer->Encode("", true).value(), List{1});
  EXPECT_EQ(tokenizer->Encode("", false).value(), List{});
  EXPECT_EQ(tokenizer->Encode("Lily and Tom went to the park. They", true).value(),
            (List{1, 317, 269, 274, 287, 263, 377, 267, 265, 282, 295, 433, 426, 342}));
  EXPECT_EQ(tokenizer->Decode(List{1, 403, 407, 261, 378}, true).value(), "Once upon a time");
  EXPECT_EQ(tokenizer->Decode(List{1, 403, 407, 261, 378}, false).value(), "<s> Once upon a time");
  EXPECT_EQ(tokenizer->vocab_size(), 512);

  const std::string folder = ReferencePath("stories260K");
  if (folder.empty()) return;
  const JsonValue reference = ReadJson(folder + "/reference.json");
  ASSERT_GT(reference.Find("cases")->array().size(), 0u);
  for (const JsonValue& story : reference.Find("cases")->array()) {
    const std::string& prompt = story.Find("prompt")->string();
    const auto ids = Ids(*story.Find("ids"));
    EXPECT_EQ(tokenizer->Encode(prompt, true).value(), ids);
    EXPECT_EQ(tokenizer->Decode(ids, true).value(), prompt);
    EXPECT_EQ(Stream(tokenizer, ids, true), prompt);
  }
}

}  // namespace
}  // namespace reprise
