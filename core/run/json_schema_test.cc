// The checker against values that each keyword allows and refuses, and the published schemas.
#include "run/json_schema.h"

#include <gtest/gtest.h>

#include <string>

#include "run/schemas.h"

namespace reprise {
namespace {

Status Check(std::string_view json, std::string_view schema) {
  const auto value = ParseJson(json, "value");
  EXPECT_TRUE(value) << value.error().message;
  return CheckSchema(*value, schema, "a.json");
}

struct Refusal {
  std::string_view schema, json, path, expected;
};

TEST(JsonSchema, RefusesWithThePlaceAndWhatIsAllowed) {
  const Refusal refusals[] = {
      {R"({"type":"integer","minimum":0,"maximum":7})", "8", "$", "an integer from 0 to 7"},
      {R"({"type":"integer","minimum":0})", "1.5", "$", "an integer of at least 0"},
      {R"({"type":"integer","minimum":0})", "-1", "$", "an integer of at least 0"},
      {R"({"type":"integer"})", "9007199254740993", "$", "an integer"},
      {R"({"type":"number","exclusiveMinimum":0,"maximum":1})", "0", "$",
       "a number above 0 and at most 1"},
      {R"({"type":["string","null"],"format":"sha256"})", "\"ab\"", "$",
       "64 lower-case hexadecimal digits or null"},
      {R"({"type":"string","format":"file-name"})", "\"../x\"", "$",
       "the name of a file or folder without a path"},
      {R"({"enum":["a","b","c"]})", "\"d\"", "$", R"("a", "b" or "c")"},
      {R"({"const":1})", "2", "$", "1"},
      {R"({"type":"array","minItems":1})", "[]", "$", "a list that is not empty"},
      {R"({"type":"array","items":{"type":"boolean"}})", "[true,1]", "$[1]", "true or false"},
      {R"({"type":"object","required":["a"],"properties":{"a":{"type":"null"}}})", "{}", "$.a",
       "null"},
      {R"({"type":"object","additionalProperties":false,"properties":{"a":{}}})", R"({"b c":1})",
       R"($["b c"])", "absent: known here are a"},
      {R"({"additionalProperties":false,"properties":{"topK":{},"topP":{}}})", R"({"top_q":1})",
       "$.top_q", R"(absent ("topK" or "topP" may be meant): known here are topK, topP)"},
      {R"({"type":"string","format":"inner-folder"})", "\"a/../b\"", "$",
       R"(a folder inside the file's own, such as "models/story", or "." for that itself)"},
      {R"({"type":"object","propertyNames":{"format":"token-id"},"additionalProperties":{}})",
       R"({"01":1})", "$.01", "named by a token id in decimal"},
      {R"({"type":"object","maxProperties":1,"properties":{"a":{},"b":{}}})", R"({"a":1,"b":2})",
       "$", "an object with one of a, b"},
      {R"({"properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"string"}}})", R"({"a":1})",
       "$.a", "a text"},
  };
  for (const Refusal& refusal : refusals) {
    const Status status = Check(refusal.json, refusal.schema);
    ASSERT_FALSE(status) << refusal.schema << " " << refusal.json;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidConfig);
    EXPECT_EQ(*status.error().Text("file"), "a.json");
    EXPECT_EQ(*status.error().Text("path"), refusal.path);
    EXPECT_EQ(*status.error().Text("expected"), refusal.expected);
  }
}

TEST(JsonSchema, AcceptsWhatIsAllowed) {
  EXPECT_TRUE(Check("3.0", R"({"type":"integer","minimum":0,"maximum":7})"));
  EXPECT_TRUE(Check("null", R"({"type":["string","null"],"format":"sha256"})"));
  EXPECT_TRUE(Check("\"model.safetensors\"", R"({"type":"string","format":"file-name"})"));
  EXPECT_TRUE(Check(R"({"2147483647":0})", R"({"propertyNames":{"format":"token-id"}})"));
}

TEST(JsonSchema, FileNamesStayInTheirFolder) {
  for (const std::string_view name : {"", ".", "..", "a/b", "a\\b", "C:x", "https:", "a\tb"}) {
    const std::string json = "\"" +
                             std::string(name == "a\\b"   ? "a\\\\b"
                                         : name == "a\tb" ? "a\\tb"
                                                          : name) +
                             "\"";
    EXPECT_FALSE(Check(json, R"({"type":"string","format":"file-name"})")) << json;
  }
}

TEST(JsonSchema, KnowsEveryKeywordOfThePublishedSchemas) {
  for (const std::string_view schema : {kManifestSchema, kRecordSchema, kRunConfigSchema}) {
    EXPECT_FALSE(Check("7", schema));
  }
}

TEST(JsonSchema, TellsADocumentOfALaterVersion) {
  const auto check = [](std::string_view json) {
    return CheckDocument(*ParseJson(json, "x"), "reprise-record", "x");
  };
  EXPECT_TRUE(check(R"({"format":"reprise-record","version":1})"));
  EXPECT_EQ(check(R"({"format":"reprise-record","version":2})").error().code,
            ErrorCode::kUnsupported);
  EXPECT_EQ(*check(R"({"format":"reprise-manifest","version":1})").error().Text("path"),
            "$.format");
  EXPECT_EQ(*check(R"({"format":"reprise-record","version":"1"})").error().Text("path"),
            "$.version");
  EXPECT_EQ(*check("[]").error().Text("path"), "$");
}

}  // namespace
}  // namespace reprise
