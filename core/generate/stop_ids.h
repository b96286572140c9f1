// The stop ids of a generation_config.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace reprise {

// Reads eos_token_id: one id, several, or none where it is absent or null. Errors, with file and
// JSON path: invalid_json; invalid_config for anything but ids below vocab_size.
Result<std::optional<std::vector<int64_t>>> ParseStopIds(std::string_view json,
                                                         std::string_view file, int64_t vocab_size);

}  // namespace reprise
