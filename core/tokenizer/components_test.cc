// Every component and model against Hugging Face's library, on small tokenizers of random parts:
// fixtures/tokenizers/components.json, which make-components.mjs beside it wrote.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/component_cases.h"
#include "tests/support/tokenizer_results.h"

namespace reprise {
namespace {

// The reference library counts the bytes of an affix that become tokens as bytes of the text, and
// its offsets may pass the text's end.
bool HasSoundOffsets(const JsonValue& model) {
  const JsonValue* byte_fallback = model.Find("byte_fallback");
  if (byte_fallback == nullptr || !byte_fallback->boolean()) return true;
  for (const char* name : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const JsonValue* affix = model.Find(name);
    if (affix != nullptr && affix->is_string()) return false;
  }
  return true;
}

TEST(TokenizerComponents, GiveTheReferencesIdsOffsetsAndTexts) {
  const JsonValue file = ReadJson(FixturePath("tokenizers/components.json"));
  ASSERT_NE(file.Find("cases"), nullptr);
  EXPECT_EQ(file.Find("cases")->array().size(), 96u);
  for (const JsonValue& entry : file.Find("cases")->array()) {
    const std::string text = ComponentTokenizer(entry, file);
    SCOPED_TRACE(text.substr(0, text.find("\"model\"")));
    const auto parsed = Tokenizer::Parse(text, "tokenizer.json");
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    for (const JsonValue& result : entry.Find("results")->array()) {
      SCOPED_TRACE(result.Find("text")->string());
      const std::vector<int32_t> ids = Ids(*result.Find("ids"));
      EXPECT_EQ((*parsed)->Encode(result.Find("text")->string(), true).value(), ids);
      if (HasSoundOffsets(*entry.Find("tokenizer")->Find("model"))) {
        ExpectOffsets(*parsed, result.Find("text")->string(), true, *result.Find("offsets"));
      }
      for (const bool skips : {false, true}) {
        const std::string_view decoded = result.Find(skips ? "decoded_skip" : "decoded")->string();
        EXPECT_EQ((*parsed)->Decode(ids, skips).value(), decoded);
        EXPECT_EQ(Stream(*parsed, ids, skips), decoded);
      }
    }
  }
}

}  // namespace
}  // namespace reprise
