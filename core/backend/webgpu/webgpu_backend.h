// The backend of a GPU: ops become records of the device's command list (device.h). It computes
// nothing and holds no tensor's bytes. Results are repeatable on one device and close to the CPU's.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "backend/backend.h"
#include "backend/webgpu/device.h"

namespace reprise {

// Part of a tensor in a buffer of its own: rows [first_row, first_row + rows) of a matrix as the
// file has it, or everything.
struct WebGpuSegment {
  BufferId buffer = 0;
  int64_t first_row = 0;
  int64_t rows = 0;
};

// A matrix larger than the device binds at once has several segments; other tensors have one. Each
// begins on a word.
struct WebGpuStorage {
  std::vector<WebGpuSegment> segments;
  int64_t row_elements = 0;
  int64_t bytes = 0;
};

class WebGpuBackend final : public Backend {
 public:
  // The device outlives the backend.
  explicit WebGpuBackend(WebGpuDevice* device) : device_(device) {}
  ~WebGpuBackend() override;

  std::string_view name() const override { return "webgpu"; }
  // Errors: also device_lost; out_of_memory where a tensor that is no matrix passes what the device
  // binds at once.
  Result<Tensor> Allocate(DType dtype, const Shape& shape, Layout layout) override;
  int64_t StorageBytes(DType dtype, const Shape& shape, Layout layout) const override;
  Status CheckSize(DType dtype, const Shape& shape, Layout layout) const override;
  void Write(const Tensor& tensor, int64_t first_element, std::span<const uint8_t> bytes) override;
  void Submit(OpCall call) override;
  ReadTicket Read(const Tensor& tensor, int64_t first_element, int64_t count) override;
  BackendState Advance(int64_t work_units) override;
  Result<bool> Poll(ReadTicket ticket, std::vector<uint8_t>* bytes) override;
  Status status() const override;
  void Cancel() override;
  int64_t live_storages() const override { return static_cast<int64_t>(storages_.size()); }
  int64_t used_bytes() const override { return used_bytes_; }
  void ReleaseStorage(uint32_t id) override;

 private:
  // The bytes of an answer that were asked for; words around them come along.
  struct Trim {
    size_t first_byte = 0;
    size_t bytes = 0;
  };

  const WebGpuStorage& StorageOf(const Tensor& tensor) const;
  // The buffer of a tensor that has one segment.
  BufferId Buffer(const Tensor& tensor) const;
  void WriteSegment(BufferId buffer, int64_t first_byte, std::span<const uint8_t> bytes);
  void SubmitEmbedding(const OpCall& call);
  void SubmitLinear(const OpCall& call);
  void SubmitLinearSegment(const OpCall& call, const WebGpuSegment& segment);
  void SubmitRmsNorm(const OpCall& call);
  void SubmitLayerNorm(const OpCall& call);
  void SubmitRope(const OpCall& call);
  void SubmitKvAppend(const OpCall& call);
  void SubmitAttention(const OpCall& call);
  void SubmitSwiglu(const OpCall& call);
  void SubmitGeluTanh(const OpCall& call);
  void SubmitAdd(const OpCall& call);
  void SubmitTokenLogprob(const OpCall& call);

  WebGpuDevice* device_;
  std::unordered_map<uint32_t, WebGpuStorage> storages_;
  uint32_t next_id_ = 1;
  int64_t used_bytes_ = 0;
  std::unordered_map<uint32_t, Trim> reads_;
  // Answered once everything that was submitted before it has been done.
  uint32_t last_ticket_ = 0;
  bool has_work_since_ = false;
};

}  // namespace reprise
