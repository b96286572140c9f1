// Hashes of rows: of their values alone, so that the same rows have the same hashes whatever format
// and pieces they came in.
#pragma once

#include <span>
#include <string>

#include "dataset/columns.h"
#include "hash/sha256.h"

namespace reprise {

// SHA-256 of the row's values in the order of the fields, each written as one byte for its kind and
// what follows it, integers and lengths as 64 bits, the lowest byte first:
//   0  absent
//   1  a bool, one byte
//   2  an integer, also of an int32
//   3  a float's bits as float64, also of a float32; NaN is 0x7ff8000000000000
//   4  a string, its length in bytes and UTF-8; also a categorical value, by its text
//   5  bytes, their length and they themselves
//   6  a timestamp, in microseconds
//   7  a list, its length, and its values written so
// The names of fields are not in it.
Sha256Digest DigestOfRow(const RowBatch& batch, const DatasetSchema& schema, int64_t row);
// The same of one of its values.
Sha256Digest DigestOfValue(const RowBatch& batch, const DatasetSchema& schema, size_t field,
                           int64_t row);

// The hash of rows one after the other: SHA-256 of their digests.
Sha256Digest HashOfRows(std::span<const Sha256Digest> digests);

}  // namespace reprise
