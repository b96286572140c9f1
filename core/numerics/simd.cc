#include "numerics/simd.h"

#include <array>
#include <string>

#include "base/fill_in.h"

namespace reprise {
namespace {

struct Levels {
  std::array<SimdLevel, 3> level{};
  size_t count = 0;
};

Levels Detect() {
  Levels levels;
  const auto add = [&](SimdLevel level) { levels.level[levels.count++] = level; };
#if defined(__wasm__)
  add(SimdLevel::kWasm);
#elif defined(__aarch64__)
  add(SimdLevel::kNeon);
#else
  add(SimdLevel::kSse2);
  if (__builtin_cpu_supports("avx2")) add(SimdLevel::kAvx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    add(SimdLevel::kAvx512);
  }
#endif
  return levels;
}

// Zen 4 (AMD family 19h; Zen 3, of the same family, has no AVX-512) works the halves of a vector of
// 16 one after the other, and loads stand in the way of products: bench/README.md has both levels.
bool HalvesAvx512() {
#if defined(__x86_64__)
  return __builtin_cpu_is("amdfam19h");
#else
  return false;
#endif
}

SimdLevel FastestLevel() {
  const auto available = AvailableSimdLevels();
  const bool skips_widest = available.back() == SimdLevel::kAvx512 && HalvesAvx512();
  return available[available.size() - (skips_widest ? 2 : 1)];
}

}  // namespace

std::string_view SimdLevelName(SimdLevel level) {
  switch (level) {
    case SimdLevel::kSse2:
      return "sse2";
    case SimdLevel::kAvx2:
      return "avx2";
    case SimdLevel::kAvx512:
      return "avx512";
    case SimdLevel::kNeon:
      return "neon";
    case SimdLevel::kWasm:
      return "simd128";
  }
  return "unknown";
}

std::span<const SimdLevel> AvailableSimdLevels() {
  static const Levels levels = Detect();
  return std::span(levels.level).first(levels.count);
}

Result<SimdLevel> ChooseSimdLevel(std::string_view name) {
  const auto available = AvailableSimdLevels();
  if (name.empty()) return FastestLevel();
  std::string names;
  for (SimdLevel level : available) {
    if (SimdLevelName(level) == name) return level;
    names.append(names.empty() ? "" : ", ").append(SimdLevelName(level));
  }
  return Fail(Error(ErrorCode::kDeviceUnavailable,
                    FillIn("SIMD level \"{}\" is not available; there are: {}", {name, names}))
                  .With("expected", names)
                  .With("found", name));
}

}  // namespace reprise
