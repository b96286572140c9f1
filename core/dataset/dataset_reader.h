// Reads files of one text format, one after the other, into columns, from bytes that come in pieces
// of any size.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "dataset/row_collector.h"
#include "dataset/row_format.h"

namespace reprise {

class DatasetReader {
 public:
  // Requires has_header; of text, that the schema has one field, a string.
  DatasetReader(const RowFormat& format, DatasetSchema schema, CollectingOptions options);
  ~DatasetReader();

  // Errors: invalid_data of a row that does not fit, or of a file that is none of its format.
  Status Push(std::span<const uint8_t> bytes);
  // Ends the file at hand and begins the one of this name. Errors: those of Push.
  Status NextFile(std::string file);
  // Ends the last file. Errors: those of Push; with OnBadRow::kCollect invalid_data, where rows
  // were bad.
  Status Finish();

  // The rows that have ended so far, which the caller may clear.
  RowCollector& rows() { return rows_; }

 private:
  class Parts;

  const RowFormat format_;
  RowCollector rows_;
  std::unique_ptr<Parts> parts_;
};

// What a text is cut by, of a format other than CSV.
std::unique_ptr<TextRowCutter> MakeCutter(const RowFormat& format, TextRowHandler* handler);

}  // namespace reprise
