// The error of a number that an argument cannot be.
#pragma once

#include <string_view>

#include "base/status.h"

namespace reprise {

// invalid_argument, "topP must be a number above 0 and at most 1, found 2", with the fields
// argument, expected and found.
std::unexpected<Error> ArgumentOutOfRange(std::string_view argument, std::string_view expected,
                                          double found);

}  // namespace reprise
