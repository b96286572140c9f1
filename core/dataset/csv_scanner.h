// Finds rows and fields in CSV and TSV (RFC 4180), whatever pieces the bytes come in. It knows no
// types.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "dataset/byte_input.h"
#include "dataset/defaults.h"

namespace reprise {

struct CsvFormat {
  char delimiter = kDefaultDelimiter;
  // Encloses fields that hold delimiters, line ends and, twice, itself. Nothing: no field is
  // enclosed, as text/tab-separated-values has it.
  std::optional<char> quote = '"';
};

// One field as it stands in the file.
struct CsvField {
  size_t begin, end;  // in the row's text, without the quotes around it
  bool is_quoted;
  bool has_escapes;  // a quote written twice
};

struct CsvRow {
  std::string_view text;  // what the fields lie in
  std::span<const CsvField> fields;
  int64_t byte;   // where the text stands in the file
  bool is_ascii;  // certainly
  // Where there is something between a closing quote and the next delimiter.
  std::optional<size_t> garbage;

  std::string_view Text(const CsvField& field) const {
    return text.substr(field.begin, field.end - field.begin);
  }
};

// Takes rows in order. What it returns ends the scanning.
class CsvRowHandler {
 public:
  virtual ~CsvRowHandler() = default;
  // Rows without a byte come too: as one empty field that is not quoted.
  virtual Status Row(const CsvRow& row) = 0;
  // The file ends inside quotes, which were opened at `byte`.
  virtual Status Unclosed(int64_t byte) = 0;
  // A row that is longer than kMostRowBytes begins at `byte`.
  virtual Status TooLong(int64_t byte) = 0;
};

// Requires that delimiter and quote differ and are no line ends. Rows end with LF, CRLF or CR,
// mixed as they may be; the last one may lack its end. A quote that does not begin a field is a
// character like others there, as most readers take it.
class CsvScanner {
 public:
  CsvScanner(CsvFormat format, CsvRowHandler* handler) : format_(format), handler_(handler) {}

  Status Push(std::span<const uint8_t> bytes);
  Status Finish();

 private:
  static constexpr size_t kNone = SIZE_MAX;

  Status Scan();
  // Delimiters, line ends and quotes of 64 bytes.
  struct Marks {
    uint64_t delimiters, ends, quotes;
  };
  Status ScanBlock(size_t block, const Marks& marks);
  void TakeQuote(size_t at);
  Status TakeEnd(size_t at);
  // Each names where the next field, or row, begins.
  void EndField(size_t end, size_t next);
  void EndQuotedField(size_t end);
  Status EndRow(size_t next);

  CsvFormat format_;
  CsvRowHandler* handler_;
  ByteInput input_;
  // Places in input_: what was looked at; where the row and the field begin; behind the last byte
  // that was seen beyond ASCII.
  size_t scanned_ = 0, row_ = 0, field_ = 0, behind_other_ = 0;
  size_t opened_ = 0;       // the last opening quote
  size_t closed_ = kNone;   // a quote inside quotes, which ends them if no other follows
  size_t garbage_ = kNone;  // as in CsvRow, but in input_
  bool in_quotes_ = false, is_quoted_ = false, has_escapes_ = false;
  bool follows_return_ = false;  // the last row ended with a CR, which an LF may belong to
  // CsvField each, relative to row_.
  MemoryShortage shortage_;
  ByteBuffer fields_{&shortage_};
};

}  // namespace reprise
