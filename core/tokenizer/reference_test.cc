// Ids and texts against those of Hugging Face's tokenizers on the fixtures; conformance_test.cc has
// the whole files.
#include <gtest/gtest.h>

#include "tests/support/tokenizer_results.h"

namespace reprise {
namespace {

TEST(TokenizerReference, CutFilesGiveTheirIdsAndTexts) {
  for (const std::string name : {"gpt2-cut", "smollm-cut"}) {
    SCOPED_TRACE(name);
    const std::string folder = FixturePath("tokenizers/" + name);
    const auto tokenizer = ReadTokenizer(folder + "/tokenizer.json");
    ASSERT_NE(tokenizer, nullptr);
    ExpectResults(tokenizer, ReadJson(FixturePath("tokenizers/strings.json")),
                  ReadJson(folder + "/expected.json"), kReferenceLists);
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
    const std::string prompt(story.Find("prompt")->string());
    const auto ids = Ids(*story.Find("ids"));
    EXPECT_EQ(tokenizer->Encode(prompt, true).value(), ids);
    EXPECT_EQ(tokenizer->Decode(ids, true).value(), prompt);
    EXPECT_EQ(Stream(tokenizer, ids, true), prompt);
  }
}

}  // namespace
}  // namespace reprise
