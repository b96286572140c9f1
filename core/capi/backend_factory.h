// Makes the backend that a model asks for by name.
#pragma once

#include <memory>
#include <string_view>

#include "backend/host/host_backend.h"
#include "numerics/simd.h"

namespace reprise {

// What the backends of one context share; outlives them.
struct BackendResources {
  ThreadPool* pool = nullptr;
  MemoryBudget* budget = nullptr;
  SimdLevel simd = {};
};

// name: "cpu" or "reference". Errors: invalid_argument for another name.
Result<std::unique_ptr<Backend>> MakeBackend(std::string_view name,
                                             const BackendResources& resources);

}  // namespace reprise
