#include "dataset/field_stats.h"

#include <algorithm>
#include <cmath>

#include "hash/sha256.h"

namespace reprise {
namespace {

constexpr size_t kMostDistinct = 10'000;
constexpr size_t kMostTextBytes = 200;

// Tells texts apart in at most 32 bytes: a shorter one is itself, another its SHA-256.
std::string Distinguished(std::string_view text) {
  if (text.size() < sizeof(Sha256Digest)) return std::string(text);
  Sha256 hash;
  hash.Update({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  const Sha256Digest digest = hash.Finish();
  return std::string(digest.begin(), digest.end());
}

// The beginning of a text, whole code points.
std::string Beginning(std::string_view text) {
  if (text.size() <= kMostTextBytes) return std::string(text);
  size_t end = kMostTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end));
}

}  // namespace

void FieldStats::Add(const Column& column) {
  for (int64_t row = 0; row < column.rows(); ++row) {
    if (column.is_absent(row)) {
      ++absent_;
      continue;
    }
    ++count_;
    const auto [first, last] = column.Elements(row);
    for (int64_t element = first; element < last; ++element) AddElement(column, element);
  }
}

void FieldStats::AddElement(const Column& column, int64_t element) {
  ++elements_;
  switch (column.type()) {
    case FieldType::kString:
    case FieldType::kBytes:
      return AddText(column.Bytes(element));
    case FieldType::kCategorical:
      return AddText(field_.categories[static_cast<size_t>(column.Fixed<int32_t>(element))]);
    case FieldType::kBool:
      if (seen_.size() < 2) seen_.insert(column.Fixed<uint8_t>(element) != 0 ? "true" : "false");
      return AddNumber(column.Fixed<uint8_t>(element));
    case FieldType::kInt32:
      return AddInteger(column.Fixed<int32_t>(element));
    case FieldType::kInt64:
    case FieldType::kTimestamp:
      return AddInteger(column.Fixed<int64_t>(element));
    case FieldType::kFloat32:
      return AddNumber(static_cast<double>(column.Fixed<float>(element)));
    case FieldType::kFloat64:
      return AddNumber(column.Fixed<double>(element));
  }
}

void FieldStats::AddNumber(double value) {
  if (std::isnan(value)) return;
  least_ = numbers_ == 0 ? value : std::min(least_, value);
  most_ = numbers_ == 0 ? value : std::max(most_, value);
  sum_ += value;
  ++numbers_;
}

void FieldStats::AddInteger(int64_t value) {
  least_int_ = numbers_ == 0 ? value : std::min(least_int_, value);
  most_int_ = numbers_ == 0 ? value : std::max(most_int_, value);
  AddNumber(static_cast<double>(value));
}

void FieldStats::AddText(std::string_view text) {
  bytes_ += text.size();
  if (!has_more_) {
    seen_.insert(Distinguished(text));
    has_more_ = seen_.size() > kMostDistinct;
    if (has_more_) std::unordered_set<std::string>().swap(seen_);
  }
  if (!has_range_ || text < least_text_) least_text_ = Beginning(text);
  if (!has_range_ || text > most_text_) most_text_ = Beginning(text);
  has_range_ = true;
}

void FieldStats::Write(JsonWriter& json) const {
  json.BeginObject().Key("count").Int(count_).Key("absent").Int(absent_);
  const FieldType type = field_.type;
  const bool is_text = type == FieldType::kString || type == FieldType::kCategorical;
  const bool has_bytes = type == FieldType::kString || type == FieldType::kBytes;
  const bool is_long = type == FieldType::kInt64 || type == FieldType::kTimestamp;
  if ((is_text || type == FieldType::kBool || type == FieldType::kBytes) && !has_more_) {
    json.Key("distinct").Int(static_cast<int64_t>(seen_.size()));
  }
  if (is_text && has_range_) json.Key("min").String(least_text_).Key("max").String(most_text_);
  if (is_long && numbers_ > 0) {
    json.Key("min").String(std::to_string(least_int_)).Key("max").String(std::to_string(most_int_));
  } else if (numbers_ > 0 && type != FieldType::kBool) {
    json.Key("min").Double(least_).Key("max").Double(most_);
  }
  if (numbers_ > 0 && type != FieldType::kTimestamp) {
    json.Key("mean").Double(sum_ / static_cast<double>(numbers_));
  }
  if (field_.is_list && count_ > 0) {
    json.Key("meanLength").Double(static_cast<double>(elements_) / static_cast<double>(count_));
  } else if (has_bytes && elements_ > 0) {
    json.Key("meanLength").Double(static_cast<double>(bytes_) / static_cast<double>(elements_));
  }
  json.EndObject();
}

}  // namespace reprise
