// Elementary functions whose bits are the same on every target: plus, minus, times, divide and
// integer operations only. The f32 ones work on f32x16; errors were measured over every float of
// the range by elementary_test.cc. The f64 ones serve tables that are computed once.
#pragma once

#include "numerics/f32x16.h"

namespace reprise {
namespace {

// e^r - 1 for |r| <= ln(2)/2, by the Taylor series to r^7: the next term, r^8/8!, is below 5.2e-9
// of e^r, a twelfth of an ULP.
REPRISE_INLINE f32x16 ExpMinusOneReduced(f32x16 r) {
  f32x16 p = Splat(1.0f / 5040);
  p = p * r + Splat(1.0f / 720);
  p = p * r + Splat(1.0f / 120);
  p = p * r + Splat(1.0f / 24);
  p = p * r + Splat(1.0f / 6);
  p = p * r + Splat(0.5f);
  return p * r * r + r;
}

// Splits x = n ln(2) + r with |r| <= ln(2)/2 (a little more by rounding), for |x| < 200. ln(2) in
// two parts (Cody and Waite 1980): the first has 9 trailing zero bits, so n times it is exact.
REPRISE_INLINE i32x16 ReduceByLn2(f32x16 x, f32x16* r) {
  const f32x16 magic = Splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
  const f32x16 shifted = x * Splat(1.44269504f) + magic;
  const f32x16 n = shifted - magic;
  *r = (x - n * Splat(0.693145752f)) - n * Splat(1.42860677e-6f);
  return Bits(shifted) - SplatInt(0x4b400000);
}

// 2^n for -126 <= n <= 127.
REPRISE_INLINE f32x16 PowerOfTwo(i32x16 n) { return FromBits(ShiftLeft(n + SplatInt(127), 23)); }

// e^x: within 1.01 ULP, and 1.1 where the result is subnormal; inf above 88.72284, 0 below -103.97;
// e^NaN is NaN.
REPRISE_INLINE f32x16 Exp(f32x16 x) {
  const f32x16 high = Splat(89.0f), low = Splat(-104.0f);
  f32x16 clamped = Select(x > high, high, x);
  clamped = Select(clamped < low, low, clamped);
  f32x16 r;
  const i32x16 n = ReduceByLn2(clamped, &r);
  const f32x16 e = ExpMinusOneReduced(r) + Splat(1.0f);
  // Two factors, since 2^n alone may be no normal float.
  const i32x16 half = ShiftRight(n, 1);
  return e * PowerOfTwo(half) * PowerOfTwo(n - half);
}

// tanh(x) = E / (E + 2) with E = e^(2x) - 1: within 2.5 ULP; tanh(-x) = -tanh(x); NaN stays NaN.
REPRISE_INLINE f32x16 Tanh(f32x16 x) {
  const i32x16 sign = Bits(x) & SplatInt(INT32_MIN);
  const f32x16 magnitude = FromBits(Bits(x) & SplatInt(0x7fffffff));
  const f32x16 high = Splat(10.0f);  // 1 - tanh(10) is below half an ULP of 1
  const f32x16 clamped = Select(magnitude > high, high, magnitude);
  f32x16 r;
  const f32x16 scale = PowerOfTwo(ReduceByLn2(clamped + clamped, &r));
  const f32x16 e = ExpMinusOneReduced(r) * scale + (scale - Splat(1.0f));
  return FromBits(Bits(e / (e + Splat(2.0f))) | sign);
}

// ln(x): within 1.5 ULP for finite x > 0, subnormals included. ln(0) is -inf, ln(inf) is inf; of a
// negative number or NaN it is NaN. x = 2^e m with m in [sqrt(1/2), sqrt(2)); ln(m) = 2 artanh(s),
// s = (m - 1) / (m + 1), by the series to s^11: the next term is below 1e-10 of the sum.
REPRISE_INLINE f32x16 Log(f32x16 x) {
  const i32x16 is_small = x < Splat(0x1p-126f);
  const f32x16 scaled = Select(is_small, x * Splat(0x1p23f), x);
  // Subtracting the bits of sqrt(1/2) makes the exponent field count from there.
  const i32x16 offset = Bits(scaled) - SplatInt(0x3f3504f3);
  const i32x16 exponent = ShiftRight(offset, 23);
  const f32x16 m = FromBits((offset & SplatInt(0x007fffff)) + SplatInt(0x3f3504f3));
  const f32x16 e = SmallIntToFloat(exponent) - Select(is_small, Splat(23.0f), Splat(0.0f));
  const f32x16 f = m - Splat(1.0f);
  const f32x16 s = f / (m + Splat(1.0f));
  const f32x16 z = s * s;
  f32x16 p = Splat(1.0f / 11);
  p = p * z + Splat(1.0f / 9);
  p = p * z + Splat(1.0f / 7);
  p = p * z + Splat(1.0f / 5);
  p = p * z + Splat(1.0f / 3);
  // 2 artanh(s) = f - (f^2/2 - s (f^2/2 + 2 z p)), which keeps f, exact, apart from the rest.
  const f32x16 h = f * f * Splat(0.5f);
  const f32x16 tail = h - s * (h + (z + z) * p);
  f32x16 r = e * Splat(0.693145752f) + (f - (tail - e * Splat(1.42860677e-6f)));
  const f32x16 infinity = FromBits(SplatInt(0x7f800000));
  r = Select(x > Splat(3.40282347e38f), infinity, r);
  r = Select(x > Splat(0.0f), r, FromBits(SplatInt(0x7fc00000)));
  const i32x16 is_zero = Equal(Bits(x) & SplatInt(0x7fffffff), SplatInt(0));
  const f32x16 minus_infinity = FromBits(SplatInt(static_cast<int32_t>(0xff800000)));
  return Select(is_zero, minus_infinity, r);
}

}  // namespace

// The f32 functions for one number; the same bits.
float ExpF32(float x);
float TanhF32(float x);
float LogF32(float x);

// f64, each within 2 ULP (1e-15 of the result for Sin and Cos near their zeros).
double ExpF64(double x);  // |x| <= 700
double LogF64(double x);  // finite x > 0, normal
double SinF64(double x);  // |x| <= 2^27
double CosF64(double x);  // |x| <= 2^27

}  // namespace reprise
