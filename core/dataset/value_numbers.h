// The distinct values of a field, known by their digests and numbered in the order in which they
// appear first.
#pragma once

#include <cstdint>
#include <span>

#include "dataset/byte_buffer.h"
#include "dataset/fixed_array.h"
#include "hash/sha256.h"

namespace reprise {

class ValueNumbers {
 public:
  // Memory that its values lack is noted in `shortage`, which outlives them.
  explicit ValueNumbers(MemoryShortage* shortage) : digests_(shortage), rows_(shortage) {}

  // Of so many rows. Errors: out_of_memory.
  Status Begin(uint64_t rows);
  // The values of the next rows. Errors: out_of_memory, and from then on always.
  Status Add(std::span<const Sha256Digest> digests);
  // Behind the last row: forgets the digests, and keeps the numbers.
  void End();

  uint64_t count() const { return rows_.size() / sizeof(uint32_t); }
  // The number of a row's value.
  uint32_t operator[](uint64_t row) const { return of_row_[row]; }
  // How many rows have a value; who asks may count them down.
  uint32_t& rows(uint64_t value) {
    return reinterpret_cast<uint32_t*>(rows_.data())[static_cast<size_t>(value)];
  }

 private:
  // Open addressing; a slot holds the number of a value and 1 more, or 0.
  FixedArray<uint32_t> slots_;
  FixedArray<uint32_t> of_row_;
  uint64_t added_ = 0;
  ByteBuffer digests_;  // a Sha256Digest a value
  ByteBuffer rows_;     // a uint32_t a value
};

}  // namespace reprise
