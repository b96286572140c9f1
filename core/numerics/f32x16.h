// The logical vector of 16 floats, as a struct of native vectors of REPRISE_SIMD_WIDTH floats. A
// translation unit that includes this defines REPRISE_SIMD_WIDTH (4, 8 or 16) and is compiled for a
// machine that has such vectors; everything here has internal linkage, so that no linker can take
// one level's copy for another's. For the same reason this file and those that build on it use
// nothing of the standard library that is a function.
//
// Every operation is lane by lane and IEEE exact, so results do not depend on the width.
#pragma once

#include <cstdint>

#ifndef REPRISE_SIMD_WIDTH
#define REPRISE_SIMD_WIDTH 4
#endif

#define REPRISE_INLINE inline __attribute__((always_inline))

namespace reprise {
namespace {

inline constexpr int kLanes = 16;
inline constexpr int kNative = kLanes / REPRISE_SIMD_WIDTH;

typedef float NativeF32 __attribute__((vector_size(REPRISE_SIMD_WIDTH * 4)));
typedef int32_t NativeI32 __attribute__((vector_size(REPRISE_SIMD_WIDTH * 4)));
typedef uint32_t NativeU32 __attribute__((vector_size(REPRISE_SIMD_WIDTH * 4)));
typedef uint16_t NativeU16 __attribute__((vector_size(REPRISE_SIMD_WIDTH * 2)));
typedef float LooseF32 __attribute__((vector_size(REPRISE_SIMD_WIDTH * 4), aligned(4), may_alias));
typedef uint16_t LooseU16
    __attribute__((vector_size(REPRISE_SIMD_WIDTH * 2), aligned(2), may_alias));

// 16 floats, and 16 32-bit integers (also the masks that comparisons give: all ones or zero).
struct f32x16 {
  NativeF32 v[kNative];
};
struct i32x16 {
  NativeI32 v[kNative];
};

#define REPRISE_EACH for (int i = 0; i < kNative; ++i)

REPRISE_INLINE f32x16 Splat(float x) {
  f32x16 r;
  REPRISE_EACH r.v[i] = x - NativeF32{};
  return r;
}
REPRISE_INLINE f32x16 Load(const float* p) {
  f32x16 r;
  REPRISE_EACH r.v[i] = *reinterpret_cast<const LooseF32*>(p + i * REPRISE_SIMD_WIDTH);
  return r;
}
REPRISE_INLINE void Store(float* p, f32x16 a) {
  REPRISE_EACH* reinterpret_cast<LooseF32*>(p + i * REPRISE_SIMD_WIDTH) = a.v[i];
}

#define REPRISE_BINARY(op)                                \
  REPRISE_INLINE f32x16 operator op(f32x16 a, f32x16 b) { \
    REPRISE_EACH a.v[i] = a.v[i] op b.v[i];               \
    return a;                                             \
  }
REPRISE_BINARY(+)
REPRISE_BINARY(-)
REPRISE_BINARY(*)
REPRISE_BINARY(/)
#undef REPRISE_BINARY

#define REPRISE_COMPARE(op)                               \
  REPRISE_INLINE i32x16 operator op(f32x16 a, f32x16 b) { \
    i32x16 r;                                             \
    REPRISE_EACH r.v[i] = (NativeI32)(a.v[i] op b.v[i]);  \
    return r;                                             \
  }
REPRISE_COMPARE(<)
REPRISE_COMPARE(>)
#undef REPRISE_COMPARE

#define REPRISE_INTEGER(op)                               \
  REPRISE_INLINE i32x16 operator op(i32x16 a, i32x16 b) { \
    REPRISE_EACH a.v[i] = a.v[i] op b.v[i];               \
    return a;                                             \
  }
REPRISE_INTEGER(+)
REPRISE_INTEGER(-)
REPRISE_INTEGER(&)
REPRISE_INTEGER(|)
#undef REPRISE_INTEGER

REPRISE_INLINE i32x16 SplatInt(int32_t x) {
  i32x16 r;
  REPRISE_EACH r.v[i] = x - NativeI32{};
  return r;
}
// Shifts by a constant; the right one fills with the sign.
REPRISE_INLINE i32x16 ShiftLeft(i32x16 a, int bits) {
  REPRISE_EACH a.v[i] = (NativeI32)((NativeU32)a.v[i] << bits);
  return a;
}
REPRISE_INLINE i32x16 ShiftRight(i32x16 a, int bits) {
  REPRISE_EACH a.v[i] = a.v[i] >> bits;
  return a;
}
REPRISE_INLINE i32x16 Bits(f32x16 a) {
  i32x16 r;
  REPRISE_EACH r.v[i] = (NativeI32)a.v[i];
  return r;
}
REPRISE_INLINE i32x16 Equal(i32x16 a, i32x16 b) {
  REPRISE_EACH a.v[i] = (NativeI32)(a.v[i] == b.v[i]);
  return a;
}
REPRISE_INLINE f32x16 FromBits(i32x16 a) {
  f32x16 r;
  REPRISE_EACH r.v[i] = (NativeF32)a.v[i];
  return r;
}
// mask ? a : b, lane by lane.
REPRISE_INLINE f32x16 Select(i32x16 mask, f32x16 a, f32x16 b) {
  f32x16 r;
  REPRISE_EACH r.v[i] =
      (NativeF32)((mask.v[i] & (NativeI32)a.v[i]) | (~mask.v[i] & (NativeI32)b.v[i]));
  return r;
}
// The value of an integer of magnitude below 2^22, exactly.
REPRISE_INLINE f32x16 SmallIntToFloat(i32x16 a) {
  // 2^23 + 2^22 as bits, plus the integer, is the float 1.5 * 2^23 plus the integer.
  return FromBits(a + SplatInt(0x4b400000)) - Splat(12582912.0f);
}

// 16 elements of a weight, widened exactly. A NaN stays a NaN.
REPRISE_INLINE f32x16 LoadBf16(const uint16_t* p) {
  f32x16 r;
  REPRISE_EACH {
    const auto half = (NativeU16) * reinterpret_cast<const LooseU16*>(p + i * REPRISE_SIMD_WIDTH);
    r.v[i] = (NativeF32)(__builtin_convertvector(half, NativeU32) << 16);
  }
  return r;
}
REPRISE_INLINE f32x16 LoadF16(const uint16_t* p) {
  f32x16 r;
  REPRISE_EACH {
    const NativeU32 half = __builtin_convertvector(
        (NativeU16) * reinterpret_cast<const LooseU16*>(p + i * REPRISE_SIMD_WIDTH), NativeU32);
    const NativeU32 magnitude = (half & 0x7fff) << 13;
    // The exponent's bias differs by 112; the product is exact for subnormals as well.
    const NativeU32 finite = (NativeU32)((NativeF32)magnitude * 0x1p112f);
    const NativeU32 special = (NativeU32)((half & 0x7c00) == 0x7c00);
    const NativeU32 bits = (special & (magnitude | 0x7f800000)) | (~special & finite);
    r.v[i] = (NativeF32)(bits | ((half & 0x8000) << 16));
  }
  return r;
}

// The sum and the largest of the 16 lanes, by the fixed tree: lane i with lane i + 8, then with
// i + 4, i + 2 and i + 1. The largest of lanes with a NaN is unspecified but the same everywhere.
REPRISE_INLINE float SumLanes(f32x16 a) {
  float lane[kLanes];
  Store(lane, a);
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int l = 0; l < half; ++l) lane[l] = lane[l] + lane[l + half];
  }
  return lane[0];
}
REPRISE_INLINE float MaxLanes(f32x16 a) {
  float lane[kLanes];
  Store(lane, a);
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int l = 0; l < half; ++l) lane[l] = lane[l + half] > lane[l] ? lane[l + half] : lane[l];
  }
  return lane[0];
}
REPRISE_INLINE f32x16 Max(f32x16 a, f32x16 b) { return Select(b > a, b, a); }

// The first `count` of 16 elements, `rest` in the lanes behind them.
REPRISE_INLINE f32x16 LoadPartial(const float* p, int count, float rest) {
  float lane[kLanes];
  for (int l = 0; l < kLanes; ++l) lane[l] = l < count ? p[l] : rest;
  return Load(lane);
}
REPRISE_INLINE void StorePartial(float* p, int count, f32x16 a) {
  float lane[kLanes];
  Store(lane, a);
  for (int l = 0; l < count; ++l) p[l] = lane[l];
}

#undef REPRISE_EACH

}  // namespace
}  // namespace reprise
