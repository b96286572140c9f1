// Values of rows as columns in Arrow's layout (arrow.apache.org/docs/format/Columnar.html): values,
// offsets of what has different lengths, and one bit a row that says whether a value is there.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "dataset/byte_buffer.h"
#include "dataset/schema.h"

namespace reprise {

// The values of one field. A row is appended by one call of Add… or AddAbsent; in a list, by a call
// of Add… for each element and EndList.
class Column {
 public:
  // Memory that its values lack is noted in `shortage`; see ByteBuffer.
  explicit Column(const Field& field, MemoryShortage* shortage = nullptr);

  FieldType type() const { return type_; }
  bool is_list() const { return is_list_; }
  int64_t rows() const { return rows_; }
  int64_t absent() const { return absent_; }

  // Each requires a type that is stored so: int32 (int32 and categorical), int64 (int64 and
  // timestamp), a bool as a byte, bytes (string and bytes).
  void AddInt32(int32_t value) { AddFixed(value); }
  void AddInt64(int64_t value) { AddFixed(value); }
  void AddFloat32(float value) { AddFixed(value); }
  void AddFloat64(double value) { AddFixed(value); }
  void AddBool(bool value) { AddFixed(static_cast<uint8_t>(value)); }
  void AddBytes(std::string_view value) {
    values_.Append(value);
    EndBytes();
  }
  // What is appended here belongs to the next value, which EndBytes ends.
  ByteBuffer& bytes() { return values_; }
  void EndBytes() {
    offsets_.Add(uint64_t{values_.size()});
    EndElement();
  }
  // Its value is zero, empty or no elements.
  void AddAbsent();
  // Ends a list, of the elements added since the last row.
  void EndList() {
    list_offsets_.Add(static_cast<uint64_t>(elements_));
    EndRow(true);
  }

  // Forgets all rows, and keeps their memory for the next ones.
  void Clear();
  // Forgets everything after so many rows, a row that was begun included.
  void Truncate(int64_t rows);

  // Memory, as it would travel: see the members' names. Lengths are those of rows + 1, elements + 1
  // and elements; validity is empty where nothing is absent, else its lowest bits come first.
  std::span<const uint8_t> validity() const;
  std::span<const uint64_t> list_offsets() const { return Words(list_offsets_); }
  std::span<const uint64_t> offsets() const { return Words(offsets_); }
  std::span<const uint8_t> values() const { return {values_.data(), values_.size()}; }

  bool is_absent(int64_t row) const {
    return absent_ > 0 && (validity_.data()[static_cast<size_t>(row) / 8] >> (row % 8) & 1) == 0;
  }
  // The elements of a row, [first, last); of a field that is no list it is one.
  std::pair<int64_t, int64_t> Elements(int64_t row) const {
    if (!is_list_) return {row, row + 1};
    const auto at = static_cast<size_t>(row);
    const auto offsets = list_offsets();
    return {static_cast<int64_t>(offsets[at]), static_cast<int64_t>(offsets[at + 1])};
  }
  template <typename T>
  T Fixed(int64_t element) const {
    T value;
    std::memcpy(&value, values_.data() + static_cast<size_t>(element) * sizeof(T), sizeof(T));
    return value;
  }
  std::string_view Bytes(int64_t element) const {
    const auto at = static_cast<size_t>(element);
    const auto offsets = this->offsets();
    return {reinterpret_cast<const char*>(values_.data()) + offsets[at],
            static_cast<size_t>(offsets[at + 1] - offsets[at])};
  }

 private:
  static std::span<const uint64_t> Words(const ByteBuffer& bytes) {
    return bytes.Values<uint64_t>();
  }
  template <typename T>
  void AddFixed(T value) {
    values_.Add(value);
    EndElement();
  }
  void BeginOffsets();
  void EndElement() {
    ++elements_;
    if (!is_list_) EndRow(true);
  }
  void EndRow(bool is_there) {
    if (absent_ > 0) EndValidity(is_there);
    ++rows_;
  }
  void EndValidity(bool is_there);
  void TruncateValidity(int64_t rows);

  FieldType type_;
  bool is_list_;
  bool has_bytes_;
  size_t width_;  // of a value in bytes; 0 of bytes
  int64_t rows_ = 0, elements_ = 0, absent_ = 0;
  ByteBuffer validity_;                // kept up from the first absent value on
  ByteBuffer list_offsets_, offsets_;  // 64-bit integers
  ByteBuffer values_;
};

// Rows one after the other, all fields of a schema.
struct RowBatch {
  int64_t rows = 0;
  std::vector<Column> columns;

  explicit RowBatch(const DatasetSchema& schema, MemoryShortage* shortage = nullptr);
  // Forgets all rows; the columns stay where they are.
  void Clear();
  // Of all columns, about.
  size_t size_bytes() const;
};

}  // namespace reprise
