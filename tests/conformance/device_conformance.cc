// The op table on a WebGPU device: a WebAssembly module that encodes one case after the other and
// compares what the device answers with the reference backend. Its host has the device and plays
// the commands (packages/reprise/src/webgpu/conformance.test.ts). One session at a time.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>

#include "backend/host/host_backend.h"
#include "backend/reference/reference_kernels.h"
#include "backend/testing/op_cases.h"
#include "backend/webgpu/webgpu_backend.h"
#include "base/json_writer.h"

namespace reprise {
namespace {

constexpr int64_t kSeed = 20261124;

int64_t BytesOf(const OpTensor& t) { return t.shape.element_count() * SizeInBytes(t.dtype); }

// Whether a device that binds so many bytes can run a case, and cuts a matrix for it.
bool IsCut(const OpCase& c, int64_t binding_bytes) {
  bool has_cut = false;
  for (const auto* tensors : {&c.inputs, &c.outputs}) {
    for (const OpTensor& t : *tensors) {
      if (BytesOf(t) <= binding_bytes) continue;
      if (t.layout == Layout::kRowMajor) return false;
      if (2 * t.shape[1] * SizeInBytes(t.dtype) > binding_bytes) return false;
      has_cut = true;
    }
  }
  return has_cut;
}

struct Session {
  explicit Session(const WebGpuLimits& limits) : device(limits), backend(&device) {}
  WebGpuDevice device;
  WebGpuBackend backend;
  std::vector<OpCase> cases;
  std::unique_ptr<OpRun> run;
  WebGpuDevice::CommandList list;
  std::string text;
};
std::unique_ptr<Session> session;

// The greatest difference over the greatest magnitude of what is expected; infinite where one side
// alone is not a number.
double RelativeError(const std::vector<uint8_t>& found, const std::vector<uint8_t>& expected) {
  double largest = 0, difference = 0;
  if (found.size() != expected.size()) return INFINITY;
  for (size_t at = 0; at < expected.size(); at += 4) {
    float f = 0, e = 0;
    std::memcpy(&f, found.data() + at, 4);
    std::memcpy(&e, expected.data() + at, 4);
    if (!std::isfinite(f)) return INFINITY;
    largest = std::max(largest, std::abs(static_cast<double>(e)));
    difference = std::max(difference, std::abs(static_cast<double>(f) - e));
  }
  return difference == 0 ? 0 : difference / largest;
}

std::string Compare(const OpCase& c, const std::vector<std::vector<uint8_t>>& found,
                    const std::vector<std::vector<uint8_t>>& expected) {
  double error = 0;
  uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (size_t i = 0; i < expected.size(); ++i) {
    error = std::max(error, RelativeError(found[i], expected[i]));
    for (const uint8_t byte : found[i]) hash = (hash ^ byte) * 1099511628211u;
  }
  JsonWriter json;
  json.BeginObject();
  json.Key("name").String(c.name);
  json.Key("op").String(OpName(c.op));
  json.Key("error");
  if (std::isfinite(error)) {
    json.Double(error);
  } else {
    json.Null();
  }
  json.Key("tolerance").Double(OpTolerance(c.op));
  json.Key("hash").String(std::to_string(hash));
  json.EndObject();
  return std::move(json).Take();
}

std::vector<std::vector<uint8_t>> RunReference(const OpCase& c) {
  ThreadPool pool(1);
  MemoryBudget budget;
  HostBackend backend(&ReferenceKernels(), &pool, &budget);
  return RunOpCase(backend, c, kSeed, 1'000'000);
}

}  // namespace
}  // namespace reprise

#define REPRISE_EXPORT extern "C" __attribute__((used, visibility("default")))
using reprise::session;

// Begins a session on a device that binds so many bytes; the number of cases. 0 bytes: the table as
// it is. Otherwise only the cases of which a matrix is then cut.
REPRISE_EXPORT int32_t conformance_open(int32_t binding_bytes) {
  session.reset();
  reprise::WebGpuLimits limits;
  if (binding_bytes > 0) limits.max_storage_buffer_binding_size = binding_bytes;
  session = std::make_unique<reprise::Session>(limits);
  for (reprise::OpCase& c : reprise::OpCases()) {
    // WGSL may flush subnormal numbers.
    if (c.needs_subnormals) continue;
    if (binding_bytes > 0 && !reprise::IsCut(c, binding_bytes)) continue;
    session->cases.push_back(std::move(c));
  }
  return static_cast<int32_t>(session->cases.size());
}

// Encodes a case and the reads of its outputs.
REPRISE_EXPORT void conformance_start(int32_t index) {
  const reprise::OpCase& c = session->cases[static_cast<size_t>(index)];
  session->run =
      std::make_unique<reprise::OpRun>(reprise::StartOpCase(session->backend, c, reprise::kSeed));
}

// Once everything was answered: compares. {"name", "op", "error", "tolerance", "hash"}.
REPRISE_EXPORT const char* conformance_finish(int32_t index) {
  const reprise::OpCase& c = session->cases[static_cast<size_t>(index)];
  const auto found = reprise::FinishOpCase(session->backend, *session->run);
  session->run.reset();
  session->text = reprise::Compare(c, found, reprise::RunReference(c));
  return session->text.c_str();
}

// The device's side, as in core/capi/reprise.h.
REPRISE_EXPORT int32_t conformance_take_commands() {
  session->list = session->device.TakeCommands();
  return static_cast<int32_t>(session->list.words.size());
}
REPRISE_EXPORT const uint32_t* conformance_commands() { return session->list.words.data(); }
REPRISE_EXPORT const uint8_t* conformance_payload() { return session->list.payload.data(); }
REPRISE_EXPORT int32_t conformance_payload_size() {
  return static_cast<int32_t>(session->list.payload.size());
}
REPRISE_EXPORT int32_t conformance_answer(uint32_t ticket, const uint8_t* bytes, int32_t size) {
  return session->device.Answer(ticket, {bytes, static_cast<size_t>(size)}) ? 1 : 0;
}
