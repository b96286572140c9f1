#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "base/byte_hash.h"
#include "base/json_keys.h"
#include "base/json_reader.h"
#include "base/json_writer.h"

namespace reprise {
namespace {

ErrorCode CodeOf(std::string_view text) {
  const auto result = ParseJson(text, "t.json");
  return result ? ErrorCode::kOk : result.error().code;
}

TEST(JsonReader, ReadsEveryKind) {
  const auto v = ParseJson(R"({"a":[1,-2.5,true,null,"é😀"],"b":{}})", "t.json");
  ASSERT_TRUE(v.has_value());
  const auto a = v->Find("a")->array();
  EXPECT_EQ(a[0].integer(), 1);
  EXPECT_EQ(a[1].number(), -2.5);
  EXPECT_TRUE(a[2].boolean());
  EXPECT_TRUE(a[3].is_null());
  EXPECT_EQ(a[4].string(), "\xC3\xA9\xF0\x9F\x98\x80");
  EXPECT_TRUE(v->Find("b")->object().empty());
  EXPECT_EQ(v->Find("c"), nullptr);
}

TEST(JsonReader, ReadsNumbersExactly) {
  const auto v = ParseJson("[9223372036854775807,18446744073709551615,0.1,5e-324]", "t.json");
  ASSERT_TRUE(v.has_value());
  EXPECT_EQ(v->array()[0].integer(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(v->array()[1].number(), 18446744073709551616.0);
  EXPECT_EQ(v->array()[2].number(), 0.1);
  EXPECT_EQ(v->array()[3].number(), std::numeric_limits<double>::denorm_min());
  const auto u =
      ParseJson("[0e068,1e-999,-1E-400,100e-2,-0,0.00001e-99999999999999999999]", "t.json");
  ASSERT_TRUE(u.has_value()) << u.error().message;
  for (size_t i : {0, 1, 2, 4, 5}) EXPECT_EQ(u->array()[i].number(), 0) << i;
  EXPECT_EQ(u->array()[3].number(), 1);
}

TEST(JsonReader, NamesFileAndByteOfAMistake) {
  const auto v = ParseJson("{\"a\": 1,}", "config.json");
  ASSERT_FALSE(v.has_value());
  EXPECT_EQ(v.error().code, ErrorCode::kInvalidJson);
  EXPECT_EQ(*v.error().Text("file"), "config.json");
  EXPECT_NE(v.error().message.find("byte 8"), std::string::npos) << v.error().message;
  const std::vector<std::pair<std::string, std::string>> faults = {
      {"", "byte 0: The document is empty."},
      {"1 2", "byte 2: The document root must not be followed by other values."},
      {"[1 2]", "byte 3: Missing a comma or ']' after an array element."},
      {"[1,]", "byte 3: Invalid value."},
      {"{\"a\" 1}", "byte 5: Missing a colon after a name of object member."},
      {"{\"a\":1", "byte 6: Missing a comma or '}' after an object member."},
      {"[\"ab", "byte 4: Missing a closing quotation mark in string."},
      {"\"a\n\"", "byte 2: Invalid encoding in string."},
      {"\"\\q\"", "byte 2: Invalid escape character in string."},
      {"\"\\u00g0\"", "byte 5: Incorrect hex digit after \\u escape in string."},
      {"1.", "byte 2: Missing fraction part in number."},
      {"1e+", "byte 3: Missing exponent in number."},
      {"1e999", "byte 5: Number too big to be stored in double."},
      {"{\"a\":1,\"a\":2}", "byte 13: The object ending here holds the key \"a\" twice."}};
  for (const auto& [text, fault] : faults) {
    const auto refused = ParseJson(text, "t");
    ASSERT_FALSE(refused.has_value()) << text;
    EXPECT_EQ(refused.error().message, "t, " + fault);
  }
}

TEST(JsonReader, RefusesWhatIsNotJson) {
  const std::vector<std::string> texts = {"",
                                          " ",
                                          "{",
                                          "[1",
                                          "NaN",
                                          "Infinity",
                                          "01",
                                          "1 2",
                                          "'a'",
                                          "[1,]",
                                          "1e999",
                                          "\"\\ud800\"",
                                          "\"\\udc00\"",
                                          "\"a\\udfff\\ud800\"",
                                          "-0.1e310",
                                          "\"\xff\"",
                                          "\xEF\xBB\xBF{}",
                                          "1e99999999999999999999",
                                          std::string(400, '9'),
                                          "\"\xF0"};
  for (const std::string& text : texts) EXPECT_EQ(CodeOf(text), ErrorCode::kInvalidJson) << text;
}

TEST(JsonReader, RefusesDuplicateKeysAndDeepNesting) {
  EXPECT_EQ(CodeOf(R"({"a":1,"b":2,"a":3})"), ErrorCode::kInvalidJson);
  EXPECT_EQ(CodeOf(R"({"a":{"a":1}})"), ErrorCode::kOk);
  EXPECT_EQ(CodeOf(std::string(256, '[') + std::string(256, ']')), ErrorCode::kOk);
  EXPECT_EQ(CodeOf(std::string(257, '[') + std::string(257, ']')), ErrorCode::kInvalidJson);
  EXPECT_EQ(CodeOf(std::string(1000000, '[')), ErrorCode::kInvalidJson);
}

TEST(JsonReader, LeavesTheTextAndUnescapesElsewhere) {
  const std::vector<std::pair<std::string, std::string>> strings = {
      {"", ""},
      {"abcdefg", "abcdefg"},
      {"abcdefgh", "abcdefgh"},
      {"12345678\\n", "12345678\n"},
      {"\\\"\\\\\\/x", "\"\\/x"},
      {"a▁b😀cdefghijkl▁", "a▁b😀cdefghijkl▁"},
      {"▁\\u00e9\\ud83d\\ude00▁0123456789", "▁é😀▁0123456789"},
      {"\xED\x9F\xBF\xE0\xA0\x80\xF4\x8F\xBF\xBF", "\xED\x9F\xBF\xE0\xA0\x80\xF4\x8F\xBF\xBF"}};
  std::string json = "[";
  for (const auto& [written, read] : strings) json += " \n          \"" + written + "\",";
  json += "1]";
  const std::string before = json;
  for (const auto& parsed :
       {ParseJsonView(json, "t.json"), ParseJson(std::string(json), "t.json")}) {
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    for (size_t i = 0; i < strings.size(); ++i) {
      EXPECT_EQ(parsed->array()[i].string(), strings[i].second);
    }
  }
  EXPECT_EQ(json, before);
}

TEST(JsonReader, RefusesInvalidStringsOfAnyLength) {
  const std::vector<std::string> endings = {"\x1F",
                                            "\xC0\x80",
                                            "\xC2",
                                            "\xE0\x9F\xBF",
                                            "\xED\xA0\x80",
                                            "\xE2\x96",
                                            "\xF0\x8F\xBF\xBF",
                                            "\xF4\x90\x80\x80",
                                            "\xF1\x80\x80",
                                            "\x80",
                                            "\xFF",
                                            "\\x",
                                            "\\"};
  for (const std::string& ending : endings) {
    for (const std::string tail : {"", "▁", "0123456789"}) {
      std::string text = "\"";
      for (int size = 0; size < 20; ++size, text += 'a') {
        if (ending == "\\" && !tail.empty()) continue;
        EXPECT_EQ(CodeOf(text + ending + tail + "\""), ErrorCode::kInvalidJson) << size << ending;
        EXPECT_EQ(CodeOf(text + ending), ErrorCode::kInvalidJson) << size << ending;
      }
    }
  }
}

TEST(JsonReader, FindsDuplicateNamesInBoundedSteps) {
  // The key is no secret: these names share sixteen slots of the table of 1,024.
  std::vector<std::string> names;
  for (uint64_t i = 0; names.size() < 680; ++i) {
    std::string name = "n" + std::to_string(i);
    if ((HashBytes(name, kJsonNameKey) & 1023) < 16) names.push_back(std::move(name));
  }
  const auto search = [](const std::vector<std::string>& of) {
    std::vector<JsonMember> members;
    for (const std::string& name : of) members.push_back({name, JsonValue()});
    return FindDuplicateName(members);
  };
  const auto crafted = search(names);
  EXPECT_EQ(crafted.twin, std::nullopt);
  EXPECT_GT(crafted.steps, 32 * names.size()) << "sorting was to be needed";
  EXPECT_LE(crafted.steps, 32 * names.size() + 64 + 4 * names.size() * 10);
  std::vector<std::string> twice = names;
  twice[500] = names[7];
  twice[600] = names[8];
  EXPECT_EQ(search(twice).twin, 500u);
  std::vector<std::string> plain;
  for (int i = 0; i < 680; ++i) plain.push_back("token" + std::to_string(i));
  EXPECT_LE(search(plain).steps, 4 * plain.size());
  plain[100] = plain[679] = "token5";
  EXPECT_EQ(search(plain).twin, 100u);
}

TEST(JsonWriter, EscapesAndSeparates) {
  JsonWriter json;
  json.BeginObject().Key("a\"").BeginArray().Int(-1).Double(0.1).Bool(true).Null().EndArray();
  json.Key("b").String("x\n\x01\\").EndObject();
  EXPECT_EQ(std::move(json).Take(), R"({"a\"":[-1,0.1,true,null],"b":"x\n\u0001\\"})");
}

TEST(Error, WritesItselfAsJson) {
  const Error error =
      Error(ErrorCode::kShapeMismatch, "no \"fit\"").With("tensor", "w").With("byte", int64_t{7});
  EXPECT_EQ(error.ToJson(),
            R"({"code":"shape_mismatch","message":"no \"fit\"","fields":{"tensor":"w","byte":7}})");
}

}  // namespace
}  // namespace reprise
