#include "dataset/field_text.h"

#include <limits>

#include "dataset/value_text.h"

namespace reprise {
namespace {

// The value is there, and it was appended.
template <typename Value, typename Append>
bool AppendIf(const Value& value, Append append) {
  if (!value) return false;
  append(*value);
  return true;
}

bool AppendInt32(std::string_view text, Column& column) {
  const auto value = IntegerFromText(text);
  if (!value || *value < std::numeric_limits<int32_t>::min() ||
      *value > std::numeric_limits<int32_t>::max()) {
    return false;
  }
  column.AddInt32(static_cast<int32_t>(*value));
  return true;
}

bool AppendFloat32(std::string_view text, Column& column) {
  const auto value = FloatFromText(text);
  if (!value) return false;
  return AppendIf(Float32From(*value), [&](float narrow) { column.AddFloat32(narrow); });
}

bool AppendCategory(const Field& field, std::string_view text, Column& column) {
  for (size_t i = 0; i < field.categories.size(); ++i) {
    if (field.categories[i] != text) continue;
    column.AddInt32(static_cast<int32_t>(i));
    return true;
  }
  return false;
}

bool AppendBytes(std::string_view text, Column& column) {
  const size_t before = column.bytes().size();
  if (AppendBase64(text, column.bytes())) {
    column.EndBytes();
    return true;
  }
  column.bytes().Truncate(before);
  return false;
}

}  // namespace

bool AppendFromText(const Field& field, std::string_view text, Column& column) {
  switch (field.type) {
    case FieldType::kString:
      column.AddBytes(text);
      return true;
    case FieldType::kInt32:
      return AppendInt32(text, column);
    case FieldType::kInt64:
      return AppendIf(IntegerFromText(text), [&](int64_t value) { column.AddInt64(value); });
    case FieldType::kFloat32:
      return AppendFloat32(text, column);
    case FieldType::kFloat64:
      return AppendIf(FloatFromText(text), [&](double value) { column.AddFloat64(value); });
    case FieldType::kBool:
      return AppendIf(BoolFromText(text), [&](bool value) { column.AddBool(value); });
    case FieldType::kTimestamp:
      return AppendIf(TimestampFromText(text), [&](int64_t value) { column.AddInt64(value); });
    case FieldType::kCategorical:
      return AppendCategory(field, text, column);
    case FieldType::kBytes:
      return AppendBytes(text, column);
  }
  return false;
}

}  // namespace reprise
