// Reads a GPUDevice's limits from options.
#pragma once

#include <array>
#include <string_view>

#include "backend/webgpu/device.h"
#include "capi/options_reader.h"

namespace reprise {

inline constexpr std::array<std::string_view, 3> kWebGpuLimitNames = {
    "maxBufferSize", "maxStorageBufferBindingSize", "maxComputeWorkgroupsPerDimension"};

// All of them must be there. Errors: invalid_argument.
Result<WebGpuLimits> ReadWebGpuLimits(const OptionsReader& reader);

}  // namespace reprise
