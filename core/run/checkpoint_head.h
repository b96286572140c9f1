// HEAD-a.json and HEAD-b.json of a checkpoint store: what a slot's files are, and the state that
// belongs to them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace reprise {

// The text of a HEAD of version 1 (schema/checkpoint.schema.json), indented. parts: {"sequence",
// "state", "files": [{"name", "bytes", "sha256", "chunks"}]} as there. `runtime` is the version of
// the package, `numerics_version` that of its CPU results. Errors: invalid_json; invalid_config
// with path, of which parts' own are those of the HEAD.
Result<std::string> WriteCheckpointHead(std::string_view parts, std::string_view runtime,
                                        int64_t numerics_version);

// Reads a HEAD strictly and gives its own hash. Errors: invalid_json, and hash_mismatch with
// expected and found, where it is torn or damaged; invalid_config with path where it is no HEAD;
// unsupported for a later version.
Result<std::string> CheckCheckpointHead(std::string_view json, std::string_view file);

}  // namespace reprise
