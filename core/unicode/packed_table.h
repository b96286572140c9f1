// Reads the packed tables of tools/gen/unicode.mjs: varints, and ranges of code points.
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
  // The value of a code point, in the logarithm of the number of ranges.
  uint32_t Find(char32_t c) const;
  // Ascending, without overlap.
  std::span<const Range> ranges() const { return ranges_; }

 private:
  std::vector<Range> ranges_;
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
