// Any bytes as CSV: rows, problems, errors, hashes and schemas are the same in any pieces, and what
// a schema was inferred from fits it.
#include "fuzz/dataset.h"
#include "unicode/utf8.h"

namespace reprise::fuzz {
namespace {

void CheckInferred(RowFormat format, const FileInput& file, int64_t most_rows) {
  const auto inferred = InferInAnyPieces(format, file, most_rows);
  if (!inferred) return;
  format.has_header = inferred->has_header;
  if (inferred->schema.delimiter) format.csv.delimiter = *inferred->schema.delimiter;
  CheckReading(format, inferred->schema, file);
  // A row of other bytes is left out of the sample, and may be refused for another value.
  if (most_rows < INT64_MAX || FindInvalidUtf8(file.text)) return;
  for (const RowProblem& problem : Read(format, inferred->schema, file, OnBadRow::kSkip).problems) {
    Require(problem.column.empty() || problem.expected == "UTF-8", "every value fits the types");
  }
}

void CheckCsv(const FileInput& file) {
  RowFormat format;
  format.csv.delimiter = ",\t;|"[file.choices & 3];
  const bool has_no_quote = (file.choices & 4) != 0;
  format.csv.quote = file.choices & 8 ? '\'' : '"';
  if (has_no_quote) format.csv.quote = std::nullopt;
  format.has_header = (file.choices & 16) != 0;
  const auto letter = [](size_t i) { return std::string(1, static_cast<char>('a' + i)); };
  const auto number = [](size_t i) { return "column_" + std::to_string(i + 1); };
  CheckReading(format, *format.has_header ? EveryType(letter) : EveryType(number), file);
  if ((file.choices & 32) != 0) format.has_header = std::nullopt;
  format.is_delimiter_known = (file.choices & 64) == 0;
  if (!format.is_delimiter_known) format.csv.delimiter = ',';
  CheckInferred(format, file, 2);
  CheckInferred(format, file, INT64_MAX);
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size >= 2) reprise::fuzz::CheckCsv({data, size});
  return 0;
}
