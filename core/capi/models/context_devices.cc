#include "capi/models/context_devices.h"

namespace reprise {

ContextDevices& ContextDevices::Of(reprise_context& context) {
  if (context.part == nullptr) context.part = std::make_unique<ContextDevices>();
  return static_cast<ContextDevices&>(*context.part);
}

const ContextDevices* ContextDevices::Find(const reprise_context& context) {
  return static_cast<const ContextDevices*>(context.part.get());
}

void ContextDevices::Add(const WebGpuLimits& limits) {
  devices_.push_back(std::make_unique<WebGpuDevice>(limits));
}

int32_t ContextDevices::TakeCommands() {
  commands_ = last() == nullptr ? WebGpuDevice::CommandList() : last()->TakeCommands();
  return static_cast<int32_t>(commands_.words.size());
}

BackendResources ResourcesOf(reprise_context& context) {
  return {&context.pool, &context.budget, context.simd, ContextDevices::Of(context).last()};
}

}  // namespace reprise
