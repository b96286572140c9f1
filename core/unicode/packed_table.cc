#include "unicode/packed_table.h"

#include <algorithm>

namespace reprise {

uint32_t PackedReader::Unsigned() {
  uint32_t value = 0;
  for (int shift = 0;; shift += 7) {
    const uint8_t byte = bytes_[at_++];
    value |= static_cast<uint32_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
}

int32_t PackedReader::Signed() {
  const uint32_t value = Unsigned();
  const auto half = static_cast<int32_t>(value / 2);
  return value % 2 == 0 ? half : -half - 1;
}

RangeTable::RangeTable(std::span<const uint8_t> packed) {
  PackedReader lengths(packed);
  const uint32_t runs = lengths.Unsigned();
  PackedReader values(packed.last(runs));
  char32_t first = 0;
  for (uint32_t i = 0; i < runs; ++i) {
    const char32_t last = first + lengths.Unsigned();
    if (const uint8_t value = values.Byte(); value != 0) {
      ranges_.push_back({first, last, value});
      first_of_.resize(last / kBlock + 1, static_cast<uint16_t>(ranges_.size() - 1));
    }
    first = last + 1;
  }
}

CodePointMap::CodePointMap(std::span<const uint8_t> packed) {
  PackedReader reader(packed);
  char32_t from = 0;
  while (!reader.done()) {
    from += reader.Unsigned();
    const int64_t to = static_cast<int64_t>(from) + reader.Signed();
    entries_.push_back({from, static_cast<char32_t>(to)});
  }
}

const char32_t* CodePointMap::Find(char32_t c) const {
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), c,
                       [](const Entry& entry, char32_t x) { return entry.from < x; });
  return found != entries_.end() && found->from == c ? &found->to : nullptr;
}

}  // namespace reprise
