// What inference says of a file, whatever pieces the file comes in.
#include "dataset/schema_inference.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "dataset/testing/reader.h"

namespace reprise {
namespace {

using testing::AsBytes;
using testing::Csv;
using testing::InferFrom;
using testing::Json;
using testing::JsonLines;
using testing::Words;

RowFormat Guessed() {
  RowFormat format;
  format.is_delimiter_known = false;
  format.has_header = std::nullopt;
  return format;
}

RowFormat JsonAt(std::string member) {
  RowFormat format = Json();
  format.rows_path = {std::move(member)};
  return format;
}

struct Reading {
  RowFormat format;
  int64_t most_rows = 1000;
  bool skips_bad_rows = false;
};

// Schema, header and rows, or the error. Pieces come until the sample is full, as hosts give them,
// or all of them.
std::string InferredFrom(const Reading& reading, const std::vector<std::string_view>& pieces,
                         bool gives_all) {
  const auto& [format, most_rows, skips_bad_rows] = reading;
  SchemaInference inference(format, "rows", most_rows, skips_bad_rows);
  for (const std::string_view piece : pieces) {
    if (inference.is_full() && !gives_all) break;
    if (const Status status = inference.Push(AsBytes(piece)); !status)
      return status.error().message;
  }
  if (!inference.is_full() || gives_all) {
    if (const Status status = inference.Finish(); !status) return status.error().message;
  }
  const auto inferred = inference.Infer();
  if (!inferred) return inferred.error().message;
  JsonWriter json;
  WriteDatasetSchema(inferred->schema, json);
  return std::move(json).Take() + (inferred->has_header ? " header " : " ") +
         std::to_string(inferred->rows);
}

// Every cut in two, pieces of one byte, and the whole must give the same.
std::string InferredFromAnyCut(const Reading& reading, std::string_view text) {
  std::vector<std::string_view> bytes;
  for (size_t i = 0; i < text.size(); ++i) bytes.push_back(text.substr(i, 1));
  const std::string by_byte = InferredFrom(reading, bytes, /*gives_all=*/false);
  for (const bool gives_all : {false, true}) {
    EXPECT_EQ(InferredFrom(reading, bytes, gives_all), by_byte) << text << ", byte by byte";
    for (size_t cut = 0; cut <= text.size(); ++cut) {
      EXPECT_EQ(InferredFrom(reading, {text.substr(0, cut), text.substr(cut)}, gives_all), by_byte)
          << text << ", " << reading.most_rows << " rows, cut at " << cut;
    }
  }
  return by_byte;
}

TEST(SchemaInference, GoesByTheRowsOfTheSampleAlone) {
  const std::pair<RowFormat, const char*> cases[] = {
      {Json(), R"([{"a":1},{"a":2.5},{"a":"x"} {"a":4}])"},
      {Json(), R"([{"a":1},{"a":2.5}]x)"},
      {Json(), R"([{"a":1},,{"a":2.5}])"},
      {Json(), R"([{"a":1},{"a":2.5}, 3, {"b":null},{]})"},
      {Json(), R"([{"a":1},{"a":2.5},{"a")"},
      {JsonAt("r"), R"({"r":[{"a":1},{"a":2.5}],"s":tru})"},
      {JsonAt("r"), R"({"r":[{"a":1},{"a":2.5}]}})"},
      {JsonLines(), "{\"a\":1}\n\n{\"a\":2.5}\nx\n{\"a\":\"y\"}"},
      {Csv(), "a,b\n1,2\n2.5,x\n3,\"4\n"},
      {Csv(), "a,b\n1,2\n\"2\"5,x\n,"},
      {Guessed(), "a;b\n1;2\n2.5;x\n3;\"4\n"},
      // By commas, which it is taken for, a row of more lines than by semicolons.
      {Guessed(), "a;b\n1\n2,\"\n3\n\",4\n5\nx\n6\ny\n"},
      {Guessed(), "a\n1\n2\nx\n3,4\n"},
  };
  for (const auto& [format, text] : cases) {
    for (int64_t most_rows = 1; most_rows <= 6; ++most_rows) {
      for (const bool skips_bad_rows : {false, true}) {
        InferredFromAnyCut({format, most_rows, skips_bad_rows}, text);
      }
    }
  }
}

TEST(SchemaInference, PassesOverWhatIsBrokenBehindTheSample) {
  const std::string_view text = R"([{"a":1},{"a":2.5} x)";
  const auto inferred = [&](int64_t rows) { return InferredFromAnyCut({Json(), rows}, text); };
  EXPECT_NE(inferred(1).find("\"int64\""), std::string::npos);
  EXPECT_NE(inferred(2).find("\"float64\""), std::string::npos);
  EXPECT_EQ(inferred(3), "rows: row 2 (byte 19): expected a comma or ], found \"x\"");
}

TEST(SchemaInference, RefusesABadRowThatIsTheLastOfTheSample) {
  EXPECT_EQ(InferredFromAnyCut({Json(), 2}, R"([{"a":1},{"a":},{"a":2}])"),
            "rows: row 1 (byte 14): expected a JSON value, found }");
}

// Of several texts of one column, the type that keeps all of each.
TEST(SchemaInference, KeepsTheSignOfZero) {
  const std::pair<const char*, const char*> columns[] = {
      {"-0", "n:float64"},
      {"1\n-0", "n:float64"},
      {"-0\n0.5", "n:float64"},
      {"0\n-1", "n:int64"},
      {"-0\n9007199254740993", "n:string"},
      {"-00\n1", "n:string"},
      {"-0\nx", "n:string"},
  };
  for (const auto& [texts, words] : columns) {
    const std::string text = "n\n" + std::string(texts) + "\n";
    const auto inferred = InferFrom(Csv(), text);
    ASSERT_TRUE(inferred) << text;
    EXPECT_EQ(Words(inferred->schema), words) << text;
  }
  const std::pair<const char*, const char*> members[] = {
      {R"({"n":-0})", "n:float64"},
      {"{\"n\":1}\n{\"n\":-0}", "n:float64"},
      {R"({"n":[-0,1]})", "n:[float64]"},
      {"{\"n\":-0}\n{\"n\":9007199254740993}", "n:string*"},
  };
  for (const auto& [rows, words] : members) {
    const auto inferred = InferFrom(JsonLines(), rows);
    ASSERT_TRUE(inferred) << rows;
    EXPECT_EQ(Words(inferred->schema), words) << rows;
  }
}

TEST(SchemaInference, TakesWordsOfFloatsForFloatsInCsvAlone) {
  for (const char* text : {"n\nInf\nNaN\n", "n\n-inf\n", "n\nnan\n\n1\n"}) {
    const auto inferred = InferFrom(Csv(), text);
    ASSERT_TRUE(inferred) << text;
    EXPECT_EQ(inferred->schema.fields[0].type, FieldType::kFloat64) << text;
  }
  EXPECT_EQ(Words(InferFrom(JsonLines(), "{\"n\":\"NaN\"}\n{\"n\":\"Infinity\"}")->schema),
            "n:string");
}

}  // namespace
}  // namespace reprise
