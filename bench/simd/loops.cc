#include "bench/simd/loops.h"

#include "numerics/f32x16.h"

namespace reprise::REPRISE_SIMD_LEVEL {

namespace {

// Sums that depend on nothing but themselves: enough for the latency of a multiplication and an
// addition on pipes of their own, and few enough for the registers.
constexpr int kChains = REPRISE_SIMD_WIDTH == 16 ? 24 : 12;
constexpr int kSums = REPRISE_SIMD_WIDTH == 16 ? 24 : 8;

// Each chain is multiplied and then added to.
float DependentPeak(int64_t count) {
  NativeF32 chain[kChains];
  for (int c = 0; c < kChains; ++c) chain[c] = static_cast<float>(c) - NativeF32{};
  const NativeF32 factor = 0.999f - NativeF32{}, term = 0.5f - NativeF32{};
  for (int64_t i = 0; i < count; ++i) {
    for (int c = 0; c < kChains; ++c) chain[c] = chain[c] * factor + term;
  }
  NativeF32 sum = chain[0];
  for (int c = 1; c < kChains; ++c) sum += chain[c];
  return sum[0];
}

// Products of their own are added to each sum, as in a matrix product.
float ProductPeak(int64_t count) {
  NativeF32 sum[kSums] = {}, weight[kSums];
  for (int w = 0; w < kSums; ++w) weight[w] = static_cast<float>(w + 1) - NativeF32{};
  NativeF32 x = 1.0f - NativeF32{};
  const NativeF32 factor = 0.99999994f - NativeF32{};
  for (int64_t i = 0; i < count; ++i) {
    x = x * factor;
    for (int c = 0; c < kSums; ++c) sum[c] += x * weight[c];
  }
  for (int c = 1; c < kSums; ++c) sum[0] += sum[c];
  return sum[0][0];
}

float Sum(const float* values, int64_t count) {
  f32x16 a = Splat(0), b = a, c = a, d = a;
  for (int64_t i = 0; i < count; i += 64) {
    a = a + Load(values + i);
    b = b + Load(values + i + 16);
    c = c + Load(values + i + 32);
    d = d + Load(values + i + 48);
  }
  return SumLanes((a + b) + (c + d));
}

}  // namespace

extern const bench::Loops kLoops;
const bench::Loops kLoops = {
    {DependentPeak, ProductPeak},
    {int64_t{2} * kChains * REPRISE_SIMD_WIDTH, int64_t{2} * kSums* REPRISE_SIMD_WIDTH},
    Sum};

}  // namespace reprise::REPRISE_SIMD_LEVEL
