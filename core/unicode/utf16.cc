#include "unicode/utf16.h"

#include <bit>

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

namespace reprise {
namespace {

constexpr size_t kBlock = 16;

// Writes the low bytes of 16 units; which of them are not of ASCII, the first one lowest.
uint32_t WriteLowBytes(const uint16_t* units, char* bytes) {
#if defined(__wasm_simd128__)
  const v128_t limit = wasm_i16x8_const_splat(0xFF);
  const v128_t low = wasm_u16x8_min(wasm_v128_load(units), limit);
  const v128_t high = wasm_u16x8_min(wasm_v128_load(units + kBlock / 2), limit);
  const v128_t narrow = wasm_u8x16_narrow_i16x8(low, high);
  wasm_v128_store(bytes, narrow);
  return wasm_i8x16_bitmask(narrow);
#else
  uint32_t beyond = 0;
  for (size_t i = 0; i < kBlock; ++i) beyond |= uint32_t{units[i] >= 0x80} << i;
  // As many as count: the others may be written over units that are still to be read.
  for (size_t i = 0; i < kBlock && (beyond >> i & 1) == 0; ++i) {
    bytes[i] = static_cast<char>(units[i]);
  }
  return beyond;
#endif
}

// Writes a code point beyond ASCII; the end of its bytes.
char* WriteBeyondAscii(char32_t c, char* out) {
  const auto put = [&](char32_t byte) { *out++ = static_cast<char>(byte); };
  if (c < 0x800) {
    put(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xE0 | c >> 12);
    } else {
      put(0xF0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3F));
    }
    put(0x80 | (c >> 6 & 0x3F));
  }
  put(0x80 | (c & 0x3F));
  return out;
}

}  // namespace

size_t WriteUtf8OfUtf16(const uint16_t* units, size_t count, char* utf8) {
  char* out = utf8;
  for (size_t at = 0; at < count;) {
    if (kBlock <= count - at) {
      const uint32_t beyond = WriteLowBytes(units + at, out);
      // A branch, so that the next block need not wait for the count.
      if (beyond == 0) {
        out += kBlock;
        at += kBlock;
        continue;
      }
      out += std::countr_zero(beyond);
      at += static_cast<size_t>(std::countr_zero(beyond));
    } else if (units[at] < 0x80) {
      *out++ = static_cast<char>(units[at++]);
      continue;
    }
    // What is not of ASCII seldom stands alone.
    do {
      char32_t c = units[at++];
      if ((c & 0xF800) == 0xD800) {
        const char32_t low = at < count ? units[at] : 0;
        const bool is_pair = c < 0xDC00 && (low & 0xFC00) == 0xDC00;
        c = is_pair ? 0x10000 + ((c & 0x3FF) << 10 | (low & 0x3FF)) : 0xFFFD;
        at += is_pair;
      }
      out = WriteBeyondAscii(c, out);
    } while (at < count && units[at] >= 0x80);
  }
  return static_cast<size_t>(out - utf8);
}

}  // namespace reprise
