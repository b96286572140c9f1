#include "numerics/elementary.h"

#include <bit>
#include <cstdint>

namespace reprise {
namespace {

float FirstLane(f32x16 a) {
  float lane[kLanes];
  Store(lane, a);
  return lane[0];
}

// x = k pi/2 + r with |r| <= pi/4, for k below 2^27: pi/2 in three parts (Cody and Waite), the
// first two of 26 bits or fewer, so that their products with k are exact.
double ReduceByHalfPi(double x, int64_t* k) {
  constexpr double kMagic = 0x1.8p52;  // adding it rounds to an integer
  const double n = (x * 0x1.45f306dc9c883p-1 + kMagic) - kMagic;
  *k = static_cast<int64_t>(n);
  const double r = (x - n * 0x1.921fb50000000p+0) - n * 0x1.110b460000000p-26;
  return r - n * 0x1.1a62633145c07p-54;
}

// Taylor series on |r| <= pi/4: the first term left out is below 1e-18.
double SinReduced(double r) {
  const double z = r * r;
  double p = 0;
  for (int n = 19; n >= 3; n -= 2) p = (1.0 - p) * z / (n * (n - 1));
  return r - r * p;
}
double CosReduced(double r) {
  const double z = r * r;
  double p = 0;
  for (int n = 20; n >= 2; n -= 2) p = (1.0 - p) * z / (n * (n - 1));
  return 1.0 - p;
}

}  // namespace

float ExpF32(float x) { return FirstLane(Exp(Splat(x))); }
float TanhF32(float x) { return FirstLane(Tanh(Splat(x))); }
float LogF32(float x) { return FirstLane(Log(Splat(x))); }

double ExpF64(double x) {
  constexpr double kMagic = 0x1.8p52;
  const double n = (x * 0x1.71547652b82fep0 + kMagic) - kMagic;
  const double r = (x - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33;
  double p = 0;  // e^r - 1 by its Taylor series to r^14, nested
  for (int k = 14; k >= 1; --k) p = (1.0 + p) * r / k;
  const auto exponent = static_cast<uint64_t>(static_cast<int64_t>(n) + 1023);
  return (1.0 + p) * std::bit_cast<double>(exponent << 52);
}

double LogF64(double x) {
  const auto bits = std::bit_cast<uint64_t>(x) - 0x3fe6a09e667f3bcd;  // those of sqrt(1/2)
  const auto e = static_cast<double>(static_cast<int64_t>(bits) >> 52);
  const double m = std::bit_cast<double>((bits & 0x000fffffffffffff) + 0x3fe6a09e667f3bcd);
  const double s = (m - 1.0) / (m + 1.0), z = s * s;
  double p = 0;  // artanh(s) / s by its series to s^22
  for (int n = 23; n >= 3; n -= 2) p = (1.0 / n + p) * z;
  return e * 0x1.62e42fee00000p-1 + (2.0 * s + (2.0 * s * p + e * 0x1.a39ef35793c76p-33));
}

double SinF64(double x) {
  int64_t k;
  const double r = ReduceByHalfPi(x, &k);
  const double value = k & 1 ? CosReduced(r) : SinReduced(r);
  return k & 2 ? -value : value;
}

double CosF64(double x) {
  int64_t k;
  const double r = ReduceByHalfPi(x, &k);
  const double value = k & 1 ? SinReduced(r) : CosReduced(r);
  return (k + 1) & 2 ? -value : value;
}

}  // namespace reprise
