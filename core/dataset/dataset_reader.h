// Reads a file of any text format into columns, from bytes that come in pieces of any size.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dataset/csv_scanner.h"
#include "dataset/row_collector.h"
#include "dataset/text_rows.h"

namespace reprise {

enum class DatasetFormat : uint8_t { kCsv, kJson, kJsonLines, kText };

// How a file's rows are found.
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
};

class DatasetReader {
 public:
  // Requires has_header; of text, that the schema has one field, a string.
  DatasetReader(const RowFormat& format, DatasetSchema schema, CollectingOptions options);
  ~DatasetReader();

  // Errors: invalid_data of a row that does not fit, or of a file that is none of its format.
  Status Push(std::span<const uint8_t> bytes);
  Status Finish();

  // The rows that have ended so far, which the caller may clear.
  RowCollector& rows() { return rows_; }

 private:
  class Parts;

  RowCollector rows_;
  std::unique_ptr<Parts> parts_;
};

// What a text is cut by, of a format other than CSV.
std::unique_ptr<TextRowCutter> MakeCutter(const RowFormat& format, TextRowHandler* handler);

}  // namespace reprise
