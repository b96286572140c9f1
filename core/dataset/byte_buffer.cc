#include "dataset/byte_buffer.h"

namespace reprise {

bool ByteBuffer::Grow(size_t count) {
  // One that lacked memory asks for no more: the row is lost, and trying takes time.
  if (shortage_ != nullptr && shortage_->needed_bytes != 0) return false;
  // Sizes are differences of pointers too.
  const bool is_possible = count <= SIZE_MAX / 2 - size_;
  const size_t needed = is_possible ? size_ + count : SIZE_MAX;
  // Twice the room makes growing linear; where that is not there, what is needed may be.
  for (const size_t room : {std::max(needed, 2 * room_), needed}) {
    if (!is_possible || room > SIZE_MAX / 2) continue;
    void* const memory = std::realloc(memory_.get(), room);
    if (memory == nullptr) continue;
    static_cast<void>(memory_.release());
    memory_.reset(static_cast<uint8_t*>(memory));
    room_ = room;
    return true;
  }
  REPRISE_CHECK(shortage_ != nullptr, "memory of a row's value is used up");
  shortage_->needed_bytes = needed;
  return false;
}

}  // namespace reprise
