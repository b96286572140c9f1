// JSON Lines and JSON arrays: the grammar by JSONTestSuite, values of every type, the same in
// pieces of any size, and what is refused, with its place.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json_reader.h"
#include "dataset/json_cursor.h"
#include "dataset/testing/reader.h"
#include "tests/support/test_files.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

using namespace testing;
using Rows = std::vector<std::string>;

DatasetSchema TwoFields() {
  DatasetSchema schema;
  schema.fields = {MakeField("n", FieldType::kInt64), MakeField("s", FieldType::kString, true)};
  return schema;
}

// Files y_ must be accepted, n_ refused; of i_, which the standard leaves open, these are accepted.
// So does the reader of trees, base/json_reader.h, but for numbers beyond float64 and names that
// are there twice.
TEST(JsonCursor, JsonTestSuite) {
  const std::string folder = ReferencePath("conformance/json/test_parsing");
  if (folder.empty()) return;
  const std::set<std::string> accepted_of_open = {
      "i_number_double_huge_neg_exp.json", "i_number_huge_exp.json",
      "i_number_neg_int_huge_exp.json",    "i_number_pos_double_huge_exp.json",
      "i_number_real_neg_overflow.json",   "i_number_real_pos_overflow.json",
      "i_number_real_underflow.json",      "i_number_too_big_neg_int.json",
      "i_number_too_big_pos_int.json",     "i_number_very_big_negative_int.json",
  };
  const std::set<std::string> refused_in_trees = {
      "i_number_huge_exp.json",
      "i_number_neg_int_huge_exp.json",
      "i_number_pos_double_huge_exp.json",
      "i_number_real_neg_overflow.json",
      "i_number_real_pos_overflow.json",
      "y_object_duplicated_key.json",
      "y_object_duplicated_key_and_value.json",
  };
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const std::string text = ReadTestFile(entry.path().string());
    JsonCursor json(text);
    const bool is_accepted = !FindInvalidUtf8(text) && json.SkipValue() && json.TakeEnd();
    const bool is_expected = name[0] == 'y' || accepted_of_open.contains(name);
    EXPECT_EQ(is_accepted, is_expected) << name;
    EXPECT_EQ(ParseJson(text, name).has_value(), is_expected && !refused_in_trees.contains(name))
        << name;
    ++files;
  }
  EXPECT_EQ(files, 318);
}

TEST(JsonRows, LinesOfEveryType) {
  DatasetSchema schema;
  schema.fields = {
      MakeField("i", FieldType::kInt32, true),       MakeField("d", FieldType::kFloat64, true),
      MakeField("b", FieldType::kBool, true),        MakeField("t", FieldType::kTimestamp, true),
      MakeField("c", FieldType::kCategorical, true), MakeField("x", FieldType::kBytes, true),
      MakeField("s", FieldType::kString, true)};
  schema.fields[4].categories = {"a", "b"};
  Field nested = MakeField("q.r", FieldType::kString, true);
  nested.path = {"q", "r"};
  schema.fields.push_back(nested);
  Field list = MakeField("l", FieldType::kString, true);
  list.is_list = true;
  schema.fields.push_back(list);
  Field any = MakeField("a", FieldType::kString, true);
  any.from_any = true;
  schema.fields.push_back(any);
  const ReadFile read = ReadInAnyPieces(
      JsonLines(), schema,
      "\xEF\xBB\xBF{\"i\": -3, \"d\": 1, \"b\": true, \"t\": \"2020-01-01T00:00:00Z\", \"c\": "
      "\"b\", "
      "\"x\": \"AA==\", \"s\": \"\\u00e9\\ud83d\\ude00\\n\\\"\", \"q\": {\"r\": \"in\"}, "
      "\"l\": [\"u\", \"v\"], \"a\": {\"k\": [1, 2.50]}}\r\n"
      "\n"
      "{\"a\": 7, \"t\": -1, \"s\": null, \"q\": null, \"l\": [], \"d\": \"NaN\"}\n"
      "{\"a\": \"plain\", \"q\": {}, \"i\":0}");
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.blank_rows, 1);
  EXPECT_EQ(read.rows,
            (Rows{"-3 1 true 2020-01-01T00:00:00Z b AA== \"\xC3\xA9\xF0\x9F\x98\x80\n\"\" \"in\" "
                  "[\"u\",\"v\"] \"{\"k\": [1, 2.50]}\"",
                  "- nan - 1969-12-31T23:59:59.999999Z - - - - [] \"7\"",
                  "0 - - - - - - - - \"plain\""}));
}

TEST(JsonRows, ArraysOfRowsAlsoInside) {
  const Rows rows = {"1 \"a]}\"", "2 -"};
  EXPECT_EQ(
      ReadInAnyPieces(Json(), TwoFields(), " [ {\"n\":1,\"s\":\"a]}\"} ,\n{\"n\":2}\n] ").rows,
      rows);
  EXPECT_TRUE(ReadInAnyPieces(Json(), TwoFields(), "[]").rows.empty());
  RowFormat inside = Json();
  inside.rows_path = {"data", "rows"};
  const ReadFile read = ReadInAnyPieces(
      inside, TwoFields(),
      R"({"v": [1, {"x": "]"}], "data": {"n": "\"", "rows": [{"n":1,"s":"a]}"}, {"n":2}], "z": 1}, "w": null})");
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.rows, rows);
}

TEST(JsonRows, RefusesWhatDoesNotFitWithItsPlace) {
  struct Case {
    RowFormat format;
    std::string text, error;
  };
  RowFormat inside = Json();
  inside.rows_path = {"rows"};
  const Case cases[] = {
      {JsonLines(), "{\"n\":1}\n{\"n\":1.5}\n",
       R"(rows: row 1, column "n" (byte 13): expected an int64, found 1.5)"},
      {JsonLines(), "{\"n\":9223372036854775808}",
       R"(rows: row 0, column "n" (byte 5): expected an int64, found 9223372036854775808)"},
      {JsonLines(), "{\"s\":\"x\"}",
       R"(rows: row 0, column "n" (byte 0): expected an int64, found nothing)"},
      {JsonLines(), "{\"n\":1,\"s\":{\"a\":1}}",
       R"(rows: row 0, column "s" (byte 11): expected a string, found {"a":1})"},
      {JsonLines(), "{\"n\":1,\"n\":2}",
       R"(rows: row 0, column "n" (byte 7): expected a name once, found it twice)"},
      {JsonLines(), "{\"n\":1,\"m\":2}",
       R"(rows: row 0, column "m" (byte 7): expected only fields of the schema, found another one)"},
      {JsonLines(), "[1]", "rows: row 0 (byte 0): expected an object, found [1]"},
      {JsonLines(), "{\"n\":1} x", "rows: row 0 (byte 8): expected the end, found x"},
      {JsonLines(), "{\"n\":1,}", "rows: row 0 (byte 7): expected a name in quotes, found }"},
      {JsonLines(), "{\"n\":01}",
       "rows: row 0 (byte 6): expected no digit behind a first 0, found 1}"},
      {JsonLines(), "{\"n\":1,\"s\":\"\\ud800\"}",
       R"(rows: row 0 (byte 18): expected no lone surrogate, found "})"},
      {JsonLines(), "{\"n\":1,\"s\":\"\xC3\"}",
       "rows: row 0 (byte 12): expected UTF-8, found other bytes"},
      {JsonLines(), "{\"n\":1", "rows: row 0 (byte 6): expected a comma or }, found the end"},
      {Json(), "{\"n\":1}", R"(rows: row 0 (byte 0): expected an array of rows, found "{")"},
      {Json(), "[{\"n\":1}",
       "rows: row 1 (byte 8): expected a comma or ], found the end of the file"},
      {Json(), "[{\"n\":1},]", R"(rows: row 1 (byte 9): expected a JSON value, found "]")"},
      {Json(), "[{\"n\":1} {\"n\":2}]",
       R"(rows: row 1 (byte 9): expected a comma or ], found "{")"},
      {Json(), "[{\"n\":1}] x",
       R"(rows: row 1 (byte 10): expected the end of the file, found "x")"},
      {Json(), "\xFF\xFE[", "rows: row 0 (byte 0): expected UTF-8, found other bytes"},
      {Json(), "", "rows: row 0 (byte 0): expected an array of rows, found the end of the file"},
      {inside, "{\"data\": []}",
       "rows: row 0 (byte 11): expected a member \"rows\", found the end of the object"},
  };
  for (const Case& each : cases) {
    const ReadFile read = ReadInAnyPieces(each.format, TwoFields(), each.text);
    EXPECT_EQ(read.error, each.error) << each.text;
    EXPECT_EQ(read.failure.code, ErrorCode::kInvalidData);
  }
}

TEST(JsonRows, DeepNestingIsRefused) {
  DatasetSchema schema = TwoFields();
  schema.ignores_other_fields = true;
  const std::string deep =
      "{\"n\":1,\"x\":" + std::string(100000, '[') + std::string(100000, ']') + "}";
  EXPECT_TRUE(ReadPieces(JsonLines(), schema, deep).error.find("nesting of at most 256 levels") !=
              std::string::npos);
}

TEST(JsonRows, SkipsBadRows) {
  const ReadFile read = ReadInAnyPieces(
      JsonLines(), TwoFields(), "{\"n\":1}\n{\"s\":\"half\",\"n\":true}\nnot json\n{\"n\":2}\n",
      OnBadRow::kSkip);
  EXPECT_EQ(read.rows, (Rows{"1 -", "2 -"}));
  ASSERT_EQ(read.problems.size(), 2u);
  EXPECT_EQ(read.problems[1].row, 2);
}

TEST(JsonRows, Inference) {
  const std::pair<std::string, std::string> cases[] = {
      {R"([{"a":1,"b":"x"},{"a":2,"b":null}])", "a:int64 b:string?"},
      {R"([{"a":1},{"a":2.5},{"b":true}])", "a:float64? b:bool?"},
      {R"([{"t":"x"},{"t":7}])", "t:string*"},
      {R"([{"t":null}])", "t:string?"},
      {R"([{"q":{"a":1,"b":{"c":"x"}}},{"q":{"a":2}}])", "q.a:int64 q.b.c:string?"},
      {R"([{"q":{"a":1}},{"q":null}])", "q.a:int64?"},
      {R"([{"l":[1,2]},{"l":[]}])", "l:[int64]"},
      {R"([{"l":[{"a":1}]}])", "l:string*"},
      {R"([{"l":[1,"x"]}])", "l:string*"},
      {R"([{"n":9007199254740993},{"n":0.5}])", "n:string*"},
      {R"([{"x":1},{"x":"NaN"}])", "x:float64"},
      {R"([{"x":["-Infinity",0.5]}])", "x:[float64]"},
      {R"([{"x":"NaN"},{"x":null}])", "x:string?"},
      {R"([{"x":"NaN"},{"x":1},{"x":"none"}])", "x:string*"},
      {R"([{"x":"Infinity"},{"x":9007199254740993}])", "x:string*"},
      {R"([{"x":"NaN"},{"x":{"a":1}}])", "x:string*"},
      {R"([{"n":9223372036854775807},{"n":-9223372036854775808}])", "n:int64"},
      {R"([{"n":9223372036854775808}])", "n:string*"},
      {R"([{"n":1},{"n":-9223372036854775809}])", "n:string*"},
      {R"([{"n":0.5},{"n":100000000000000000000000}])", "n:string*"},
      {R"([{"n":1e30},{"n":0.1234567890123456789}])", "n:float64"},
      {R"([{"l":[1,2]},{"l":[18446744073709551615]}])", "l:string*"},
      // A member that is an object only sometimes is one field, never one inside another.
      {R"([{"a":{"b":1}},{"a":5},{"a":null},{"a":{"c":{"d":2}}}])", "a:string*?"},
      {R"([{"a":{}},{"a":{"b":1}}])", "a.b:int64?"},
      {R"([{"a":[{"b":1}]},{"a":{"b":1}}])", "a:string*"},
  };
  for (const auto& [text, words] : cases) {
    const auto inferred = InferFrom(Json(), text);
    ASSERT_TRUE(inferred.has_value()) << text;
    EXPECT_EQ(Words(inferred->schema), words) << text;
    const ReadFile read = ReadInAnyPieces(Json(), inferred->schema, text);
    EXPECT_EQ(read.error, "") << text;
  }
  const std::string twins = R"([{"n":9223372036854775808},{"n":9223372036854775809},{"n":"x"}])";
  EXPECT_EQ(ReadPieces(Json(), InferFrom(Json(), twins)->schema, twins).rows,
            (Rows{"\"9223372036854775808\"", "\"9223372036854775809\"", "\"x\""}));
  // Schemas have no empty names, also not on the way to others.
  for (const char* text : {R"([{"":1}])", R"([{"":{"a":1}}])"}) {
    const auto inferred = InferFrom(Json(), text);
    ASSERT_FALSE(inferred.has_value()) << text;
    EXPECT_EQ(inferred.error().code, ErrorCode::kInvalidData);
  }
}

// A row that no schema fits is an error of inference with the words of the reader, or is left out
// and leaves no trace.
TEST(JsonRows, InferenceWithBadRows) {
  const std::pair<std::string, std::string> cases[] = {
      {R"({"z":{"y":"x"},"n":)", "rows: row 1 (byte 27): expected a JSON value, found the end"},
      {R"({"z":[1.5, tru]})", "rows: row 1 (byte 19): expected a JSON value, found tru]}"},
      {R"({"n":"x","n":1})",
       "rows: row 1, column \"n\" (byte 17): expected a name once, found it twice"},
      {R"({"q":{"n":1,"n":1}})",
       "rows: row 1, column \"q.n\" (byte 20): expected a name once, found it twice"},
      {R"(["n"])", "rows: row 1 (byte 8): expected an object, found [\"n\"]"},
      {R"({"n":1,})", "rows: row 1 (byte 15): expected a name in quotes, found }"},
      {R"({"n":1} 2)", "rows: row 1 (byte 16): expected the end, found 2"},
      {"{\"n\":\"\xFF\"}", "rows: row 1 (byte 14): expected UTF-8, found other bytes"},
      {R"({"z":[0.5,1e400]})",
       "rows: row 1, column \"z\" (byte 18): expected a number that float64 can hold, found 1e400"},
  };
  for (const auto& [bad, error] : cases) {
    const std::string text = "{\"n\":1}\n" + bad + "\n{\"n\":2,\"a\":true}\n";
    const auto refused = InferFrom(JsonLines(), text);
    ASSERT_FALSE(refused.has_value()) << bad;
    EXPECT_EQ(refused.error().message, error);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidData);
    SchemaInference skipping(JsonLines(), "rows", 1000, /*skips_bad_rows=*/true);
    ASSERT_TRUE(skipping.Push(AsBytes(text)) && skipping.Finish()) << bad;
    const auto inferred = skipping.Infer();
    ASSERT_TRUE(inferred.has_value()) << bad;
    EXPECT_EQ(Words(inferred->schema), "n:int64 a:bool?") << bad;
    const ReadFile read = ReadInAnyPieces(JsonLines(), inferred->schema, text, OnBadRow::kSkip);
    EXPECT_EQ(read.rows, (Rows{"1 -", "2 true"})) << bad;
    ASSERT_EQ(read.problems.size(), 1u) << bad;
    EXPECT_EQ(read.problems[0].row, 1);
  }
  // Where no row is left, the first of them is what is wrong.
  SchemaInference nothing(JsonLines(), "rows", 1000, /*skips_bad_rows=*/true);
  ASSERT_TRUE(nothing.Push(AsBytes("1\n2\n")) && nothing.Finish());
  EXPECT_EQ(nothing.Infer().error().message, "rows: row 0 (byte 0): expected an object, found 1");
}

}  // namespace
}  // namespace reprise
