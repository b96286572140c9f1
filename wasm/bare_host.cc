// What Emscripten's library asks of JavaScript, done here, so that a module with this file imports
// nothing and needs none of Emscripten's.
#include <algorithm>
#include <cstddef>

namespace {
constexpr size_t kPageBytes = 65536;
}  // namespace

extern "C" {

// The most bytes that linear memory may have.
size_t emscripten_get_heap_max() { return ~size_t{0} - (kPageBytes - 1); }

// Grows linear memory to at least so many bytes, which are more than there are. False where that
// cannot be.
bool emscripten_resize_heap(size_t bytes) {
  constexpr size_t kMostSparePages = 1536;
  const size_t pages = __builtin_wasm_memory_size(0);
  const size_t needed = (bytes - 1) / kPageBytes + 1 - pages;
  // Growing takes time, so a fifth more is taken where it is to be had.
  for (const size_t more :
       {std::max(needed, std::min(pages / 5, needed + kMostSparePages)), needed}) {
    if (__builtin_wasm_memory_grow(0, more) != static_cast<size_t>(-1)) return true;
  }
  return false;
}

// Called by the C++ library where it is misused, such as a container that is to be larger than
// memory.
[[noreturn]] void abort() { __builtin_trap(); }
}
