// Which SIMD levels this build has and which one this process uses.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/status.h"

namespace reprise {

// One way to run the logical 16-lane vector: native vectors of `lanes` floats.
enum class SimdLevel : uint8_t { kSse2 = 1, kAvx2 = 2, kAvx512 = 3, kNeon = 4, kWasm = 5 };

// "sse2", "avx2", "avx512", "neon" or "simd128", as REPRISE_SIMD writes it.
std::string_view SimdLevelName(SimdLevel level);

// The levels that this build has and this machine can run, narrowest first; never empty.
std::span<const SimdLevel> AvailableSimdLevels();

// The level of that name, or for "" the fastest one: the widest, but AVX2 where AVX-512 is slower.
// Errors: device_unavailable where the name is unknown, or this build or machine lacks the level.
Result<SimdLevel> ChooseSimdLevel(std::string_view name);

}  // namespace reprise
