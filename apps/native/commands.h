// The commands of reprise_native.
#pragma once

#include <span>
#include <string_view>

#include "base/status.h"

namespace reprise::native {

// Each takes the words after the command's name, and writes to stdout.
// The context's info as JSON: version, SIMD levels, memory.
Status Capabilities(std::span<const char* const> words);
Status Generate(std::span<const char* const> words);
Status Score(std::span<const char* const> words);
Status Tokenize(std::span<const char* const> words);

}  // namespace reprise::native
