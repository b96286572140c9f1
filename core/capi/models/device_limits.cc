#include "capi/models/device_limits.h"

#include "base/argument_error.h"

namespace reprise {
namespace {

Result<int64_t> ReadLimit(const OptionsReader& reader, std::string_view name) {
  REPRISE_ASSIGN(const auto found, reader.Integer(name));
  if (!found) return OptionsReader::Missing(name, "a limit of the device");
  if (*found >= 1) return *found;
  return ArgumentOutOfRange(name, "at least 1", static_cast<double>(*found));
}

}  // namespace

Result<WebGpuLimits> ReadWebGpuLimits(const OptionsReader& reader) {
  WebGpuLimits limits;
  REPRISE_ASSIGN(limits.max_buffer_size, ReadLimit(reader, kWebGpuLimitNames[0]));
  REPRISE_ASSIGN(limits.max_storage_buffer_binding_size, ReadLimit(reader, kWebGpuLimitNames[1]));
  REPRISE_ASSIGN(limits.max_compute_workgroups_per_dimension,
                 ReadLimit(reader, kWebGpuLimitNames[2]));
  return limits;
}

}  // namespace reprise
