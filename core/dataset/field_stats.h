// Counts and ranges of a field's values, gathered batch after batch.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>

#include "base/json_writer.h"
#include "dataset/columns.h"

namespace reprise {

class FieldStats {
 public:
  explicit FieldStats(const Field& field) : field_(field) {}

  // Adds all rows of a batch, in which the column is the field's.
  void Add(const Column& column);

  // {"count", "absent", "distinct"?, "min"?, "max"?, "mean"?, "meanLength"?}. count is of rows with
  // a value; of a list its elements are looked at. distinct is missing where there are more than
  // 10,000 values. min and max are numbers, of int64 and timestamps in decimal as strings, of
  // strings by their bytes, the first 200 of them; mean is of numbers, summed in the order of the
  // rows; NaN takes no part in the three. meanLength is of strings and bytes, in bytes, and of
  // lists in elements.
  void Write(JsonWriter& json) const;

 private:
  void AddElement(const Column& column, int64_t element);
  void AddNumber(double value);
  void AddInteger(int64_t value);
  void AddText(std::string_view text);

  const Field field_;
  int64_t count_ = 0, absent_ = 0, elements_ = 0;
  bool has_range_ = false, has_more_ = false;
  int64_t least_int_ = 0, most_int_ = 0;
  double least_ = 0, most_ = 0, sum_ = 0;
  int64_t numbers_ = 0;
  uint64_t bytes_ = 0;
  std::string least_text_, most_text_;
  // The different values while they are few, texts of 32 bytes and more by their digests: so what
  // is kept does not grow with the texts.
  std::unordered_set<std::string> seen_;
};

}  // namespace reprise
