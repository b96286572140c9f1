// The devices that a host lends a context, and what its models compute with.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "backend/webgpu/device.h"
#include "capi/context.h"
#include "capi/models/backend_factory.h"

namespace reprise {

class ContextDevices final : public ContextPart {
 public:
  // Those of a context, made where there are none yet.
  static ContextDevices& Of(reprise_context& context);
  // Null where there are none yet.
  static const ContextDevices* Find(const reprise_context& context);

  // The device lent last, or null.
  WebGpuDevice* last() { return devices_.empty() ? nullptr : devices_.back().get(); }
  void Add(const WebGpuLimits& limits);
  // Takes what the device is to do; the number of words.
  int32_t TakeCommands();
  const WebGpuDevice::CommandList& commands() const { return commands_; }

 private:
  // Those that failed stay: their models may still be there.
  std::vector<std::unique_ptr<WebGpuDevice>> devices_;
  WebGpuDevice::CommandList commands_;
};

BackendResources ResourcesOf(reprise_context& context);

}  // namespace reprise
