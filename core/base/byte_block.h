// Looks at 64 bytes at once: where a byte stands among them, as bits. The way of simdjson
// (Langdale, Lemire: Parsing gigabytes of JSON per second, VLDB Journal 28, 2019) to find what
// structures a text.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

namespace reprise {

inline constexpr size_t kBlockBytes = 64;

// 64 bytes, the first of which is bit 0 of a mask.
class ByteBlock {
 public:
  // Reads 64 bytes.
  explicit ByteBlock(const uint8_t* bytes) {
    for (size_t i = 0; i < 4; ++i) parts_[i] = Load(bytes + 16 * i);
  }
  // Reads `size` < 64 bytes; the others are `filler`.
  ByteBlock(const uint8_t* bytes, size_t size, uint8_t filler) {
    uint8_t block[kBlockBytes];
    std::memset(block, filler, kBlockBytes);
    if (size > 0) std::memcpy(block, bytes, size);
    *this = ByteBlock(block);
  }

  // Writes the 64 bytes.
  void Store(uint8_t* bytes) const { std::memcpy(bytes, parts_, kBlockBytes); }

  uint64_t Equal(uint8_t byte) const {
    const Part wanted = Splat(byte);
    return Join([&](const Part& part) { return EqualPart(part, wanted); });
  }
  // Bytes of code points beyond ASCII.
  uint64_t NotAscii() const {
    return Join([](const Part& part) { return HighBits(part); });
  }
  // Bytes from `first` to `last`, which are of ASCII.
  uint64_t Between(uint8_t first, uint8_t last) const {
    return Join([&](const Part& part) { return BetweenPart(part, first, last); });
  }
  // The letters of ASCII.
  uint64_t Letters() const {
    const Part to_lower = Splat(0x20);
    return Join([&](const Part& part) { return BetweenPart(Or(part, to_lower), 'a', 'z'); });
  }
  // Bytes below 0x20, and none of those beyond ASCII.
  uint64_t Control() const {
    const Part limit = Splat(0xE0);
    const Part zero = Splat(0);
    return Join([&](const Part& part) { return EqualPart(And(part, limit), zero); });
  }

 private:
#if defined(__SSE2__)
  using Part = __m128i;
  static Part Load(const uint8_t* at) { return _mm_loadu_si128(reinterpret_cast<const Part*>(at)); }
  static Part Splat(uint8_t byte) { return _mm_set1_epi8(static_cast<char>(byte)); }
  static Part And(const Part& a, const Part& b) { return _mm_and_si128(a, b); }
  static Part Or(const Part& a, const Part& b) { return _mm_or_si128(a, b); }
  static Part Add(const Part& a, const Part& b) { return _mm_add_epi8(a, b); }
  static Part IsMore(const Part& a, const Part& b) { return _mm_cmpgt_epi8(a, b); }
  static uint64_t HighBits(const Part& a) { return static_cast<uint16_t>(_mm_movemask_epi8(a)); }
  static uint64_t EqualPart(const Part& a, const Part& b) { return HighBits(_mm_cmpeq_epi8(a, b)); }
#elif defined(__wasm_simd128__)
  using Part = v128_t;
  static Part Load(const uint8_t* at) { return wasm_v128_load(at); }
  static Part Splat(uint8_t byte) { return wasm_i8x16_splat(static_cast<int8_t>(byte)); }
  static Part And(const Part& a, const Part& b) { return wasm_v128_and(a, b); }
  static Part Or(const Part& a, const Part& b) { return wasm_v128_or(a, b); }
  static Part Add(const Part& a, const Part& b) { return wasm_i8x16_add(a, b); }
  static Part IsMore(const Part& a, const Part& b) { return wasm_i8x16_gt(a, b); }
  static uint64_t HighBits(const Part& a) { return static_cast<uint16_t>(wasm_i8x16_bitmask(a)); }
  static uint64_t EqualPart(const Part& a, const Part& b) { return HighBits(wasm_i8x16_eq(a, b)); }
#else
  // Eight bytes a word. Requires a little-endian machine, as everything here does.
  struct Part {
    uint64_t low, high;
  };
  static Part Load(const uint8_t* at) {
    Part part;
    std::memcpy(&part, at, sizeof(part));
    return part;
  }
  static constexpr uint64_t kOnes = 0x0101010101010101, kLow = 0x7F7F7F7F7F7F7F7F;
  static Part Splat(uint8_t byte) { return {kOnes * byte, kOnes * byte}; }
  static Part And(const Part& a, const Part& b) { return {a.low & b.low, a.high & b.high}; }
  static Part Or(const Part& a, const Part& b) { return {a.low | b.low, a.high | b.high}; }
  // The highest bit of each byte, brought together by a product.
  static uint64_t Gather(uint64_t word) { return ((word >> 7 & kOnes) * 0x0102040810204080) >> 56; }
  static uint64_t HighBits(const Part& a) { return Gather(a.low) | Gather(a.high) << 8; }
  static uint64_t ZeroBytes(uint64_t word) { return ~(((word & kLow) + kLow) | word | kLow); }
  static uint64_t EqualPart(const Part& a, const Part& b) {
    return HighBits({ZeroBytes(a.low ^ b.low), ZeroBytes(a.high ^ b.high)});
  }
  static uint64_t BetweenPart(const Part& a, uint8_t first, uint8_t last) {
    // A byte's highest bit says whether it is at least the first; no sum carries into the next
    // byte.
    const auto between = [&](uint64_t word) {
      const uint64_t low = word & kLow;
      return (low + kOnes * (0x80 - first)) & ~(low + kOnes * (0x7F - last)) & ~word;
    };
    return HighBits({between(a.low), between(a.high)});
  }
#endif
#if defined(__SSE2__) || defined(__wasm_simd128__)
  // Moved to where the last is the highest signed number; bytes beyond ASCII come below the first.
  static uint64_t BetweenPart(const Part& a, uint8_t first, uint8_t last) {
    const auto below = static_cast<uint8_t>(0x7F - (last - first) - 1);
    return HighBits(IsMore(Add(a, Splat(static_cast<uint8_t>(0x7F - last))), Splat(below)));
  }
#endif

  template <typename Test>
  uint64_t Join(Test test) const {
    uint64_t mask = 0;
    for (size_t i = 0; i < 4; ++i) mask |= test(parts_[i]) << 16 * i;
    return mask;
  }

  Part parts_[4];
};

// Copies the bytes before the first `stop`, or all; how many there are. Up to kBlockBytes behind
// them are written too, which `to` must have.
inline size_t CopyBefore(uint8_t stop, const uint8_t* from, size_t size, uint8_t* to) {
  for (size_t at = 0; at < size; at += kBlockBytes) {
    const size_t left = size - at;
    // No byte behind the end is a stop.
    const ByteBlock block = left >= kBlockBytes
                                ? ByteBlock(from + at)
                                : ByteBlock(from + at, left, static_cast<uint8_t>(~stop));
    block.Store(to + at);
    if (const uint64_t found = block.Equal(stop); found != 0) {
      return at + static_cast<size_t>(std::countr_zero(found));
    }
  }
  return size;
}

}  // namespace reprise
