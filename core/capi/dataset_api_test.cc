// What the C interface adds to datasets.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/test_context.h"

namespace reprise {
namespace {

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
