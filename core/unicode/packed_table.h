// Reads the packed tables of tools/gen/unicode.mjs: varints, and functions of code
// points as runs of one value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace reprise {

// The numbers of a packed table, one after another.
class PackedReader {
 public:
  explicit PackedReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  bool done() const { return at_ == bytes_.size(); }
  uint32_t Unsigned();
  int32_t Signed();
  uint8_t Byte() { return bytes_[at_++]; }

 private:
  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
};

// A function of code points that is 0 outside some ranges.
class RangeTable {
 public:
  struct Range {
    char32_t first;
    char32_t last;
    uint32_t value;
  };

  explicit RangeTable(std::span<const uint8_t> packed);
  // The value of a code point. It looks at the ranges of 64 code points at most.
  uint32_t Find(char32_t c) const {
    if (ranges_.empty() || c > ranges_.back().last) return 0;
    const Range* range = &ranges_[first_of_[c / kBlock]];
    while (c > range->last) ++range;
    return c >= range->first ? range->value : 0;
  }
  // Ascending, without overlap.
  std::span<const Range> ranges() const { return ranges_; }

 private:
  static constexpr char32_t kBlock = 64;

  std::vector<Range> ranges_;
  std::vector<uint16_t> first_of_;  // by block: the first range that ends in it or behind it
};

// A sparse map from code points to code points.
class CodePointMap {
 public:
  struct Entry {
    char32_t from;
    char32_t to;
  };

  explicit CodePointMap(std::span<const uint8_t> packed);
  // The image of a code point, or nullptr.
  const char32_t* Find(char32_t c) const;
  std::span<const Entry> entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;  // ascending
};

}  // namespace reprise
