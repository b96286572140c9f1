// What the machine can do at best: arithmetic in registers and reading from memory.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/thread_pool.h"
#include "bench/bench.h"
#include "bench/simd/loops.h"

namespace reprise {

#if defined(__wasm__)
namespace simd128 {
extern const bench::Loops kLoops;
}
#elif defined(__aarch64__)
namespace neon {
extern const bench::Loops kLoops;
}
#else
namespace sse2 {
extern const bench::Loops kLoops;
}
namespace avx2 {
extern const bench::Loops kLoops;
}
namespace avx512 {
extern const bench::Loops kLoops;
}
#endif

namespace bench {
namespace {

const Loops& LoopsOf([[maybe_unused]] SimdLevel level) {
#if defined(__wasm__)
  return simd128::kLoops;
#elif defined(__aarch64__)
  return neon::kLoops;
#else
  return level == SimdLevel::kAvx512 ? avx512::kLoops
         : level == SimdLevel::kAvx2 ? avx2::kLoops
                                     : sse2::kLoops;
#endif
}

}  // namespace

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Require(file.good(), ("a file can be read: " + path).c_str());
  return {std::istreambuf_iterator<char>(file), {}};
}

void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "reprise_bench: %s\n", what);
  std::exit(1);
}

void Report(const std::string& name, const Options& options,
            const std::vector<std::pair<std::string, double>>& numbers) {
  std::printf(R"({"bench": "%s", "simd": "%s", "threads": %d, "dtype": "%s")", name.c_str(),
              std::string(SimdLevelName(options.level)).c_str(), options.threads,
              std::string(DTypeName(options.dtype)).c_str());
  for (const auto& [key, value] : numbers) std::printf(R"(, "%s": %.4g)", key.c_str(), value);
  std::printf("}\n");
  std::fflush(stdout);
}

double StrictPeak(SimdLevel level) {
  const Loops& loops = LoopsOf(level);
  constexpr int64_t kSums = 10'000'000;
  double best = 0;
  for (int way = 0; way < Loops::kPeaks; ++way) {
    float result = 0;
    const int64_t count = kSums / loops.peak_sums[way];
    const double seconds = Time([&] { result = loops.peak[way](count, 1.0f); });
    Require(result > 0, "the peak loops' sums are positive");
    best = std::max(
        best, 2.0 * static_cast<double>(count * loops.peak_sums[way] * loops.width) / seconds);
  }
  return best;
}

MemoryReader::MemoryReader(SimdLevel level, int64_t bytes)
    : level_(level), memory_(static_cast<size_t>(bytes / 256 * 64), 1.0f) {}

double MemoryReader::BytesPerSecond(int threads) {
  constexpr int64_t kPiece = 65536;  // 64 floats each: 16 MiB
  struct Context {
    const Loops* loops;
    const float* memory;
    float sum[64];
  } context{&LoopsOf(level_), memory_.data(), {}};
  ThreadPool pool(threads);
  const auto pieces = static_cast<int64_t>(memory_.size() / 64);
  const double seconds = Time([&] {
    pool.Run(
        0, pieces, kPiece,
        [](void* pointer, int64_t begin, int64_t end, int worker) {
          auto& c = *static_cast<Context*>(pointer);
          c.sum[worker] += c.loops->sum(c.memory + begin * 64, (end - begin) * 64);
        },
        &context);
  });
  double sum = 0;
  for (float s : context.sum) sum += s;
  Require(sum == static_cast<double>(memory_.size()), "the sum of ones is their number");
  return static_cast<double>(memory_.size()) * 4 / seconds;
}

}  // namespace bench
}  // namespace reprise
