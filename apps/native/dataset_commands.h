// The commands of reprise_native that read datasets.
#pragma once

#include <span>

#include "base/status.h"

namespace reprise::native {

// `inspect` or `split`, and a file or the --config that names one: writes the rows, the fields and
// the hash, or the hash of each part, as JSON to stdout.
Status Dataset(std::span<const char* const> words);

}  // namespace reprise::native
