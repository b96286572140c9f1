// Files that a reader takes one after the other, and bad input that no format's own tests have.
#include "dataset/dataset_reader.h"

#include <gtest/gtest.h>

#include "dataset/testing/reader.h"

namespace reprise {
namespace {

using namespace testing;
using Rows = std::vector<std::string>;

DatasetSchema OneField(FieldType type, bool optional = false) {
  DatasetSchema schema;
  schema.fields = {MakeField("v", type, optional)};
  return schema;
}

// Files read by one reader, in pieces of some bytes.
class Files {
 public:
  Files(const RowFormat& format, const DatasetSchema& schema, OnBadRow on_bad_row,
        int64_t most_problems = 1000)
      : reader_(format, schema,
                {.file = "0", .on_bad_row = on_bad_row, .most_problems = most_problems}) {}

  // How reading them ends, each under its place as a name.
  Status Read(const Rows& texts, size_t piece) {
    for (size_t file = 0; file < texts.size(); ++file) {
      if (file > 0) REPRISE_TRY(reader_.NextFile(std::to_string(file)));
      const std::string_view text = texts[file];
      for (size_t at = 0; at < text.size(); at += piece) {
        REPRISE_TRY(reader_.Push(AsBytes(text.substr(at, piece))));
      }
    }
    return reader_.Finish();
  }
  const RowCollector& rows() { return reader_.rows(); }

 private:
  DatasetReader reader_;
};

TEST(DatasetReader, CountsTheProblemsOfAllFilesTogether) {
  DatasetSchema schema;
  schema.fields = {MakeField("n", FieldType::kInt32), MakeField("s", FieldType::kString)};
  // Columns in another order, a header alone, and no line end behind the last row.
  const Rows texts = {"n,s\n1,a\nx,b\n", "s,n\nc,2\nd,y\nz", "n,s\n", "n,s\n\n3,e"};
  for (const size_t piece : {1, 3, 1000}) {
    Files skipped(Csv(), schema, OnBadRow::kSkip);
    ASSERT_TRUE(skipped.Read(texts, piece));
    EXPECT_EQ(skipped.rows().batch().rows, 3);
    EXPECT_EQ(skipped.rows().batch().columns[0].Fixed<int32_t>(1), 2);
    EXPECT_EQ(skipped.rows().blank_rows(), 1);
    Rows places;
    for (const RowProblem& problem : skipped.rows().problems()) {
      places.push_back(problem.file + ":" + std::to_string(problem.row) + ":" +
                       std::to_string(problem.byte));
    }
    EXPECT_EQ(places, (Rows{"0:1:8", "1:1:10", "1:2:12"}));

    const Status collected = Files(Csv(), schema, OnBadRow::kCollect).Read(texts, piece);
    ASSERT_FALSE(collected);
    EXPECT_EQ(
        collected.error().message,
        "3 rows do not fit the schema: 0: row 1, column \"n\" (byte 8): expected an int32, "
        "found \"x\"; 1: row 1, column \"n\" (byte 10): expected an int32, found \"y\"; row 2 "
        "(byte 12): expected 2 columns, found 1 column");
    EXPECT_EQ(*collected.error().Text("file"), "0");

    for (const OnBadRow on_bad_row : {OnBadRow::kSkip, OnBadRow::kCollect}) {
      EXPECT_EQ(Files(Csv(), schema, on_bad_row, 3).Read(texts, piece).has_value(),
                on_bad_row == OnBadRow::kSkip);
      const Status most = Files(Csv(), schema, on_bad_row, 2).Read(texts, piece);
      ASSERT_FALSE(most);
      EXPECT_EQ(
          most.error().message,
          "1: more than 2 rows do not fit the schema; the last is row 2 (byte 12): expected 2 "
          "columns, found 1 column");
    }
  }
}

bool SaysByte(const Error& error) {
  return error.ToJson().find("\"byte\":") != std::string::npos ||
         error.message.find("(byte 0)") != std::string::npos;
}

// Of a text that was made on the way, whatever stands in its values.
TEST(DatasetReader, SaysNoBytesWhereThereAreNone) {
  DatasetSchema schema = OneField(FieldType::kInt32);
  for (RowFormat format : {Csv(), JsonLines()}) {
    format.says_bytes = false;
    const bool is_csv = format.format == DatasetFormat::kCsv;
    const std::string text =
        is_csv ? "v\nrow 0 (byte 2): expected x\n" : "{\"v\":\"row 0 (byte 2): expected x\"}\n";
    const std::string row =
        "row 0, column \"v\": expected an int32, found \"row 0 (byte 2): expected x\"";
    const Status refused = Files(format, schema, OnBadRow::kError).Read({text}, 1000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "0: " + row);
    EXPECT_FALSE(SaysByte(refused.error()));
    EXPECT_EQ(*refused.error().Text("column"), "v");
    const Status collected = Files(format, schema, OnBadRow::kCollect).Read({text}, 1000);
    ASSERT_FALSE(collected);
    EXPECT_EQ(collected.error().message, "1 rows do not fit the schema: 0: " + row);
    EXPECT_FALSE(SaysByte(collected.error()));
    Files skipped(format, schema, OnBadRow::kSkip);
    ASSERT_TRUE(skipped.Read({text}, 1000));
    ASSERT_EQ(skipped.rows().problems().size(), 1u);
    EXPECT_FALSE(skipped.rows().problems()[0].says_byte);
    // What no row can be left out for, and what is inferred.
    const Status ended = Files(format, schema, OnBadRow::kSkip).Read({"v,v\n"}, 1000);
    EXPECT_EQ(ended.has_value(), !is_csv);
    if (!ended) {
      EXPECT_FALSE(SaysByte(ended.error()));
    }
    for (const char* bad : {"v,v\n1,2\n", "\"v", ""}) {
      const auto inferred = InferFrom(format, bad);
      ASSERT_FALSE(inferred.has_value()) << bad;
      EXPECT_FALSE(SaysByte(inferred.error())) << bad;
    }
  }
}

TEST(DatasetReader, EndsEachFileByItself) {
  DatasetSchema schema = OneField(FieldType::kString);
  Files open(Csv(), schema, OnBadRow::kSkip);
  const Status status = open.Read({"v\n\"a\n", "v\nb\n"}, 1000);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message,
            "0: row 0 (byte 2): expected a closing quote, found the end of the file");
  // A row does not go on in the next file, nor a byte order mark stand in a text.
  Files lines(Text(TextRowKind::kLine), schema, OnBadRow::kError);
  ASSERT_TRUE(lines.Read({"a",
                          "\xEF\xBB\xBF"
                          "b\n",
                          "", "c"},
                         1));
  ASSERT_EQ(lines.rows().batch().rows, 3);
  EXPECT_EQ(lines.rows().batch().columns[0].Bytes(1), "b");
}

// A float, a text or NaN in a column of integers, far below what inference looked at: the row is
// named, and with a schema that has it the file is read as it is.
TEST(DatasetReader, NamesARowFarBelowTheSample) {
  struct Case {
    std::string csv, json;  // as it is written, in CSV without quotes
    FieldType fits;
    std::string shown;
  };
  for (const Case& each : {Case{"0.5", "0.5", FieldType::kFloat64, "0.5"},
                           Case{"x", R"("x")", FieldType::kString, R"("x")"},
                           Case{"NaN", R"("NaN")", FieldType::kFloat64, "nan"}}) {
    std::string csv = "v\n", lines;
    for (int i = 0; i < 25000; ++i) {
      csv += std::to_string(i) + "\n";
      lines += "{\"v\":" + std::to_string(i) + "}\n";
    }
    const size_t csv_byte = csv.size(), line_byte = lines.size() + 5;
    csv += each.csv + "\n1\n";
    lines += "{\"v\":" + each.json + "}\n{\"v\":1}\n";
    for (const bool is_csv : {true, false}) {
      const RowFormat format = is_csv ? Csv() : JsonLines();
      const std::string& text = is_csv ? csv : lines;
      const auto inferred = InferFrom(format, text, 20000);
      ASSERT_TRUE(inferred);
      EXPECT_EQ(Words(inferred->schema), "v:int64");
      const ReadFile read = ReadPieces(format, inferred->schema, text, 4096);
      EXPECT_EQ(read.error, "rows: row 25000, column \"v\" (byte " +
                                std::to_string(is_csv ? csv_byte : line_byte) +
                                "): expected an int64, found " +
                                (is_csv ? "\"" + each.csv + "\"" : each.json));
      EXPECT_EQ(read.rows.size(), 25000u);
      DatasetSchema schema = OneField(each.fits);
      // Numbers before it become texts too.
      schema.fields[0].from_any = each.fits == FieldType::kString;
      const ReadFile whole = ReadPieces(format, schema, text, 4096);
      EXPECT_EQ(whole.error, "");
      ASSERT_EQ(whole.rows.size(), 25002u);
      EXPECT_EQ(whole.rows[25000], each.shown);
    }
  }
}

TEST(DatasetReader, CountsRowsInTheSampleAsInTheFile) {
  RowFormat format = Csv();
  for (const auto& [has_header, row] :
       {std::pair<std::optional<bool>, int>{true, 1}, {false, 2}, {std::nullopt, 1}}) {
    format.has_header = has_header;
    const auto inferred = InferFrom(format, "a,b\n1,2\n3,\"4\n5,6\n");
    ASSERT_FALSE(inferred);
    EXPECT_EQ(inferred.error().message,
              "rows: row " + std::to_string(row) +
                  " (byte 10): expected a closing quote, found the end of "
                  "the file");
  }
}

TEST(DatasetReader, TakesZeroBytesAsTheFormatDoes) {
  const std::string nul(1, '\0');
  const DatasetSchema schema = OneField(FieldType::kString);
  const Rows row = {"\"x" + nul + "y\""};
  EXPECT_EQ(ReadInAnyPieces(Text(TextRowKind::kLine), schema, "x" + nul + "y\n").rows, row);
  EXPECT_EQ(ReadInAnyPieces(JsonLines(), schema, "{\"v\":\"x\\u0000y\"}\n").rows, row);
  const ReadFile raw = ReadInAnyPieces(JsonLines(), schema, "{\"v\":\"x" + nul + "y\"}\n");
  EXPECT_EQ(raw.failure.code, ErrorCode::kInvalidData);
  EXPECT_TRUE(raw.error.starts_with("rows: row 0 (byte 7): expected")) << raw.error;
}

TEST(DatasetReader, InfersTextsWhereTypesAreMixed) {
  const auto csv = InferFrom(Csv(), "v\n1\ntrue\n2.5\nx\n");
  ASSERT_TRUE(csv);
  EXPECT_EQ(Words(csv->schema), "v:string");
  const auto lines = InferFrom(JsonLines(), "{\"v\":1}\n{\"v\":true}\n{\"v\":[2]}\n");
  ASSERT_TRUE(lines);
  EXPECT_EQ(Words(lines->schema), "v:string*");
  EXPECT_EQ(ReadInAnyPieces(JsonLines(), lines->schema, "{\"v\":1}\n{\"v\":[2]}\n").rows,
            (Rows{"\"1\"", "\"[2]\""}));
}

TEST(DatasetReader, OfNothingHasNoRows) {
  const DatasetSchema schema = OneField(FieldType::kString);
  for (const RowFormat& format :
       {JsonLines(), Text(TextRowKind::kLine), Text(TextRowKind::kWhole)}) {
    const ReadFile read = ReadInAnyPieces(format, schema, "");
    EXPECT_EQ(read.error, "");
    EXPECT_EQ(read.rows.size(), 0u);
  }
  EXPECT_EQ(ReadInAnyPieces(Json(), schema, "[]").rows.size(), 0u);
}

// A text of 100 MB in JSON Lines, of which only the row's limit would be an error.
TEST(DatasetReader, ALineWithATextOfAHundredMegabytes) {
  const std::string value(size_t{100} << 20, 'x');
  DatasetReader reader(JsonLines(), OneField(FieldType::kString), {.file = "rows"});
  ASSERT_TRUE(reader.Push(AsBytes("{\"v\":\"a\"}\n{\"v\":\"")));
  for (size_t at = 0; at < value.size(); at += size_t{1} << 20) {
    ASSERT_TRUE(reader.Push(AsBytes(std::string_view(value).substr(at, size_t{1} << 20))));
  }
  ASSERT_TRUE(reader.Push(AsBytes("\"}\n{\"v\":\"b\"}\n")));
  ASSERT_TRUE(reader.Finish());
  ASSERT_EQ(reader.rows().batch().rows, 3);
  EXPECT_TRUE(reader.rows().batch().columns[0].Bytes(1) == value);
}

}  // namespace
}  // namespace reprise
