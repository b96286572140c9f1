#include "dataset/row_digest.h"

#include <bit>
#include <cmath>

#include "base/byte_view.h"

namespace reprise {
namespace {

class ValueHasher {
 public:
  void Add(const Column& column, const Field& field, int64_t row) {
    if (column.is_absent(row)) return Kind(0);
    const auto [first, last] = column.Elements(row);
    if (column.is_list()) {
      Kind(7);
      Word(static_cast<uint64_t>(last - first));
    }
    for (int64_t element = first; element < last; ++element) AddElement(column, field, element);
  }
  Sha256Digest Finish() {
    sha_.Update({pending_, size_});
    return sha_.Finish();
  }

 private:
  void AddElement(const Column& column, const Field& field, int64_t at) {
    switch (column.type()) {
      case FieldType::kString:
        return Text(4, column.Bytes(at));
      case FieldType::kBytes:
        return Text(5, column.Bytes(at));
      case FieldType::kCategorical:
        return Text(4, field.categories[static_cast<size_t>(column.Fixed<int32_t>(at))]);
      case FieldType::kBool:
        Kind(1);
        return Kind(column.Fixed<uint8_t>(at));
      case FieldType::kInt32:
        return Integer(2, column.Fixed<int32_t>(at));
      case FieldType::kInt64:
        return Integer(2, column.Fixed<int64_t>(at));
      case FieldType::kTimestamp:
        return Integer(6, column.Fixed<int64_t>(at));
      case FieldType::kFloat32:
        return Float(static_cast<double>(column.Fixed<float>(at)));
      case FieldType::kFloat64:
        return Float(column.Fixed<double>(at));
    }
  }
  void Float(double value) {
    Kind(3);
    Word(std::isnan(value) ? uint64_t{0x7FF8} << 48 : std::bit_cast<uint64_t>(value));
  }
  void Integer(uint8_t kind, int64_t value) {
    Kind(kind);
    Word(static_cast<uint64_t>(value));
  }
  void Text(uint8_t kind, std::string_view text) {
    Kind(kind);
    Word(text.size());
    Append(BytesOf(text));
  }
  void Kind(uint8_t kind) { Append({&kind, 1}); }
  void Word(uint64_t word) {
    uint8_t bytes[8];
    for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<uint8_t>(word >> 8 * i);
    Append(bytes);
  }
  // Small values are brought together, which is several times faster.
  void Append(std::span<const uint8_t> bytes) {
    if (size_ + bytes.size() > sizeof(pending_)) {
      sha_.Update({pending_, size_});
      size_ = 0;
      if (bytes.size() > sizeof(pending_)) return sha_.Update(bytes);
    }
    if (!bytes.empty()) std::memcpy(pending_ + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }

  Sha256 sha_;
  uint8_t pending_[256];
  size_t size_ = 0;
};

}  // namespace

Sha256Digest DigestOfRow(const RowBatch& batch, const DatasetSchema& schema, int64_t row) {
  ValueHasher hasher;
  for (size_t i = 0; i < batch.columns.size(); ++i) {
    hasher.Add(batch.columns[i], schema.fields[i], row);
  }
  return hasher.Finish();
}

Sha256Digest DigestOfValue(const RowBatch& batch, const DatasetSchema& schema, size_t field,
                           int64_t row) {
  ValueHasher hasher;
  hasher.Add(batch.columns[field], schema.fields[field], row);
  return hasher.Finish();
}

Sha256Digest HashOfRows(std::span<const Sha256Digest> digests) {
  Sha256 sha;
  for (const Sha256Digest& digest : digests) sha.Update(digest);
  return sha.Finish();
}

}  // namespace reprise
