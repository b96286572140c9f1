// The options of a generation as the C interface takes them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "generate/generate_job.h"

namespace reprise {

// The options of reprise_generate (reprise.h). Errors: invalid_argument, invalid_json.
Result<GenerateOptions> ReadGenerateOptions(std::string_view json,
                                            const std::vector<int64_t>& default_stop_ids);

}  // namespace reprise
