// emmalloc with every block as large as it was asked for. emmalloc adds the bytes asked for to an
// address without looking whether that passes 4 GiB: near the end of memory it then gives a block
// that is too small, or lays a free one over memory in use. Its own functions of these names are
// weak.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" {

void* emmalloc_memalign(size_t alignment, size_t bytes);
void* emmalloc_realloc_try(void* block, size_t bytes);
size_t emmalloc_usable_size(const void* block);

void* aligned_alloc(size_t alignment, size_t bytes) {
  void* const block = emmalloc_memalign(alignment, bytes);
  if (block == nullptr || emmalloc_usable_size(block) >= bytes) return block;
  // One that is large enough may lie elsewhere; that this one is in use keeps it from being given
  // again.
  void* const other = aligned_alloc(alignment, bytes);
  std::free(block);
  return other;
}

void* malloc(size_t bytes) { return aligned_alloc(alignof(size_t), bytes); }

void* calloc(size_t count, size_t element_bytes) {
  size_t bytes;
  if (__builtin_mul_overflow(count, element_bytes, &bytes)) return nullptr;
  void* const block = aligned_alloc(alignof(size_t), bytes);
  return block == nullptr ? nullptr : std::memset(block, 0, bytes);
}

void* realloc(void* block, size_t bytes) {
  if (block == nullptr) return malloc(bytes);
  const size_t before = emmalloc_usable_size(block);
  // With what emmalloc puts around a block. Of no bytes it would free the block.
  constexpr size_t kAround = 64;
  if (bytes != 0 && reinterpret_cast<uintptr_t>(block) <= SIZE_MAX - kAround &&
      bytes <= SIZE_MAX - kAround - reinterpret_cast<uintptr_t>(block) &&
      emmalloc_realloc_try(block, bytes) != nullptr) {
    return block;
  }
  void* const other = malloc(bytes);
  if (other == nullptr) return nullptr;
  std::memcpy(other, block, before < bytes ? before : bytes);
  std::free(block);
  return other;
}
}
