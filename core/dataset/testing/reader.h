// What the tests of readers share: a file in memory, read in pieces of one size, as rows of text.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dataset/dataset_reader.h"
#include "dataset/schema_inference.h"
#include "dataset/value_text.h"

namespace reprise::testing {

inline std::span<const uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// A value as the tests write it: absent ones as "-", texts in quotes.
inline std::string Shown(const Column& column, const Field& field, int64_t row) {
  if (column.is_absent(row)) return "-";
  const auto [first, last] = column.Elements(row);
  std::string text = column.is_list() ? "[" : "";
  for (int64_t i = first; i < last; ++i) {
    if (i > first) text += ",";
    switch (column.type()) {
      case FieldType::kString:
        text += "\"" + std::string(column.Bytes(i)) + "\"";
        break;
      case FieldType::kBytes:
        text += Base64Text(column.Bytes(i));
        break;
      case FieldType::kCategorical:
        text += field.categories[static_cast<size_t>(column.Fixed<int32_t>(i))];
        break;
      case FieldType::kBool:
        text += column.Fixed<uint8_t>(i) != 0 ? "true" : "false";
        break;
      case FieldType::kInt32:
        text += std::to_string(column.Fixed<int32_t>(i));
        break;
      case FieldType::kInt64:
        text += std::to_string(column.Fixed<int64_t>(i));
        break;
      case FieldType::kTimestamp:
        text += TimestampText(column.Fixed<int64_t>(i));
        break;
      case FieldType::kFloat32:
      case FieldType::kFloat64: {
        char digits[40];
        const double value = column.type() == FieldType::kFloat32
                                 ? static_cast<double>(column.Fixed<float>(i))
                                 : column.Fixed<double>(i);
        std::snprintf(digits, sizeof(digits), "%.17g", value);
        text += digits;
        break;
      }
    }
  }
  return column.is_list() ? text + "]" : text;
}

struct ReadFile {
  std::vector<std::string> rows;  // values with a space between
  std::vector<RowProblem> problems;
  int64_t blank_rows = 0;
  std::string hash;   // of the rows
  std::string error;  // "" where there was none
  Error failure{ErrorCode::kInternal, ""};
};

// Reads a text in pieces of `piece` bytes, taking the rows out after each piece.
inline ReadFile ReadPieces(const RowFormat& format, const DatasetSchema& schema,
                           std::string_view text, size_t piece = SIZE_MAX,
                           OnBadRow on_bad_row = OnBadRow::kError) {
  CollectingOptions options;
  options.file = "rows";
  options.on_bad_row = on_bad_row;
  options.needs_digests = true;
  DatasetReader reader(format, schema, options);
  ReadFile read;
  std::vector<Sha256Digest> digests;
  const auto take = [&](const Status& status) {
    RowCollector& rows = reader.rows();
    for (int64_t row = 0; row < rows.batch().rows; ++row) {
      std::string line;
      for (size_t i = 0; i < schema.fields.size(); ++i) {
        line += (i > 0 ? " " : "") + Shown(rows.batch().columns[i], schema.fields[i], row);
      }
      read.rows.push_back(std::move(line));
    }
    digests.insert(digests.end(), rows.digests().begin(), rows.digests().end());
    rows.Clear();
    if (status) return true;
    read.error = status.error().message;
    read.failure = status.error();
    return false;
  };
  bool goes_on = true;
  for (size_t at = 0; goes_on && at < text.size(); at += std::min(piece, text.size() - at)) {
    goes_on = take(reader.Push(AsBytes(text.substr(at, piece))));
  }
  if (goes_on) take(reader.Finish());
  read.problems.assign(reader.rows().problems().begin(), reader.rows().problems().end());
  read.blank_rows = reader.rows().blank_rows();
  read.hash = ToHex(HashOfRows(digests));
  return read;
}

// Reads in pieces of all sizes up to 70 and whole, which must make no difference.
inline ReadFile ReadInAnyPieces(const RowFormat& format, const DatasetSchema& schema,
                                const std::string& text, OnBadRow on_bad_row = OnBadRow::kError) {
  const ReadFile whole = ReadPieces(format, schema, text, SIZE_MAX, on_bad_row);
  for (size_t piece = 1; piece <= 70; ++piece) {
    const ReadFile cut = ReadPieces(format, schema, text, piece, on_bad_row);
    EXPECT_EQ(cut.rows, whole.rows) << "pieces of " << piece;
    EXPECT_EQ(cut.error, whole.error) << "pieces of " << piece;
    EXPECT_EQ(cut.problems.size(), whole.problems.size()) << "pieces of " << piece;
    if (whole.error.empty()) {
      EXPECT_EQ(cut.hash, whole.hash) << "pieces of " << piece;
    }
  }
  return whole;
}

inline Result<InferredSchema> InferFrom(const RowFormat& format, std::string_view text,
                                        int64_t most_rows = 1000) {
  SchemaInference inference(format, "rows", most_rows);
  REPRISE_TRY(inference.Push(AsBytes(text)));
  REPRISE_TRY(inference.Finish());
  return inference.Infer();
}

// "name:type", with ? where it is optional.
inline std::string Words(const DatasetSchema& schema) {
  std::string words;
  for (const Field& field : schema.fields) {
    std::string type(FieldTypeName(field.type));
    if (field.is_list) type = "[" + type + "]";
    if (field.from_any) type += "*";
    words += (words.empty() ? "" : " ") + field.name + ":" + type + (field.optional ? "?" : "");
  }
  return words;
}

inline Field MakeField(std::string name, FieldType type, bool optional = false) {
  Field field;
  field.path = {name};
  field.name = std::move(name);
  field.type = type;
  field.optional = optional;
  return field;
}

inline RowFormat Csv() { return {}; }
inline RowFormat Tsv() {
  RowFormat format;
  format.csv = {.delimiter = '\t', .quote = std::nullopt};
  return format;
}
inline RowFormat Json() {
  RowFormat format;
  format.format = DatasetFormat::kJson;
  return format;
}
inline RowFormat JsonLines() {
  RowFormat format;
  format.format = DatasetFormat::kJsonLines;
  return format;
}
inline RowFormat Text(TextRowKind kind) {
  RowFormat format;
  format.format = DatasetFormat::kText;
  format.text_rows = kind;
  return format;
}

}  // namespace reprise::testing
