// The header of a safetensors file, checked whole before any of its data is believed.
// Format: the safetensors project's README, section "Format".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "numerics/dtype.h"
#include "tensor/shape.h"

namespace reprise {

// Where one tensor lies: row-major, little-endian elements at [begin, end) bytes of the file.
struct SafetensorsEntry {
  std::string name;
  DType dtype = DType::kF32;
  Shape shape;
  int64_t begin_bytes = 0;  // from the start of the file
  int64_t end_bytes = 0;
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // ascending by begin_bytes, without gap or overlap
  int64_t data_begin_bytes = 0;
};

// The length in bytes of the first part of a file: 8 bytes that hold the JSON's length, and the
// JSON. `prefix` is the first 8 bytes. Errors: invalid_safetensors where fewer than 8 bytes are
// given, the JSON is longer than 100,000,000 bytes (the format's own limit) or passes the file.
Result<int64_t> SafetensorsHeaderSize(std::span<const uint8_t> prefix, int64_t file_bytes,
                                      std::string_view file);

// Reads the header, given its SafetensorsHeaderSize bytes. Errors, each with the file and, where
// there is one, the tensor: invalid_json, invalid_safetensors (a malformed entry, offsets that
// overlap, leave a gap or lie outside the file, a size that dtype and shape do not give),
// dtype_mismatch (an element type other than F32, F16 and BF16).
Result<SafetensorsHeader> ParseSafetensorsHeader(std::span<const uint8_t> header,
                                                 int64_t file_bytes, std::string_view file);

}  // namespace reprise
