// reprise.json: what a run is to be made of, by hand. It only says whether one is right and what
// its hash is; hosts read its members.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace reprise {

// Holds the text of a config against schema/run_config.schema.json, model.config against what
// config.json may hold, and dataset against what can be read and split. The value is its hash:
// SHA-256 of its RFC 8785 form as it stands, without the defaults of what it leaves out, so that
// anybody can compute it.
//
// Errors, each with file and, but for the first, path: invalid_json; invalid_config; unsupported
// for a later version, also of a dataset's schema, for training, which no version has yet, and for
// a model that does not run.
Result<std::string> CheckRunConfig(std::string_view json, std::string_view file);

}  // namespace reprise
