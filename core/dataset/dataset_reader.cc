#include "dataset/dataset_reader.h"

#include <utility>

#include "dataset/csv_rows.h"
#include "dataset/csv_scanner.h"
#include "dataset/json_rows.h"
#include "dataset/text_rows.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

// Each row is one string.
class PlainRows final : public TextRowHandler {
 public:
  explicit PlainRows(RowCollector* rows) : rows_(rows) {}

  Status Row(std::string_view text, int64_t byte) override {
    if (const auto invalid = FindInvalidUtf8(text)) {
      return rows_->RefuseRow(rows_->schema().fields[0].name, byte + static_cast<int64_t>(*invalid),
                              "UTF-8", "other bytes");
    }
    rows_->column(0).AddBytes(text);
    return rows_->EndRow();
  }
  Status Refuse(int64_t byte, std::string_view expected, std::string_view found) override {
    return rows_->Refuse("", byte, expected, found);
  }

 private:
  RowCollector* rows_;
};

}  // namespace

std::unique_ptr<TextRowCutter> MakeCutter(const RowFormat& format, TextRowHandler* handler) {
  if (format.format == DatasetFormat::kJson) return MakeJsonArrayCutter(format.rows_path, handler);
  const bool is_json = format.format == DatasetFormat::kJsonLines;
  return MakeTextRowCutter(is_json ? TextRowKind::kJsonLine : format.text_rows, handler);
}

// CSV has a scanner and its rows, the others a cutter and its rows.
class DatasetReader::Parts {
 public:
  Parts(const RowFormat& format, RowCollector* rows) {
    if (format.format == DatasetFormat::kCsv) {
      csv_rows_ = std::make_unique<CsvRows>(format.csv, *format.has_header, rows);
      scanner_ = std::make_unique<CsvScanner>(format.csv, csv_rows_.get());
      return;
    }
    if (format.format == DatasetFormat::kText) {
      text_rows_ = std::make_unique<PlainRows>(rows);
    } else {
      text_rows_ = std::make_unique<JsonRows>(rows);
    }
    cutter_ = MakeCutter(format, text_rows_.get());
  }

  Status Push(std::span<const uint8_t> bytes) {
    return scanner_ != nullptr ? scanner_->Push(bytes) : cutter_->Push(bytes);
  }
  Status Finish() {
    if (scanner_ == nullptr) return cutter_->Finish();
    REPRISE_TRY(scanner_->Finish());
    return csv_rows_->Finish();
  }

 private:
  std::unique_ptr<CsvRows> csv_rows_;
  std::unique_ptr<CsvScanner> scanner_;
  std::unique_ptr<TextRowHandler> text_rows_;
  std::unique_ptr<TextRowCutter> cutter_;
};

DatasetReader::DatasetReader(const RowFormat& format, DatasetSchema schema,
                             CollectingOptions options)
    : format_(format),
      rows_(std::move(schema), std::move(options), format.says_bytes),
      parts_(std::make_unique<Parts>(format_, &rows_)) {}

DatasetReader::~DatasetReader() = default;

Status DatasetReader::Push(std::span<const uint8_t> bytes) { return parts_->Push(bytes); }

Status DatasetReader::NextFile(std::string file) {
  REPRISE_TRY(parts_->Finish());
  rows_.BeginFile(std::move(file));
  parts_ = std::make_unique<Parts>(format_, &rows_);
  return {};
}

Status DatasetReader::Finish() {
  REPRISE_TRY(parts_->Finish());
  return rows_.Finish();
}

}  // namespace reprise
