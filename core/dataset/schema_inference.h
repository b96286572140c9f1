// What the first rows of a file seem to be: a schema, and of CSV whether there is a header.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/status.h"
#include "dataset/dataset_reader.h"
#include "dataset/schema.h"

namespace reprise {

class SchemaSample;

struct InferredSchema {
  DatasetSchema schema;
  bool has_header = true;  // of CSV
  int64_t rows = 0;        // that were looked at
};

// Types are such that nothing is lost. A column of CSV is int64 or float64 where every text in it
// that is not empty is such a number and none begins with a plus sign or a 0 before another digit
// (a postcode would lose it); bool where every one is true or false; else a string. An empty one
// makes a field that is no string optional. In JSON a member has the type of its values, float64
// where some are integers and some not; objects become fields with longer paths, named with dots
// between; arrays of scalars of one type become lists; and what mixes types, is an array of
// something else, or has integers beyond int64 becomes a string from any JSON. Texts that look like
// times stay strings.
//
// Without has_header the first row of CSV holds names unless one of them is a number in a column of
// numbers, or stands in its column again: then it is a value, as in a column of labels. A row of
// one column, or one that is alone, is a header.
//
// Where the delimiter of CSV is not known, it is the one of comma, semicolon, tab and vertical bar
// that splits all rows into the same number of fields, two or more: of several the comma, else the
// one with the most fields. Where none does it is the comma. The schema names another one.
//
// Bad rows of CSV are left out of the sample, since its reader refuses them; those of JSON are an
// error, or with `skips_bad_rows` left out as well.
class SchemaInference {
 public:
  SchemaInference(const RowFormat& format, std::string file, int64_t most_rows,
                  bool skips_bad_rows = false);
  ~SchemaInference();

  // Errors: invalid_data where the file is none of its format.
  Status Push(std::span<const uint8_t> bytes);
  Status Finish();
  // Whether enough rows have come.
  bool is_full() const;

  // Errors: invalid_data where there is no row to tell from.
  Result<InferredSchema> Infer();

 private:
  std::unique_ptr<SchemaSample> sample_;
};

// Names the field that is the text: the one of that name, or the only string.
void NameText(DatasetSchema* schema);

}  // namespace reprise
