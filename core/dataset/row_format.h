// How a file's rows are found: its format, as it is given or as its name tells it, and the options
// that each format has.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "dataset/csv_scanner.h"
#include "dataset/schema.h"
#include "dataset/text_rows.h"

namespace reprise {

enum class DatasetFormat : uint8_t { kCsv, kJson, kJsonLines, kText };

struct RowFormat {
  DatasetFormat format = DatasetFormat::kCsv;
  CsvFormat csv;
  // Else inference tells which one it is.
  bool is_delimiter_known = true;
  // Whether the first row of CSV holds names. Nothing: as its first rows look, which only inference
  // can tell.
  std::optional<bool> has_header = true;
  TextRowKind text_rows = TextRowKind::kLine;
  std::vector<std::string> rows_path;  // of JSON: the members that lead to the array of rows
  // Whether errors and problems have the byte: not of a text that was made on the way, of which
  // nobody knows the bytes.
  bool says_bytes = true;
};

// What callers and run configs say of it, under the names that they have for it: format,
// delimiter, quote, header, textRows, rowsPath. Absent ones have their format's default.
struct RowOptions {
  std::optional<std::string> format = {};       // csv, tsv, json, jsonl, text or parquet
  std::optional<std::string> compression = {};  // none, gzip or zstd
  std::optional<std::string> delimiter = {}, quote = {};
  std::optional<bool> header = {};
  std::optional<std::string> text_rows = {};
  std::optional<std::vector<std::string>> rows_path = {};
  // The schema's, which csv has where no other is given.
  std::optional<std::string> schema_delimiter = {};
};

// The format that files have by the ends of their names, without the compression's: "csv". Nothing
// where none tells one. Errors: invalid_argument of `source` where they are of several formats.
Result<std::optional<std::string>> FormatOfNames(std::span<const std::string> files);

// Holds options against each other and their format, where it is given, else against those formats
// that have all of them. Errors: invalid_argument with argument, expected and found.
Status CheckRowOptions(const RowOptions& options);

// Holds the fields that are kept against a format. Errors: invalid_argument of `schema` where the
// rows of text, each a string, cannot have them.
Status CheckFields(std::string_view format, std::span<const Field> fields);

// What these options say. Errors: those of CheckRowOptions; invalid_argument where the format is
// not given, or is parquet, whose rows are not found in text.
Result<RowFormat> RowFormatOf(const RowOptions& options);

}  // namespace reprise
