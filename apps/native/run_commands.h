// The commands of reprise_native that record runs, replay them, and check folders and run configs.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "apps/native/arguments.h"
#include "apps/native/core.h"
#include "apps/native/model_folder.h"

namespace reprise::native {

// What commands share.
void PrintLine(const std::string& text);
// As --threads says; REPRISE_SIMD forces a level, and the core refuses one that is absent.
Result<std::unique_ptr<Core>> OpenCore(const Arguments& arguments);

struct GenerationTimings {
  double prefill_ms = 0;
  double decode_ms = 0;
};
// Writes the record of a generation's job to a file. Errors: io.
Status WriteRecordOf(const Core& core, const ModelFolder& folder, int32_t job,
                     const std::string& file, GenerationTimings timings);

// Each takes the words after the command's name, and writes to stdout.
// Whether the replay is identical.
Result<bool> Replay(std::span<const char* const> words);
// Writes manifest.json into the folder.
Status MakeManifest(std::span<const char* const> words);
Status Verify(std::span<const char* const> words);
// `validate FILE` or `hash FILE` of a run config.
Status CheckConfig(std::span<const char* const> words);

}  // namespace reprise::native
