// The dataset of a run config: what the published schema cannot say of it.
#pragma once

#include <string_view>

#include "base/json_reader.h"
#include "base/status.h"

namespace reprise {

// Holds a dataset, which fits schema/run_config.schema.json, against what the core reads and
// splits: that its format, as given or as the files' names tell it, has the options on how rows are
// found; the names, categories and shares of its schema; that fields it names are in the schema,
// where there is one, and kept by its columns; and what its split asks for, as far as that is
// wrong whatever the rows are.
//
// Errors: invalid_config with file, path, expected and found.
Status CheckDatasetSection(const JsonValue& dataset, std::string_view file);

}  // namespace reprise
