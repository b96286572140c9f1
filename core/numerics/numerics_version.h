// The number that stands in every record for the bits of the CPU's results.
#pragma once

#include <cstdint>

namespace reprise {

// Goes up whenever any bit of a CPU result changes.
inline constexpr int32_t kNumericsVersion = 1;

}  // namespace reprise
