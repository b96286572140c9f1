// The JSON Schemas of schema/ as texts, without what is there for readers.
#pragma once

#include <string_view>

namespace reprise {

extern const std::string_view kCheckpointSchema;
extern const std::string_view kManifestSchema;
extern const std::string_view kRecordSchema;
extern const std::string_view kRunConfigSchema;

}  // namespace reprise
