// What a dataset's rows look like: names, types and places of the fields. It owns the JSON of a
// schema, not the values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/status.h"

namespace reprise {

// kTimestamp is microseconds since 1970-01-01 UTC; kCategorical the place of one of the field's
// categories; kBytes any bytes, in text formats as base64 (RFC 4648).
enum class FieldType : uint8_t {
  kString,
  kInt32,
  kInt64,
  kFloat32,
  kFloat64,
  kBool,
  kTimestamp,
  kCategorical,
  kBytes,
};

// "int64", as schemas write it.
std::string_view FieldTypeName(FieldType type);

struct Field {
  std::string name;
  FieldType type = FieldType::kString;
  bool is_list = false;   // the values are lists of that type
  bool optional = false;  // a value may be absent
  // A string that is made of any JSON: strings are themselves, everything else is its JSON text.
  bool from_any = false;
  // The members that lead to it in nested rows; a column's name in flat ones. Never empty.
  std::vector<std::string> path;
  std::string modality;                 // "" where none is said
  std::vector<std::string> categories;  // of kCategorical, in the order of their codes

  // What its values are, such as "an int64", for error messages.
  std::string Expected() const;
};

struct DatasetSchema {
  std::vector<Field> fields;
  // Rows may have other fields, which are left out; else one is an error.
  bool ignores_other_fields = false;
  // Of CSV, where it is not the comma and nothing else says it.
  std::optional<char> delimiter;
  std::optional<std::string> text;  // the field that is the text
  std::vector<std::pair<std::string, double>> splits;
  std::optional<int64_t> seed;
  // Where only some of a schema's fields are left: the place of each among all, and how many these
  // were. Else empty.
  std::vector<size_t> places;
  size_t place_count = 0;

  // The place of the field of that name, or nothing.
  std::optional<size_t> Find(std::string_view name) const;
};

// Reads a schema (docs/datasets.md), which stands at `path` of its file. Errors: invalid_config
// with file, path, expected and found; unsupported for a later version.
Result<DatasetSchema> ReadDatasetSchema(const JsonValue& value, std::string_view file,
                                        std::string_view path = "$");

// Writes a schema so that it reads as the same again; what has its default is left out.
void WriteDatasetSchema(const DatasetSchema& schema, JsonWriter& json);

}  // namespace reprise
