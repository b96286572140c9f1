// Any bytes as JSON Lines or as an array of JSON: rows, problems, errors, hashes and schemas are
// the same in any pieces, and what a schema was inferred from fits it.
#include "fuzz/dataset.h"

namespace reprise::fuzz {
namespace {

void CheckInferred(const RowFormat& format, const FileInput& file, int64_t most_rows) {
  const auto inferred = InferInAnyPieces(format, file, most_rows);
  if (!inferred) return;
  CheckReading(format, inferred->schema, file);
  if (most_rows < INT64_MAX) return;
  const auto read = Read(format, inferred->schema, file, OnBadRow::kError);
  Require(read.error.empty(), "every row fits the schema");
  Require(static_cast<int64_t>(read.rows.size()) == inferred->rows, "every row was looked at");
}

void CheckJson(const FileInput& file) {
  RowFormat format;
  format.format = file.choices & 1 ? DatasetFormat::kJson : DatasetFormat::kJsonLines;
  if ((file.choices & 2) != 0) format.rows_path = {"rows"};
  DatasetSchema schema =
      EveryType([](size_t i) { return std::string(1, static_cast<char>('a' + i)); });
  schema.fields[3].optional = false;
  schema.ignores_other_fields = (file.choices & 4) == 0;
  Field inner = testing::MakeField("k", FieldType::kString, true);
  inner.path = {"o", "k"};
  Field any = testing::MakeField("y", FieldType::kString, true);
  any.from_any = true;
  schema.fields.push_back(std::move(inner));
  schema.fields.push_back(std::move(any));
  CheckReading(format, schema, file);
  CheckInferred(format, file, 2);
  CheckInferred(format, file, INT64_MAX);
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size >= 2) reprise::fuzz::CheckJson({data, size});
  return 0;
}
