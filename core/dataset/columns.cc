#include "dataset/columns.h"

namespace reprise {
namespace {

size_t WidthOf(FieldType type) {
  switch (type) {
    case FieldType::kString:
    case FieldType::kBytes:
      return 0;
    case FieldType::kBool:
      return 1;
    case FieldType::kInt32:
    case FieldType::kFloat32:
    case FieldType::kCategorical:
      return 4;
    case FieldType::kInt64:
    case FieldType::kFloat64:
    case FieldType::kTimestamp:
      return 8;
  }
  return 0;
}

}  // namespace

Column::Column(const Field& field)
    : type_(field.type),
      is_list_(field.is_list),
      has_bytes_(WidthOf(field.type) == 0),
      width_(WidthOf(field.type)) {
  BeginOffsets();
}

void Column::BeginOffsets() {
  if (is_list_) list_offsets_.Add(uint64_t{0});
  if (has_bytes_) offsets_.Add(uint64_t{0});
}

void Column::AddAbsent() {
  if (is_list_) {
    list_offsets_.Add(static_cast<uint64_t>(elements_));
  } else {
    values_.AppendZeros(width_);
    if (has_bytes_) offsets_.Add(uint64_t{values_.size()});
    ++elements_;
  }
  if (absent_++ == 0) {
    // Everything before was there.
    validity_.assign(static_cast<size_t>(rows_ + 7) / 8, 0xFF);
    if (rows_ % 8 != 0) validity_.back() = static_cast<uint8_t>((1 << rows_ % 8) - 1);
  }
  EndRow(false);
}

void Column::EndValidity(bool is_there) {
  if (rows_ % 8 == 0) validity_.push_back(0);
  if (is_there) validity_.back() |= static_cast<uint8_t>(1 << rows_ % 8);
}

void Column::Clear() {
  rows_ = elements_ = absent_ = 0;
  validity_.clear();
  list_offsets_.Clear();
  offsets_.Clear();
  BeginOffsets();
  values_.Clear();
}

void Column::Truncate(int64_t rows) {
  const auto kept = static_cast<size_t>(rows);
  if (absent_ > 0) {
    for (int64_t row = rows; row < rows_; ++row) absent_ -= is_absent(row);
    validity_.resize((kept + 7) / 8);
    if (rows % 8 != 0) validity_.back() &= static_cast<uint8_t>((1 << rows % 8) - 1);
    if (absent_ == 0) validity_.clear();
  }
  rows_ = rows;
  elements_ = rows;
  if (is_list_) {
    list_offsets_.Truncate((kept + 1) * sizeof(uint64_t));
    elements_ = static_cast<int64_t>(list_offsets().back());
  }
  if (has_bytes_) {
    offsets_.Truncate((static_cast<size_t>(elements_) + 1) * sizeof(uint64_t));
    values_.Truncate(offsets().back());
  } else {
    values_.Truncate(static_cast<size_t>(elements_) * width_);
  }
}

std::span<const uint8_t> Column::validity() const {
  return absent_ == 0 ? std::span<const uint8_t>() : std::span<const uint8_t>(validity_);
}

RowBatch::RowBatch(const DatasetSchema& schema) {
  columns.reserve(schema.fields.size());
  for (const Field& field : schema.fields) columns.emplace_back(field);
}

void RowBatch::Clear() {
  rows = 0;
  for (Column& column : columns) column.Clear();
}

size_t RowBatch::size_bytes() const {
  size_t bytes = 0;
  for (const Column& column : columns) {
    bytes += column.values().size() + 8 * column.offsets().size() +
             8 * column.list_offsets().size() + column.validity().size();
  }
  return bytes;
}

}  // namespace reprise
