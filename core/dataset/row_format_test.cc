// Options on how rows are found: which formats have them, and what is refused, and by which name.
#include "dataset/row_format.h"

#include <gtest/gtest.h>

#include "dataset/testing/reader.h"

namespace reprise {
namespace {

using namespace testing;

// "ARGUMENT: expected EXPECTED, found FOUND", or "" where the options are right.
std::string Refusal(const RowOptions& options) {
  const Status status = CheckRowOptions(options);
  return status ? "" : status.error().message;
}

// The format that the names tell, "-" where they tell none.
std::string Told(std::vector<std::string> files) {
  const auto format = FormatOfNames(files);
  return format ? format->value_or("-") : format.error().message;
}

TEST(RowFormat, IsToldByTheEndsOfNames) {
  const std::pair<std::string, std::string> cases[] = {{"a.csv", "csv"},
                                                       {"a.TSV", "tsv"},
                                                       {"b/a.tab", "tsv"},
                                                       {"a.json", "json"},
                                                       {"a.jsonl", "jsonl"},
                                                       {"a.ndjson", "jsonl"},
                                                       {"a.b.txt", "text"},
                                                       {"a.text", "text"},
                                                       {"a.md", "text"},
                                                       {"a.parquet", "parquet"},
                                                       {"a.pq", "parquet"},
                                                       {"a.csv.gz", "csv"},
                                                       {"a.jsonl.ZST", "jsonl"},
                                                       {"a.gz", "-"},
                                                       {"csv", "-"},
                                                       {"a.csv.bak", "-"},
                                                       {"", "-"},
                                                       {"a#1.csv", "csv"}};
  for (const auto& [file, format] : cases) EXPECT_EQ(Told({file}), format) << file;
  EXPECT_EQ(Told({"a.csv", "b.csv.gz"}), "csv");
  EXPECT_EQ(Told({"a", "b"}), "-");
  EXPECT_EQ(Told({"a.csv", "b.csv", "c.tsv"}),
            "source: expected files of one format, found csv and tsv");
  EXPECT_EQ(Told({"a.csv", "b"}),
            "source: expected files of one format, found csv and one that its name does not tell");
}

TEST(RowFormat, RefusesOptionsThatAFormatHasNot) {
  const std::vector<std::string> path = {"a"};
  const std::pair<RowOptions, std::string> cases[] = {
      {{}, ""},
      {{.format = "csv", .compression = "gzip", .delimiter = ";", .quote = "", .header = true}, ""},
      {{.format = "tsv", .quote = "\"", .header = false}, ""},
      {{.format = "text", .text_rows = "whole"}, ""},
      {{.format = "json", .rows_path = path}, ""},
      {{.format = "parquet", .compression = "none"}, ""},
      {{.delimiter = ";", .header = true}, ""},
      {{.format = "xml"}, R"(format: expected csv, tsv, json, jsonl, text, parquet, found "xml")"},
      {{.format = "csv", .compression = "zip"},
       R"(compression: expected none, gzip, zstd, found "zip")"},
      {{.format = "text", .text_rows = "words"},
       R"(textRows: expected line, blank_line, whole, found "words")"},
      {{.format = "csv", .delimiter = "\n"},
       R"(delimiter: expected one ASCII character that ends no line, found "\n")"},
      {{.format = "csv", .quote = "''"},
       R"(quote: expected one ASCII character that ends no line, found "''")"},
      {{.format = "csv", .text_rows = "line"},
       R"(textRows: expected given with text only, found "line")"},
      {{.format = "csv", .rows_path = path},
       "rowsPath: expected given with json only, found a path"},
      {{.format = "json", .header = true},
       "header: expected given with csv and tsv only, found true"},
      {{.format = "jsonl", .rows_path = path},
       "rowsPath: expected given with json only, found a path"},
      {{.format = "text", .delimiter = ";"},
       R"(delimiter: expected given with csv and tsv only, found ";")"},
      {{.format = "parquet", .quote = ""},
       R"(quote: expected given with csv and tsv only, found "")"},
      {{.format = "parquet", .compression = "gzip"},
       R"(compression: expected none of Parquet, whose parts are compressed, found "gzip")"},
      // No format has both.
      {{.header = true, .text_rows = "line"},
       R"(textRows: expected given with text only, found "line")"},
      {{.text_rows = "line", .rows_path = path},
       "rowsPath: expected given with json only, found a path"},
      // Also with what a format has where nothing is given.
      {{.format = "csv", .delimiter = ";", .quote = ";"},
       R"(quote: expected another character than delimiter, found ";")"},
      {{.delimiter = ";", .quote = ";"},
       R"(quote: expected another character than delimiter, found ";")"},
      {{.format = "csv", .quote = ","},
       R"(quote: expected another character than delimiter, found ",")"},
      {{.format = "csv", .delimiter = "\""},
       R"(delimiter: expected another character than quote, found "\"")"},
      {{.format = "tsv", .delimiter = "\""}, ""},
      {{.format = "csv", .quote = ",", .schema_delimiter = ";"}, ""},
      {{.format = "csv", .quote = ";", .schema_delimiter = ";"},
       R"(quote: expected another character than delimiter, found ";")"},
      {{.format = "csv", .delimiter = "|", .quote = ";", .schema_delimiter = ";"}, ""},
      {{.format = "tsv", .quote = "\t"},
       R"(quote: expected another character than delimiter, found "\t")"},
  };
  for (const auto& [options, refusal] : cases) EXPECT_EQ(Refusal(options), refusal);
}

TEST(RowFormat, IsOfTextThatRowsAreFoundIn) {
  const auto tsv = RowFormatOf({.format = "tsv", .quote = "'", .header = false});
  ASSERT_TRUE(tsv);
  EXPECT_EQ(tsv->csv.delimiter, '\t');
  EXPECT_EQ(tsv->csv.quote, '\'');
  EXPECT_EQ(tsv->has_header, false);
  EXPECT_EQ(RowFormatOf({.format = "parquet"}).error().message,
            R"(format: expected csv, tsv, json, jsonl, text, found "parquet")");
  EXPECT_EQ(*RowFormatOf({}).error().Text("argument"), "format");
}

TEST(RowFormat, HasTheDelimiterThatIsGivenElseTheSchemas) {
  const auto found = [](const RowOptions& options) {
    const RowFormat format = *RowFormatOf(options);
    return std::pair(format.is_delimiter_known, format.csv.delimiter);
  };
  EXPECT_EQ(found({.format = "csv", .schema_delimiter = ";"}), std::pair(true, ';'));
  EXPECT_EQ(found({.format = "csv", .delimiter = "|", .schema_delimiter = ";"}),
            std::pair(true, '|'));
  EXPECT_EQ(found({.format = "tsv", .schema_delimiter = ";"}), std::pair(true, '\t'));
  EXPECT_EQ(found({.format = "csv"}), std::pair(false, ','));
}

TEST(RowFormat, OfTextHasOneString) {
  const Field text = MakeField("t", FieldType::kString);
  Field list = text;
  list.is_list = true;
  EXPECT_TRUE(CheckFields("text", std::vector{text}));
  EXPECT_TRUE(CheckFields("csv", std::vector{text, list}));
  for (const auto& fields : {std::vector{text, text}, std::vector{list}, std::vector<Field>(),
                             std::vector{MakeField("t", FieldType::kBytes)}}) {
    const Status status = CheckFields("text", fields);
    ASSERT_FALSE(status);
    EXPECT_EQ(*status.error().Text("argument"), "schema");
  }
}

}  // namespace
}  // namespace reprise
