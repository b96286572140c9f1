// The error of a number that an argument cannot be.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"

namespace reprise {

// The largest integer that every reader of JSON has exactly, so that a record can hold it.
inline constexpr int64_t kMaxExactInteger = (int64_t{1} << 53) - 1;

// invalid_argument, "topP must be a number above 0 and at most 1, found 2", with the fields
// argument, expected and found.
Failure ArgumentOutOfRange(std::string_view argument, std::string_view expected, double found);

}  // namespace reprise
