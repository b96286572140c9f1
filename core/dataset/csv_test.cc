// CSV and TSV: the fields of RFC 4180 and of csv-spectrum, the same in pieces of any size, and what
// is refused, with its place.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json_reader.h"
#include "dataset/testing/reader.h"
#include "tests/support/test_files.h"

namespace reprise {
namespace {

using namespace testing;
using Rows = std::vector<std::string>;

DatasetSchema Strings(std::vector<std::string> names) {
  DatasetSchema schema;
  for (std::string& name : names) {
    schema.fields.push_back(MakeField(std::move(name), FieldType::kString));
  }
  return schema;
}

TEST(Csv, ReadsQuotesLineEndsAndEmptyFields) {
  const std::pair<std::string, Rows> cases[] = {
      {"a,b\n1,2\n", {R"("1" "2")"}},
      {"a,b\r\n1,2\r\n3,4", {R"("1" "2")", R"("3" "4")"}},
      {"a,b\r1,2\r3,4\r", {R"("1" "2")", R"("3" "4")"}},
      {"a,b\r1,2\n3,4\r\n", {R"("1" "2")", R"("3" "4")"}},
      {"\xEF\xBB\xBF\"a\",b\n,\n", {R"("" "")"}},
      {"a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", {R"("x, y" "say "hi"")"}},
      {"a,b\r\n\"one\ntwo\r\nthree\rfour\",\"\"\r\n", {"\"one\ntwo\r\nthree\rfour\" \"\""}},
      {"a,b\nit's 5\" wide,c\"d\n", {R"("it's 5" wide" "c"d")"}},
      {"a,b\n\n1,2\n\r\n\n", {R"("1" "2")"}},
      {"a,b\n\"\"\"\",\"\"\"\"\"\"\n", {R"(""" """")"}},
      {"a,b\n1,2\n3,", {R"("1" "2")", R"("3" "")"}},
      {"a,b\n1,\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\n",
       {"\"1\" \"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""}},
      {std::string("a,b\n1,x\0y\n", 10), {std::string("\"1\" \"x\0y\"", 9)}},
  };
  for (const auto& [text, rows] : cases) {
    const ReadFile read = ReadInAnyPieces(Csv(), Strings({"a", "b"}), text);
    EXPECT_EQ(read.error, "") << text;
    EXPECT_EQ(read.rows, rows) << text;
  }
}

TEST(Csv, OneColumnKeepsRowsWithoutAByte) {
  EXPECT_EQ(ReadInAnyPieces(Csv(), Strings({"a"}), "a\nx\n\ny\n").rows,
            (Rows{R"("x")", R"("")", R"("y")"}));
}

TEST(Csv, OtherDelimitersAndNoQuotes) {
  RowFormat format = Csv();
  format.csv.delimiter = ';';
  EXPECT_EQ(ReadInAnyPieces(format, Strings({"a", "b"}), "a;b\n\"1;1\";2,5\n").rows,
            (Rows{R"("1;1" "2,5")"}));
  EXPECT_EQ(ReadInAnyPieces(Tsv(), Strings({"a", "b"}), "a\tb\n\"1\t2\n\"x\"\t\"\n").rows,
            (Rows{R"(""1" "2")", R"(""x"" """)"}));
}

TEST(Csv, TypesAndAbsentValues) {
  DatasetSchema schema;
  schema.fields = {
      MakeField("i", FieldType::kInt32, true),       MakeField("l", FieldType::kInt64, true),
      MakeField("f", FieldType::kFloat32, true),     MakeField("d", FieldType::kFloat64, true),
      MakeField("b", FieldType::kBool, true),        MakeField("t", FieldType::kTimestamp, true),
      MakeField("c", FieldType::kCategorical, true), MakeField("x", FieldType::kBytes, true),
      MakeField("s", FieldType::kString, true)};
  schema.fields[6].categories = {"ham", "spam"};
  Field list = MakeField("n", FieldType::kInt64);
  list.is_list = true;
  schema.fields.push_back(list);
  const ReadFile read = ReadInAnyPieces(
      Csv(), schema,
      "i,l,f,d,b,t,c,x,s,n\n"
      "-2147483648,9223372036854775807,0.1,1e-320,True,2024-02-29,spam,AQI=,\"\",\"[1, 2]\"\n"
      ",,,,,,,,,[]\n"
      "+7,-9223372036854775808,-inf,nan,false,1969-12-31T23:59:59.5+01:00,ham,,a,[-3]\n");
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(
      read.rows,
      (Rows{"-2147483648 9223372036854775807 0.10000000149011612 9.9998886718268301e-321 true "
            "2024-02-29T00:00:00Z spam AQI= \"\" [1,2]",
            "- - - - - - - - - []",
            "7 -9223372036854775808 -inf nan false 1969-12-31T22:59:59.5Z ham - \"a\" [-3]"}));
}

TEST(Csv, EmptyValuesInQuotesAreAbsentWhereTheyAreNoValue) {
  const std::string text = "n,s,l\n\"\",\"\",\"\"\n\"2\",\"x\",\"[1]\"\n";
  DatasetSchema schema;
  schema.fields = {MakeField("n", FieldType::kInt64, true),
                   MakeField("s", FieldType::kString, true),
                   MakeField("l", FieldType::kInt64, true)};
  schema.fields[2].is_list = true;
  EXPECT_EQ(ReadInAnyPieces(Csv(), schema, text).rows, (Rows{"- \"\" -", "2 \"x\" [1]"}));
  schema.fields[0].optional = false;
  EXPECT_EQ(ReadInAnyPieces(Csv(), schema, text).error,
            R"(rows: row 0, column "n" (byte 7): expected an int64, found nothing)");
  // What an empty value in quotes makes optional has to be read so.
  const auto inferred = InferFrom(Csv(), "n,m\n1,\"\"\n2,5\n");
  ASSERT_TRUE(inferred.has_value());
  EXPECT_EQ(Words(inferred->schema), "n:int64 m:int64?");
  EXPECT_EQ(ReadInAnyPieces(Csv(), inferred->schema, "n,m\n1,\"\"\n2,5\n").rows,
            (Rows{"1 -", "2 5"}));
}

TEST(Csv, BytesThatAreNoUtf8AreFoundAmongOthersThatAre) {
  // Before, in and behind a row, and in a column that is not kept.
  const std::string text = "a,b\n\xC3\xA9,x\nplain,y\n\xC3\xA9,\xFF\n\xFF,z\n\xE2\x82,\xAC\n";
  DatasetSchema schema = Strings({"b"});
  schema.ignores_other_fields = true;
  const ReadFile read = ReadInAnyPieces(Csv(), schema, text, OnBadRow::kSkip);
  EXPECT_EQ(read.rows, (Rows{R"("x")", R"("y")", R"("z")"}));
  ASSERT_EQ(read.problems.size(), 2u);
  EXPECT_EQ(read.problems[0].row, 2);
  EXPECT_EQ(read.problems[0].expected, "UTF-8");
  EXPECT_EQ(read.problems[1].row, 4);
}

TEST(Csv, RefusesWhatDoesNotFitWithItsPlace) {
  DatasetSchema schema;
  schema.fields = {MakeField("n", FieldType::kInt32), MakeField("s", FieldType::kString)};
  struct Case {
    std::string text, error;
  };
  const Case cases[] = {
      {"n,s\n1,a\nNaN,b\n", R"(rows: row 1, column "n" (byte 8): expected an int32, found "NaN")"},
      {"n,s\n2147483648,a\n",
       R"(rows: row 0, column "n" (byte 4): expected an int32, found "2147483648")"},
      {"n,s\n1.0,a\n", R"(rows: row 0, column "n" (byte 4): expected an int32, found "1.0")"},
      {"n,s\n,a\n", R"(rows: row 0, column "n" (byte 4): expected an int32, found nothing)"},
      {"n,s\n1,a\n2\n", "rows: row 1 (byte 8): expected 2 columns, found 1 column"},
      {"n,s\n1,a,b\n", "rows: row 0 (byte 4): expected 2 columns, found 3 columns"},
      {"n,s\n1,\"a\n2,b\n",
       "rows: row 0 (byte 6): expected a closing quote, found the end of the file"},
      {"n,s\n1,\"a\"b\n",
       "rows: row 0 (byte 9): expected a delimiter or a line end after a closing quote, found "
       "\"b\""},
      {"n,s\n1,\xFF\n", R"(rows: row 0, column "s" (byte 6): expected UTF-8, found "�")"},
      {"n,n\n1,2\n", R"(rows: header, column "n": expected each name once, found it twice)"},
      {"n,t\n1,2\n",
       R"(rows: row 0, column "t" (byte 0): expected only columns of the schema, found another one)"},
      {"n\n1\n", R"(rows: row 0, column "s" (byte 0): expected a column of this name, found none)"},
      {"", "rows: row 0 (byte 0): expected a header, found an empty file"},
  };
  for (const Case& each : cases) {
    const ReadFile read = ReadInAnyPieces(Csv(), schema, each.text);
    EXPECT_EQ(read.error, each.error) << each.text;
    EXPECT_EQ(read.failure.code, ErrorCode::kInvalidData);
  }
}

TEST(Csv, HeaderAloneIsNoRows) {
  const ReadFile read = ReadInAnyPieces(Csv(), Strings({"a", "b"}), "a,b\n");
  EXPECT_EQ(read.error, "");
  EXPECT_TRUE(read.rows.empty());
}

TEST(Csv, SkipsAndCollectsBadRows) {
  DatasetSchema schema;
  schema.fields = {MakeField("s", FieldType::kString, true), MakeField("n", FieldType::kInt32)};
  const std::string text = "s,n\na,1\n,x\nb\nc,2\n\xC3,3\nd,4\n";
  const ReadFile skipped = ReadInAnyPieces(Csv(), schema, text, OnBadRow::kSkip);
  EXPECT_EQ(skipped.error, "");
  EXPECT_EQ(skipped.rows, (Rows{"\"a\" 1", "\"c\" 2", "\"d\" 4"}));
  ASSERT_EQ(skipped.problems.size(), 3u);
  EXPECT_EQ(skipped.problems[0].row, 1);
  EXPECT_EQ(skipped.problems[0].column, "n");
  EXPECT_EQ(skipped.problems[1].row, 2);
  EXPECT_EQ(skipped.problems[2].row, 4);
  EXPECT_EQ(skipped.problems[2].byte, 17);
  const ReadFile collected = ReadInAnyPieces(Csv(), schema, text, OnBadRow::kCollect);
  EXPECT_TRUE(collected.error.starts_with("3 rows do not fit the schema: rows: row 1"));
}

TEST(Csv, WithoutHeaderColumnsGoByPlaceOrNumber) {
  RowFormat format = Csv();
  format.has_header = false;
  EXPECT_EQ(ReadInAnyPieces(format, Strings({"x", "y"}), "1,2\n3,4\n").rows,
            (Rows{R"("1" "2")", R"("3" "4")"}));
  DatasetSchema second = Strings({"column_2"});
  second.ignores_other_fields = true;
  EXPECT_EQ(ReadInAnyPieces(format, second, "1,2\n3,4\n").rows, (Rows{R"("2")", R"("4")"}));
  EXPECT_EQ(ReadInAnyPieces(format, Strings({"x"}), "1,2\n").error,
            "rows: row 0 (byte 0): expected 1 column, found 2 columns");
  EXPECT_EQ(ReadInAnyPieces(format, Strings({"column_1"}), "1,2\n").error,
            "rows: row 0 (byte 0): expected 1 column, found 2 columns");
}

TEST(Csv, WithoutHeaderColumnsThatDifferAreNamed) {
  RowFormat format = Csv();
  format.has_header = false;
  EXPECT_EQ(ReadInAnyPieces(format, Strings({"column_1", "x"}), "1,2\n").error,
            "rows: row 0 (byte 0): expected the column \"x\", found the column \"column_2\"");
  EXPECT_EQ(ReadInAnyPieces(format, Strings({"y", "column_2", "x"}), "1,2,3,4,5,6\n").error,
            "rows: row 0 (byte 0): expected the columns \"x\", \"y\", found the columns "
            "\"column_1\", \"column_3\", \"column_4\" and 2 more");
}

TEST(Csv, LongQuotedTextsComeThroughWhole) {
  std::string text = "a,b\n";
  std::string value;
  for (int i = 0; i < 300000; ++i) value += i % 7 == 0 ? "\"\"" : i % 11 == 0 ? ",\n" : "word";
  text += "\"" + value + "\",2\n";
  const ReadFile whole = ReadPieces(Csv(), Strings({"a", "b"}), text);
  const ReadFile cut = ReadPieces(Csv(), Strings({"a", "b"}), text, 4099);
  EXPECT_EQ(whole.error, "");
  ASSERT_EQ(whole.rows.size(), 1u);
  EXPECT_EQ(whole.rows, cut.rows);
}

// A field of 100 MB, whole and in pieces, with a row before and behind it.
TEST(Csv, AFieldOfAHundredMegabytes) {
  const std::string value(size_t{100} << 20, 'x');
  CollectingOptions options;
  options.file = "rows";
  DatasetReader reader(Csv(), Strings({"a", "b"}), options);
  ASSERT_TRUE(reader.Push(AsBytes("a,b\n1,2\n\"")).has_value());
  for (size_t at = 0; at < value.size(); at += size_t{1} << 20) {
    ASSERT_TRUE(
        reader.Push(AsBytes(std::string_view(value).substr(at, size_t{1} << 20))).has_value());
  }
  ASSERT_TRUE(reader.Push(AsBytes("\",3\n4,5\n")).has_value());
  ASSERT_TRUE(reader.Finish().has_value());
  ASSERT_EQ(reader.rows().batch().rows, 3);
  EXPECT_TRUE(reader.rows().batch().columns[0].Bytes(1) == value);
  EXPECT_EQ(reader.rows().batch().columns[1].Bytes(2), "5");
}

TEST(Csv, InferenceKeepsWhatATypeWouldLose) {
  const std::pair<std::string, std::string> cases[] = {
      {"a,b,c\n1,x,1.5\n2,,2\n", "a:int64 b:string c:float64"},
      {"a,b,c\n1,true,\n,False,2e5\n", "a:int64? b:bool c:float64?"},
      {"zip,big\n00501,12345678901234567890\n00544,1\n", "zip:string big:string"},
      {"n,m\n9007199254740993,9007199254740993\n1.5,2\n", "n:string m:int64"},
      {"d,n\n2012-01-01,NaN\n2012-01-02,1\n", "d:string n:float64"},
      {"a,,c\n1,2,3\n", "a:int64 column_2:int64 c:int64"},
      {"a,b\n,\n", "a:string b:string"},
      {"only\n1\n", "only:int64"},
  };
  for (const auto& [text, words] : cases) {
    const auto inferred = InferFrom(Csv(), text);
    ASSERT_TRUE(inferred.has_value()) << text;
    EXPECT_EQ(Words(inferred->schema), words) << text;
  }
}

TEST(Csv, InferenceTellsHeadersFromRows) {
  RowFormat format = Csv();
  format.has_header = std::nullopt;
  const std::pair<std::string, bool> cases[] = {
      {"label,text\nham,a\nspam,b\nham,c\n", true},
      {"ham,a\nspam,b\nham,c\n", false},
      {"a,b\n1,2\n", true},
      {"1,2\n3,4\n", false},
      {"a,b\n", true},
      {"x\nx\n", true},
      {"1\n2\n3\n", false},
      {"n\n2\n3\n", true},
      {"a\nb\na\n", true},
  };
  for (const auto& [text, has_header] : cases) {
    const auto inferred = InferFrom(format, text);
    ASSERT_TRUE(inferred.has_value()) << text;
    EXPECT_EQ(inferred->has_header, has_header) << text;
  }
}

// Each file of csv-spectrum (github.com/max-mapper/csv-spectrum) against its JSON.
TEST(Csv, Spectrum) {
  const std::string folder = ReferencePath("conformance/csv/csv-spectrum");
  if (folder.empty()) return;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/csvs")) {
    std::string text = ReadTestFile(entry.path().string());
    // The two files of this name have different telephone numbers.
    if (const size_t number = text.find("2095257564"); number != std::string::npos) {
      text.replace(number, 10, "1234567890");
    }
    const auto expected =
        ParseJson(ReadTestFile(folder + "/json/" + entry.path().stem().string() + ".json"), "json");
    ASSERT_TRUE(expected.has_value());
    DatasetSchema schema;
    Rows rows;
    // A single row is not in an array in one of them.
    for (const JsonValue& row :
         expected->is_array() ? expected->array() : std::span(&*expected, 1)) {
      std::string line;
      for (const JsonMember& member : row.object()) {
        if (rows.empty()) {
          schema.fields.push_back(MakeField(std::string(member.name), FieldType::kString));
        }
        line += (line.empty() ? "\"" : " \"") + std::string(member.value.string()) + "\"";
      }
      rows.push_back(line);
    }
    const ReadFile read = ReadInAnyPieces(Csv(), schema, text);
    EXPECT_EQ(read.error, "") << entry.path();
    EXPECT_EQ(read.rows, rows) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 12);
}

// The delimiter that a file seems to have, and the fields that it makes.
std::string GuessedFrom(const std::string& text, std::optional<char> quote = '"') {
  RowFormat format;
  format.is_delimiter_known = false;
  format.has_header = std::nullopt;
  format.csv.quote = quote;
  std::string words;
  for (const size_t piece : {size_t{1}, size_t{7}, text.size()}) {
    SchemaInference inference(format, "rows", 1000);
    Status status;
    for (size_t at = 0; status && at < text.size(); at += piece) {
      status = inference.Push(AsBytes(std::string_view(text).substr(at, piece)));
    }
    if (status) status = inference.Finish();
    auto inferred = status ? inference.Infer() : std::move(status).failure();
    const std::string found = inferred ? std::string(1, inferred->schema.delimiter.value_or(',')) +
                                             " " + Words(inferred->schema)
                                       : inferred.error().message;
    if (!words.empty()) {
      EXPECT_EQ(found, words) << text << " in pieces of " << piece;
    }
    words = found;
  }
  return words;
}

std::string Repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(CsvInference, TellsTheDelimiter) {
  const std::pair<std::string, std::string> cases[] = {
      {"a,b\n1,2\n", ", a:int64 b:int64"},
      {"a;b\n1;2\n", "; a:int64 b:int64"},
      {"a\tb\n1\tx\n", "\t a:int64 b:string"},
      {"a|b|c\r\n1|2|3\r\n\r\n4|5|6", "| a:int64 b:int64 c:int64"},
      // A comma in the numbers of a file whose header has none, and one in every row.
      {"name;price\nx;1,5\ny;2,5\n", "; name:string price:string"},
      {"a;b,c\n1;2,3\n", ", a;b:string c:int64"},
      // More fields are less of a chance.
      {"a|b;c;d\n1|2;3;4\n", "; a|b:string c:int64 d:int64"},
      // Inside quotes nothing is delimited, and a file of one column stays one.
      {"\"a;b\";c\n\"1\n;\";2\n", "; a;b:string c:int64"},
      {"text\none; two\nthree; four\n", ", text:string"},
      {"text\n\"one, two\"\n", ", text:string"},
      // A bad row makes no other delimiter: reading is to name it.
      {"a;b\n1;2\n3\n", "; a:int64 b:int64"},
      {"a;b\n1;2\n3;\"4\"x\n5;6\n7;8\n", "; a:int64 b:int64"},
      {"a;b\n1;2\n" + Repeated("1;2\n", 50) + "1;2;3\n", "; a:int64 b:int64"},
      {"a;b\n1\n2\n3\n", ", a;b:int64"},
      // A quote that is none with the right delimiter has no end with another.
      {"a;b\n1;He said,\"hi\n" + Repeated("1;x\n", 1500), "; a:int64 b:string"},
      {"a\n1\n", ", a:int64"},
      {"", "rows: row 0 (byte 0): expected rows, found an empty file"},
  };
  for (const auto& [text, words] : cases) {
    EXPECT_EQ(GuessedFrom(text), words) << text;
  }
  // A quote is never a delimiter, and without quotes they are characters like others.
  EXPECT_EQ(GuessedFrom("a|b\n|1|\n", '|'), ", a|b:int64");
  EXPECT_EQ(GuessedFrom("1;\"x\n1;\"y\n", std::nullopt), "; column_1:int64 column_2:string");
  EXPECT_EQ(GuessedFrom("\"a;b\n"),
            "rows: row 0 (byte 0): expected a closing quote, found the end of the file");
}

TEST(CsvInference, UnescapesNamesByTheQuote) {
  RowFormat format = Csv();
  format.csv.quote = '\'';
  EXPECT_EQ(Words(InferFrom(format, "'a''b','c'\n1,2\n")->schema), "a'b:int64 c:int64");
}

TEST(CsvInference, LeavesBadRowsOut) {
  const std::string text = "n,s\n1,a\nx\xFF,b\n\"2\"x,c\n3\n4,d\n";
  const auto inferred = InferFrom(Csv(), text);
  EXPECT_EQ(Words(inferred->schema), "n:int64 s:string");
  const ReadFile read = ReadInAnyPieces(Csv(), inferred->schema, text, OnBadRow::kSkip);
  EXPECT_EQ(read.rows, (std::vector<std::string>{"1 \"a\"", "4 \"d\""}));
  EXPECT_EQ(read.problems.size(), 3u);
}

TEST(CsvInference, KeepsEveryDigitOfIntegers) {
  EXPECT_EQ(Words(InferFrom(Csv(), "n\n9223372036854775807\n-9223372036854775808\n")->schema),
            "n:int64");
  for (const char* text : {"n\n9223372036854775808\n", "n\n1\n-99999999999999999999999\n",
                           "n\n0.5\n9223372036854775808\n", "n\n1e400\n"}) {
    EXPECT_EQ(Words(InferFrom(Csv(), text)->schema), "n:string") << text;
  }
}

}  // namespace
}  // namespace reprise
