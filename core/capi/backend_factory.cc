#include "capi/backend_factory.h"

#include <string>

#include "backend/reference/reference_kernels.h"

namespace reprise {

Result<std::unique_ptr<Backend>> MakeBackend(std::string_view name,
                                             const BackendResources& resources) {
  const KernelTable* kernels = nullptr;
  if (name == "reference") kernels = &ReferenceKernels();
  if (kernels == nullptr) {
    return Fail(Error(ErrorCode::kInvalidArgument,
                      "backend must be \"reference\", found \"" + std::string(name) + "\"")
                    .With("argument", "backend")
                    .With("expected", "reference")
                    .With("found", name));
  }
  return std::make_unique<HostBackend>(kernels, resources.pool, resources.budget);
}

}  // namespace reprise
