#include "base/growing_array.h"

#include <cstdlib>
#include <string>

#include "base/fill_in.h"

namespace reprise {
namespace {

constinit thread_local MemoryWatch* watch = nullptr;
bool (*refuses_memory)(size_t bytes) = nullptr;

}  // namespace

MemoryWatch::MemoryWatch() : before_(watch) { watch = this; }

MemoryWatch::~MemoryWatch() { watch = before_; }

bool MemoryWatch::Lacks() { return watch != nullptr && watch->lacking_bytes_ != 0; }

Failure MemoryWatch::Refuse() {
  const size_t bytes = watch->lacking_bytes_;
  return Fail(Error(ErrorCode::kOutOfMemory,
                    FillIn("an array needs {} bytes, which are not there", {std::to_string(bytes)}))
                  .With("needs_bytes", static_cast<int64_t>(bytes)));
}

void RefuseMemory(bool (*refuses)(size_t bytes)) { refuses_memory = refuses; }

GrowingMemory::~GrowingMemory() { std::free(memory_); }

bool GrowingMemory::TryReserve(size_t count, size_t element_bytes) {
  if (count <= room_) return true;
  if (count > SIZE_MAX / 2 / element_bytes) return false;
  const size_t bytes = count * element_bytes;
  if (refuses_memory != nullptr && refuses_memory(bytes)) return false;
  void* const memory = std::malloc(bytes);
  if (memory == nullptr) return false;
  if (size_ > 0) std::memcpy(memory, memory_, size_ * element_bytes);
  std::free(memory_);
  memory_ = memory;
  room_ = count;
  return true;
}

bool GrowingMemory::Grow(size_t count, size_t element_bytes) {
  if (MemoryWatch::Lacks()) return false;
  constexpr size_t kLeast = 8;
  const size_t most = SIZE_MAX / 2 / element_bytes;
  const size_t needed = count < most - size_ ? size_ + count : most;
  // Twice the room, so that all copying together takes linear time, or what is left of the memory.
  if (needed < most && (TryReserve(std::max({needed, 2 * room_, kLeast}), element_bytes) ||
                        TryReserve(needed + needed / 8, element_bytes))) {
    return true;
  }
  REPRISE_CHECK(watch != nullptr, "memory for an array is used up");
  watch->lacking_bytes_ = needed * element_bytes;
  return false;
}

void GrowingMemory::Append(const void* elements, size_t count, size_t element_bytes) {
  if (count == 0) return;
  if (void* const at = MakeGap(size_, count, element_bytes)) {
    std::memcpy(at, elements, count * element_bytes);
  }
}

void* GrowingMemory::MakeGap(size_t at, size_t count, size_t element_bytes) {
  if (room_ - size_ < count && !Grow(count, element_bytes)) return nullptr;
  char* const gap = static_cast<char*>(memory_) + at * element_bytes;
  if (at < size_) std::memmove(gap + count * element_bytes, gap, (size_ - at) * element_bytes);
  size_ += count;
  return gap;
}

}  // namespace reprise
