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
      {R"({"type":"array","minItems":1,"maxItems":2})", "[1,2,3]", "$", "a list of 1 to 2"},
      {R"({"type":"object","minProperties":1})", "{}", "$", "an object that is not empty"},
      {R"({"type":"string","format":"inner-file"})", "\".\"", "$",
       R"(a file inside the file's own folder, such as "data/rows.csv")"},
      {R"({"type":"object","not":{"required":["a","b"]}})", R"({"a":1,"b":2})", "$",
       "an object with only one of a, b"},
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

// Of several choices the one for values of that kind says what is wrong; else all of them do.
TEST(JsonSchema, SaysOfChoicesWhichOneIsNearest) {
  constexpr std::string_view kType =
      R"({"anyOf":[{"$ref":"#/$defs/n"},{"type":"object","additionalProperties":false,)"
      R"("required":["list"],"properties":{"list":{"$ref":"#/$defs/n"}}}],)"
      R"("$defs":{"n":{"enum":["a","b"]}}})";
  constexpr std::string_view kMembers =
      R"({"type":"object","anyOf":[{"required":["a"]},{"required":["b"]}]})";
  const Refusal refusals[] = {
      {kType, "\"c\"", "$", R"("a" or "b")"},
      {kType, R"({"list":"c"})", "$.list", R"("a" or "b")"},
      {kType, "{}", "$.list", R"("a" or "b")"},
      {kType, R"({"list":"a","of":1})", "$.of", "absent: known here are list"},
      {kType, "7", "$", R"("a" or "b" or an object with list)"},
      {kMembers, R"({"c":1})", "$", "an object with a or b"},
      {kMembers, "7", "$", "an object with a or b"},
  };
  for (const Refusal& refusal : refusals) {
    const Status status = Check(refusal.json, refusal.schema);
    ASSERT_FALSE(status) << refusal.json;
    EXPECT_EQ(*status.error().Text("path"), refusal.path) << refusal.json;
    EXPECT_EQ(*status.error().Text("expected"), refusal.expected) << refusal.json;
  }
  EXPECT_EQ(*Check(R"({"c":1,"d":2})", kMembers).error().Text("found"), "an object with c, d");
  for (const std::string_view json : {"\"a\"", R"({"list":"b"})"}) {
    EXPECT_TRUE(Check(json, kType)) << json;
  }
  for (const std::string_view json : {R"({"a":1})", R"({"b":1})", R"({"a":1,"b":2})"}) {
    EXPECT_TRUE(Check(json, kMembers)) << json;
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

TEST(JsonSchema, KnowsWhatFormatsOfDatasetsAre) {
  const auto is = [](std::string_view format, const std::string& json) {
    const std::string schema = R"({"type":"string","format":")" + std::string(format) + R"("})";
    return Check(json, schema).has_value();
  };
  for (const char* text : {R"(",")", R"("\t")", R"("\u0000")", R"("\u007f")"}) {
    EXPECT_TRUE(is("csv-delimiter", text)) << text;
    EXPECT_TRUE(is("csv-quote", text)) << text;
  }
  for (const char* text : {R"("\n")", R"("\r")", R"("ab")", R"("\u0080")", R"("ä")"}) {
    EXPECT_FALSE(is("csv-delimiter", text)) << text;
    EXPECT_FALSE(is("csv-quote", text)) << text;
  }
  EXPECT_FALSE(is("csv-delimiter", R"("")"));
  EXPECT_TRUE(is("csv-quote", R"("")"));
  std::string longest = "a";
  for (int i = 1; i < 64; ++i) longest += ".a";
  for (const std::string& path : {std::string("a"), std::string("a b.c"), longest}) {
    EXPECT_TRUE(is("member-path", "\"" + path + "\"")) << path;
  }
  for (const std::string& path : {std::string(), std::string("."), std::string(".a"),
                                  std::string("a."), std::string("a..b"), longest + ".a"}) {
    EXPECT_FALSE(is("member-path", "\"" + path + "\"")) << path;
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
  const auto later = CheckVersion(*ParseJson(R"({"version":2})", "x"), "x", "$.a");
  EXPECT_EQ(*later.error().Text("path"), "$.a.version");
}

}  // namespace
}  // namespace reprise
