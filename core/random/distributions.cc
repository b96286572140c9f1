#include "random/distributions.h"

#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "base/wide_product.h"
#include "numerics/elementary.h"

namespace reprise {
namespace {

uint64_t Bits64(const RandomSource& source, uint64_t index) {
  return uint64_t{source.Bits(2 * index)} << 32 | source.Bits(2 * index + 1);
}

}  // namespace

double UniformF64(const RandomSource& source, uint64_t index) {
  return static_cast<double>(Bits64(source, index) >> 11) * 0x1p-53;
}

uint64_t Below(const RandomSource& source, uint64_t index, uint64_t bound) {
  return MultiplyWide(Bits64(source, index), bound).high;
}

bool Bernoulli(const RandomSource& source, uint64_t index, float p) {
  return source.Uniform(index) < p;
}

float Normal(const RandomSource& source, uint64_t index) {
  constexpr double kTwoPi = 6.283185307179586;
  const double u = (static_cast<double>(source.Bits(2 * index)) + 1) * 0x1p-32;
  const double v = static_cast<double>(source.Bits(2 * index + 1)) * 0x1p-32;
  return static_cast<float>(std::sqrt(-2 * LogF64(u)) * CosF64(kTwoPi * v));
}

std::vector<uint32_t> Permutation(const RandomSource& source, uint32_t count) {
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  for (uint32_t i = count; i-- > 1;) {
    std::swap(order[i], order[static_cast<size_t>(Below(source, i, uint64_t{i} + 1))]);
  }
  return order;
}

Result<RandomStream> RandomStreamNamed(std::string_view name) {
  constexpr std::pair<std::string_view, RandomStream> kStreams[] = {
      {"init", RandomStream::kInit},       {"shuffle", RandomStream::kShuffle},
      {"split", RandomStream::kSplit},     {"sample", RandomStream::kSample},
      {"dropout", RandomStream::kDropout},
  };
  for (const auto& [known, stream] : kStreams) {
    if (name == known) return stream;
  }
  return RefuseArgument("stream", "init, shuffle, split, sample or dropout",
                        "\"" + std::string(name) + "\"");
}

}  // namespace reprise
