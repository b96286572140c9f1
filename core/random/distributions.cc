#include "random/distributions.h"

#include <algorithm>
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

std::vector<uint32_t> Ascending(uint32_t count) {
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  return order;
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

void DrawPlaces(const RandomSource& source, uint32_t left, uint32_t until,
                std::span<uint32_t> order) {
  for (uint32_t i = left; i-- > until;) {
    std::swap(order[i], order[static_cast<size_t>(Below(source, i, uint64_t{i} + 1))]);
  }
}

std::vector<uint32_t> Permutation(const RandomSource& source, uint32_t count) {
  std::vector<uint32_t> order = Ascending(count);
  DrawPlaces(source, count, 0, order);
  return order;
}

PermutationJob::PermutationJob(const RandomSource& source, uint32_t count)
    : source_(source), order_(Ascending(count)), left_(count) {}

Result<JobState> PermutationJob::Step(int64_t work_units) {
  constexpr int64_t kPlacesOfUnit = 1024;
  const int64_t places = std::min(work_units, int64_t{left_} / kPlacesOfUnit + 1) * kPlacesOfUnit;
  const auto until = static_cast<uint32_t>(std::max(int64_t{left_} - places, int64_t{0}));
  DrawPlaces(source_, left_, until, order_);
  left_ = until;
  return left_ == 0 ? JobState::kDone : JobState::kRunning;
}

JobProgress PermutationJob::progress() const {
  const auto total = static_cast<int64_t>(order_.size());
  return {.done = total - left_, .total = total};
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
