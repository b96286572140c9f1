// Makes the backend that a model asks for by name.
#pragma once

#include <memory>
#include <string_view>

#include "backend/host/host_backend.h"
#include "backend/webgpu/device.h"
#include "numerics/simd.h"

namespace reprise {

// What the backends of one context share; outlives them.
struct BackendResources {
  ThreadPool* pool = nullptr;
  MemoryBudget* budget = nullptr;
  SimdLevel simd = {};
  WebGpuDevice* device = nullptr;  // where the host has opened one
};

// name: "cpu", "reference" or "webgpu". Errors: invalid_argument for another name,
// device_unavailable for "webgpu" without a device.
Result<std::unique_ptr<Backend>> MakeBackend(std::string_view name,
                                             const BackendResources& resources);

}  // namespace reprise
