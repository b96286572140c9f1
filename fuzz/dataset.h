// What the fuzz targets for rows share: a file is read whole and in pieces, with a schema of every
// type and with the one that its rows seem to have, and nothing may depend on the pieces.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_writer.h"
#include "dataset/testing/reader.h"
#include "fuzz/require.h"

namespace reprise::fuzz {

// An input: one byte for the size of the pieces, one for the format, and the file.
struct FileInput {
  size_t piece;
  uint8_t choices;
  std::string_view text;

  FileInput(const uint8_t* data, size_t size)
      // A file of many bytes would take too long in pieces of a few.
      : piece(std::max(size_t{1} + data[0], size / 1024)),
        choices(data[1]),
        text(reinterpret_cast<const char*>(data + 2), size - 2) {}
};

inline bool IsSame(const RowProblem& a, const RowProblem& b) {
  return a.row == b.row && a.column == b.column && a.byte == b.byte && a.expected == b.expected &&
         a.found == b.found;
}

// Optional fields of every type, named by their letters, "a" to "j".
template <typename Name>
DatasetSchema EveryType(Name name) {
  constexpr FieldType kTypes[] = {FieldType::kInt32,       FieldType::kInt64, FieldType::kFloat32,
                                  FieldType::kFloat64,     FieldType::kBool,  FieldType::kTimestamp,
                                  FieldType::kCategorical, FieldType::kBytes, FieldType::kString,
                                  FieldType::kInt64};
  DatasetSchema schema;
  schema.ignores_other_fields = true;
  for (const FieldType type : kTypes) {
    schema.fields.push_back(testing::MakeField(name(schema.fields.size()), type, true));
  }
  schema.fields[6].categories = {"ham", "spam", ""};
  schema.fields[9].is_list = true;
  return schema;
}

// The file read whole, which pieces give as well.
inline testing::ReadFile Read(const RowFormat& format, const DatasetSchema& schema,
                              const FileInput& file, OnBadRow on_bad_row) {
  testing::ReadFile whole = testing::ReadPieces(format, schema, file.text, SIZE_MAX, on_bad_row);
  const testing::ReadFile cut =
      testing::ReadPieces(format, schema, file.text, file.piece, on_bad_row);
  Require(cut.rows == whole.rows, "pieces give the same rows");
  Require(cut.hash == whole.hash, "and hashes");
  Require(cut.error == whole.error, "and errors");
  Require(cut.blank_rows == whole.blank_rows, "and blank rows");
  Require(std::ranges::equal(cut.problems, whole.problems, IsSame), "and problems");
  return whole;
}

// With each way of taking bad rows.
inline void CheckReading(const RowFormat& format, const DatasetSchema& schema,
                         const FileInput& file) {
  const testing::ReadFile strict = Read(format, schema, file, OnBadRow::kError);
  const testing::ReadFile skipping = Read(format, schema, file, OnBadRow::kSkip);
  const testing::ReadFile collecting = Read(format, schema, file, OnBadRow::kCollect);
  Require(collecting.rows == skipping.rows, "bad rows are left out alike");
  Require(strict.rows.size() <= skipping.rows.size() &&
              std::equal(strict.rows.begin(), strict.rows.end(), skipping.rows.begin()),
          "rows before an error are those that skipping gives");
  if (strict.error.empty()) Require(skipping.problems.empty(), "what is read has no problem");
}

// What the first rows seem to be, as JSON, or the error. With `stops` nothing comes behind a full
// sample, as hosts do it, else all of the file.
inline std::pair<std::string, Result<InferredSchema>> Infer(const RowFormat& format,
                                                            std::string_view text, size_t piece,
                                                            int64_t most_rows, bool stops) {
  const auto infer = [&]() -> Result<InferredSchema> {
    SchemaInference inference(format, "rows", most_rows);
    for (size_t at = 0; at < text.size(); at += std::min(piece, text.size() - at)) {
      REPRISE_TRY(inference.Push(testing::AsBytes(text.substr(at, piece))));
      if (stops && inference.is_full()) return inference.Infer();
    }
    REPRISE_TRY(inference.Finish());
    return inference.Infer();
  };
  auto inferred = infer();
  if (!inferred) return {inferred.error().message, std::move(inferred)};
  JsonWriter json;
  WriteDatasetSchema(inferred->schema, json);
  const std::string facts =
      std::to_string(inferred->has_header) + " " + std::to_string(inferred->rows) + " ";
  return {facts + std::move(json).Take(), std::move(inferred)};
}

// The schema of so many rows, which pieces give as well, and which reads as the same again.
inline Result<InferredSchema> InferInAnyPieces(const RowFormat& format, const FileInput& file,
                                               int64_t most_rows) {
  auto [words, inferred] = Infer(format, file.text, SIZE_MAX, most_rows, /*stops=*/false);
  Require(Infer(format, file.text, file.piece, most_rows, /*stops=*/true).first == words,
          "pieces give the same schema");
  if (inferred) {
    JsonWriter json, again;
    WriteDatasetSchema(inferred->schema, json);
    const std::string text = std::move(json).Take();
    const auto value = ParseJson(text, "schema");
    Require(value.has_value(), "a schema is JSON");
    const auto schema = ReadDatasetSchema(*value, "schema");
    Require(schema.has_value(), "an inferred schema is one");
    WriteDatasetSchema(*schema, again);
    Require(std::move(again).Take() == text, "a schema reads as the same again");
  }
  return std::move(inferred);
}

}  // namespace reprise::fuzz
