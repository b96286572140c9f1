// The calls of reprise.h with which a host lends the context a GPU and plays what is recorded.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "capi/models/context_devices.h"
#include "capi/models/device_limits.h"
#include "capi/options_reader.h"
#include "capi/reprise.h"

using reprise::ContextDevices;
using reprise::Error;
using reprise::ErrorCode;
using reprise::ErrorCodeName;
using reprise::Fail;
using reprise::OptionsReader;
using reprise::Result;
using reprise::WebGpuDevice;
using reprise::WebGpuLimits;

namespace {

// Errors: device_unavailable where the host has opened none.
Result<WebGpuDevice*> FindDevice(reprise_context& context) {
  WebGpuDevice* device = ContextDevices::Of(context).last();
  if (device != nullptr) return device;
  return Fail(ErrorCode::kDeviceUnavailable, "the host has opened no device");
}

// What was taken last, nothing where nothing was.
std::span<const uint32_t> Words(const reprise_context& context) {
  const ContextDevices* devices = ContextDevices::Find(context);
  if (devices == nullptr) return {};
  return devices->commands().words;
}

std::span<const uint8_t> Payload(const reprise_context& context) {
  const ContextDevices* devices = ContextDevices::Find(context);
  if (devices == nullptr) return {};
  return devices->commands().payload;
}

}  // namespace

int32_t reprise_device_open(reprise_context* context, const char* limits, size_t limits_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const auto reader,
                   OptionsReader::Parse({limits, limits_size}, reprise::kWebGpuLimitNames));
    REPRISE_ASSIGN(const WebGpuLimits read, reprise::ReadWebGpuLimits(reader));
    ContextDevices& devices = ContextDevices::Of(*context);
    if (devices.last() != nullptr && devices.last()->status()) {
      return Fail(ErrorCode::kBusy, "the context has a device that works");
    }
    devices.Add(read);
    return 0;
  });
}

int32_t reprise_device_take_commands(reprise_context* context) {
  return ContextDevices::Of(*context).TakeCommands();
}

const uint32_t* reprise_device_commands(const reprise_context* context) {
  return Words(*context).data();
}

const uint8_t* reprise_device_payload(const reprise_context* context) {
  return Payload(*context).data();
}

size_t reprise_device_payload_size(const reprise_context* context) {
  return Payload(*context).size();
}

int32_t reprise_device_answer(reprise_context* context, uint32_t ticket, const uint8_t* bytes,
                              size_t size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(WebGpuDevice * device, FindDevice(*context));
    REPRISE_TRY(device->Answer(ticket, {bytes, size}));
    return 0;
  });
}

int32_t reprise_device_buffer_failed(reprise_context* context, uint32_t buffer, double bytes,
                                     const char* message, size_t message_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(WebGpuDevice * device, FindDevice(*context));
    device->FailBuffer(
        buffer, Error(ErrorCode::kOutOfMemory,
                      "the GPU has no memory for a tensor: " + std::string(message, message_size))
                    .With("needs_bytes", static_cast<int64_t>(bytes)));
    return 0;
  });
}

int32_t reprise_device_failed(reprise_context* context, int32_t code, const char* message,
                              size_t message_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(WebGpuDevice * device, FindDevice(*context));
    if (code < 1 || ErrorCodeName(static_cast<ErrorCode>(code)) == "unknown") {
      return Fail(Error(ErrorCode::kInvalidArgument,
                        "code must be an error code, found " + std::to_string(code))
                      .With("argument", "code")
                      .With("found", int64_t{code}));
    }
    device->Fail(Error(static_cast<ErrorCode>(code), std::string(message, message_size)));
    return 0;
  });
}
