#include "dataset/columns.h"

#include <bit>

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

Column::Column(const Field& field, MemoryShortage* shortage)
    : type_(field.type),
      is_list_(field.is_list),
      has_bytes_(WidthOf(field.type) == 0),
      width_(WidthOf(field.type)),
      validity_(shortage),
      list_offsets_(shortage),
      offsets_(shortage),
      values_(shortage) {
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
    values_.AppendRepeated(0, width_);
    if (has_bytes_) offsets_.Add(uint64_t{values_.size()});
    ++elements_;
  }
  if (absent_++ == 0) {
    // Everything before was there.
    validity_.AppendRepeated(0xFF, static_cast<size_t>(rows_) / 8);
    if (rows_ % 8 != 0) validity_.Add(static_cast<uint8_t>((1 << rows_ % 8) - 1));
  }
  EndRow(false);
}

void Column::EndValidity(bool is_there) {
  if (rows_ % 8 == 0) validity_.Add(uint8_t{0});
  const auto at = static_cast<size_t>(rows_) / 8;
  // It is not there where memory was short.
  if (is_there && at < validity_.size()) {
    validity_.data()[at] |= static_cast<uint8_t>(1 << rows_ % 8);
  }
}

void Column::Clear() {
  rows_ = elements_ = absent_ = 0;
  validity_.Clear();
  list_offsets_.Clear();
  offsets_.Clear();
  BeginOffsets();
  values_.Clear();
}

void Column::Truncate(int64_t rows) {
  const auto kept = static_cast<size_t>(rows);
  if (absent_ > 0) TruncateValidity(rows);
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

void Column::TruncateValidity(int64_t rows) {
  const size_t kept_bytes = static_cast<size_t>(rows + 7) / 8;
  if (validity_.size() == static_cast<size_t>(rows_ + 7) / 8) {
    for (int64_t row = rows; row < rows_; ++row) absent_ -= is_absent(row);
    validity_.Truncate(kept_bytes);
    if (rows % 8 != 0)
      validity_.data()[kept_bytes - 1] &= static_cast<uint8_t>((1 << rows % 8) - 1);
  } else if (validity_.size() >= kept_bytes) {
    // Memory was short: some of the rows that go are not marked.
    validity_.Truncate(kept_bytes);
    if (rows % 8 != 0)
      validity_.data()[kept_bytes - 1] &= static_cast<uint8_t>((1 << rows % 8) - 1);
    absent_ = rows;
    for (const uint8_t byte : validity_.Values<uint8_t>()) absent_ -= std::popcount(byte);
  } else {
    absent_ = 0;  // The first absent one is among those that go.
  }
  if (absent_ == 0) validity_.Clear();
}

std::span<const uint8_t> Column::validity() const {
  return absent_ == 0 ? std::span<const uint8_t>() : validity_.Values<uint8_t>();
}

RowBatch::RowBatch(const DatasetSchema& schema, MemoryShortage* shortage) {
  columns.reserve(schema.fields.size());
  for (const Field& field : schema.fields) columns.emplace_back(field, shortage);
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
