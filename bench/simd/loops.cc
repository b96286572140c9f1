#include "bench/simd/loops.h"

#include "numerics/f32x16.h"

namespace reprise::REPRISE_SIMD_LEVEL {

namespace {

// Sums that depend on nothing but themselves: enough for the latency of a multiplication and an
// addition on pipes of their own, and few enough for the registers.
constexpr int kSums = REPRISE_SIMD_WIDTH == 16 ? 24 : 8;

// Each of `kChains` numbers is multiplied and then added to.
template <int kChains>
float DependentPeak(int64_t count, float unit) {
  NativeF32 chain[kChains];
  for (int c = 0; c < kChains; ++c) chain[c] = static_cast<float>(c) - NativeF32{};
  const NativeF32 factor = 0.999f * unit - NativeF32{}, term = 0.5f * unit - NativeF32{};
  for (int64_t i = 0; i < count; ++i) {
    for (int c = 0; c < kChains; ++c) chain[c] = chain[c] * factor + term;
  }
  NativeF32 sum = chain[0];
  for (int c = 1; c < kChains; ++c) sum += chain[c];
  return sum[0];
}

// Products of their own are added to each sum, as in a matrix product.
float ProductPeak(int64_t count, float unit) {
  NativeF32 sum[kSums] = {}, weight[kSums];
  for (int w = 0; w < kSums; ++w) weight[w] = static_cast<float>(w + 1) * unit - NativeF32{};
  NativeF32 x = unit - NativeF32{};
  const NativeF32 factor = 0.99999994f * unit - NativeF32{};
  for (int64_t i = 0; i < count; ++i) {
    x = x * factor;
    for (int c = 0; c < kSums; ++c) sum[c] += x * weight[c];
  }
  for (int c = 1; c < kSums; ++c) sum[0] += sum[c];
  return sum[0][0];
}

// Four places at once: one alone keeps the memory less busy.
float Sum(const float* values, int64_t count) {
  const int64_t quarter = count / 4;
  f32x16 a = Splat(0), b = a, c = a, d = a;
  for (int64_t i = 0; i < quarter; i += kLanes) {
    a = a + Load(values + i);
    b = b + Load(values + quarter + i);
    c = c + Load(values + 2 * quarter + i);
    d = d + Load(values + 3 * quarter + i);
  }
  return SumLanes((a + b) + (c + d));
}

}  // namespace

extern const bench::Loops kLoops;
const bench::Loops kLoops = {{DependentPeak<8>, DependentPeak<12>, DependentPeak<24>, ProductPeak},
                             {8, 12, 24, kSums},
                             Sum,
                             REPRISE_SIMD_WIDTH};

}  // namespace reprise::REPRISE_SIMD_LEVEL
