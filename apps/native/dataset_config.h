// The dataset of a run config, as the commands of reprise_native read it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apps/native/core.h"

namespace reprise::native {

struct DatasetConfig {
  std::string path;     // of its one file
  std::string format;   // "" where the file's name says it
  std::string members;  // options of the C interface on how rows are found, each after a comma
  std::string schema;   // "" where it is to be inferred
  std::optional<bool> has_header;
  // Of reprise_dataset_split: names with ratios or counts, each after a comma; "" where none are
  // said.
  std::string shares;
  std::string method = "shuffle";
  std::optional<int64_t> seed;  // of the split, else of the schema, else of the config
};

// Errors: those of reading files and of run configs; invalid_config where it has no dataset;
// unsupported, with the path, for what only the package reads: several files, compression, columns,
// what becomes of bad rows, and splits by a field.
Result<DatasetConfig> ReadDatasetConfig(const Core& core, const std::string& file);

}  // namespace reprise::native
