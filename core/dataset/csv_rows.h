// Rows of CSV as values of a schema.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dataset/csv_scanner.h"
#include "dataset/row_collector.h"

namespace reprise {

// The name of a column that has none, from 1: "column_1".
std::string NameOfColumn(size_t column);
// The names in a header row. An empty one stands for NameOfColumn. Errors: invalid_data for a name
// twice or one that is no UTF-8, with the byte where `says_byte`.
Result<std::vector<std::string>> NamesInHeader(const CsvRow& row, char quote, std::string_view file,
                                               bool says_byte);
// A field's text, with quotes that are written twice once.
std::string Unescaped(const CsvRow& row, const CsvField& field, char quote);
void AppendUnescaped(const CsvRow& row, const CsvField& field, char quote, ByteBuffer& out);

// Appends rows to columns. With a header a field is the column that its path names, dots between
// the names; without one it is the column that its name names as NameOfColumn does, or else the one
// at its place. An empty value is absent where the field is optional; in quotes only where it is no
// value of the field, as an empty string is.
class CsvRows final : public CsvRowHandler {
 public:
  CsvRows(CsvFormat format, bool has_header, RowCollector* rows)
      : format_(format), awaits_header_(has_header), rows_(rows) {}

  Status Row(const CsvRow& row) override;
  Status Unclosed(int64_t byte) override;
  Status TooLong(int64_t byte) override;
  // The end of the file. Errors: invalid_data where there was a header to come.
  Status Finish();

 private:
  // Where the values of a column of the file go, or nowhere.
  struct Kept {
    const Field* field = nullptr;
    Column* column = nullptr;
  };

  Status ReadHeader(const CsvRow& row);
  Status FillMissing(const std::map<std::string, size_t>& fields, int64_t byte);
  Status MapByPlace(size_t columns);
  Status RefuseColumns(const std::map<std::string, size_t>& unnamed);
  Kept Keep(size_t field);
  const char* Append(const Kept& kept, const CsvRow& row, const CsvField& value, bool is_utf8);
  Status RefuseValue(const Field& field, const CsvRow& row, const CsvField& value,
                     std::string_view expected);

  CsvFormat format_;
  bool awaits_header_;
  bool is_mapped_ = false;
  RowCollector* rows_;
  std::vector<Kept> kept_;        // of each column of the file
  std::vector<Column*> missing_;  // of optional fields that no column of the file has
};

}  // namespace reprise
