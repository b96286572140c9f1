// What the backends in the host's own memory share: storage that can fail, the queue, slices and
// threads. The reference and cpu backends are this with their own tables of kernels.
#pragma once

#include <deque>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "backend/backend.h"
#include "backend/host/kernel_table.h"
#include "base/memory_budget.h"
#include "base/thread_pool.h"

namespace reprise {

class HostBackend final : public Backend {
 public:
  // Everything given outlives the backend.
  HostBackend(const KernelTable* kernels, ThreadPool* pool, MemoryBudget* budget)
      : kernels_(kernels), pool_(pool), budget_(budget) {}
  ~HostBackend() override;

  std::string_view name() const override { return kernels_->backend_name; }
  Result<Tensor> Allocate(DType dtype, const Shape& shape, Layout layout) override;
  Result<Tensor> AllocateUnset(DType dtype, const Shape& shape, Layout layout) override;
  int64_t StorageBytes(DType dtype, const Shape& shape, Layout layout) const override;
  void Write(const Tensor& tensor, int64_t first_element, std::span<const uint8_t> bytes) override;
  void Submit(OpCall call) override;
  ReadTicket Read(const Tensor& tensor, int64_t first_element, int64_t count) override;
  BackendState Advance(int64_t work_units) override;
  Result<bool> Poll(ReadTicket ticket, std::vector<uint8_t>* bytes) override;
  void Cancel() override;
  int64_t live_storages() const override { return static_cast<int64_t>(storages_.size()); }
  int64_t used_bytes() const override { return used_bytes_; }
  std::optional<int64_t> free_bytes() const override {
    return budget_->limit_bytes - budget_->used_bytes;
  }
  void ReleaseStorage(uint32_t id) override;

 private:
  struct Block {
    void* data = nullptr;
    int64_t bytes = 0;
  };
  // An op, a read (ticket not 0) or a write (bytes not empty).
  struct Command {
    OpCall call;
    HostOp op;
    int64_t next_item = 0;
    ReadTicket ticket = 0;
    int64_t first_element = 0;
    int64_t count = 0;
    std::vector<uint8_t> bytes;
  };

  // Zeroes all but the first `unset_bytes` of the storage.
  Result<Tensor> Allocate(DType dtype, const Shape& shape, Layout layout, int64_t unset_bytes);
  HostTensor View(const Tensor& tensor) const;
  int64_t RunSlice(Command& command, int64_t budget);
  void Finish(Command& command);

  const KernelTable* kernels_;
  ThreadPool* pool_;
  MemoryBudget* budget_;
  std::unordered_map<uint32_t, Block> storages_;
  uint32_t next_id_ = 1;
  int64_t used_bytes_ = 0;
  std::deque<Command> queue_;
  std::unordered_map<ReadTicket, std::vector<uint8_t>> ready_;
  ReadTicket next_ticket_ = 1;
  std::vector<float> scratch_;
};

}  // namespace reprise
