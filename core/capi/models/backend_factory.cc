#include "capi/models/backend_factory.h"

#include <string>

#include "backend/cpu/cpu_kernels.h"
#include "backend/reference/reference_kernels.h"
#include "backend/webgpu/webgpu_backend.h"

namespace reprise {

Result<std::unique_ptr<Backend>> MakeBackend(std::string_view name,
                                             const BackendResources& resources) {
  const auto on_host = [&](const KernelTable& kernels) {
    return std::make_unique<HostBackend>(&kernels, resources.pool, resources.budget);
  };
  if (name == "cpu") return on_host(CpuKernels(resources.simd));
  if (name == "reference") return on_host(ReferenceKernels());
  if (name == "webgpu") {
    if (resources.device != nullptr) return std::make_unique<WebGpuBackend>(resources.device);
    return Fail(Error(ErrorCode::kDeviceUnavailable, "backend: the host has opened no device")
                    .With("argument", "backend"));
  }
  return Fail(Error(ErrorCode::kInvalidArgument,
                    "backend must be cpu, reference or webgpu, found \"" + std::string(name) + "\"")
                  .With("argument", "backend")
                  .With("expected", "cpu, reference or webgpu")
                  .With("found", name));
}

}  // namespace reprise
