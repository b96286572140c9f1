// Bytes of a file that arrive in pieces of any size, and what of them still waits for the end of
// its row.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataset/byte_buffer.h"

namespace reprise {

// The longest row in bytes. A row has to lie in memory whole, and wasm32 has 4 GiB.
inline constexpr size_t kMostRowBytes = size_t{256} << 20;

class ByteInput {
 public:
  // Keeps the bytes behind those that wait. A byte order mark (U+FEFF in UTF-8) that a file begins
  // with belongs to no row. Errors: out_of_memory.
  Status Append(std::span<const uint8_t> bytes) {
    bytes_.Append({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    REPRISE_TRY(shortage_.Check());
    if (is_begun_) return {};
    constexpr uint8_t kMark[] = {0xEF, 0xBB, 0xBF};
    const size_t seen = std::min(bytes_.size(), sizeof(kMark));
    if (!std::equal(kMark, kMark + seen, bytes_.data())) {
      is_begun_ = true;
    } else if (seen == sizeof(kMark)) {
      is_begun_ = true;
      Drop(sizeof(kMark));
    }
    return {};
  }
  // Whether it is known if the file begins with a mark; before that nothing may be looked at.
  bool is_begun() const { return is_begun_; }
  // The end of the file: what looks like a part of a mark is none.
  void End() { is_begun_ = true; }

  const uint8_t* data() const { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }
  // Where data() stands in the file.
  int64_t offset() const { return offset_; }
  std::string_view Text(size_t begin, size_t end) const {
    return {reinterpret_cast<const char*>(bytes_.data()) + begin, end - begin};
  }
  // Forgets the first bytes.
  void Drop(size_t count) {
    bytes_.Drop(count);
    offset_ += static_cast<int64_t>(count);
  }

 private:
  MemoryShortage shortage_;
  ByteBuffer bytes_{&shortage_};
  int64_t offset_ = 0;
  bool is_begun_ = false;
};

}  // namespace reprise
