// The contract between the ops and a device. Everything above speaks to this interface alone; it
// assumes neither that memory can be looked at nor that a submitted op has run.
//
// Order: what one backend object is given takes effect in the order given. Several models have
// several backend objects, which may share threads or a device.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tensor/tensor.h"

namespace reprise {

// The ops; core/ops has one file for each, with its contract. The values stand in command lists.
enum class OpId : uint8_t {
  kEmbedding = 0,
  kLinear = 1,
  kRmsNorm = 2,
  kLayerNorm = 3,
  kRope = 4,
  kKvAppend = 5,
  kAttention = 6,
  kSwiglu = 7,
  kGeluTanh = 8,
  kAdd = 9,
  kTokenLogprob = 10,
};
inline constexpr int kOpCount = 11;
std::string_view OpName(OpId op);

// The numbers an op takes beside its tensors; each op's file says which and what they mean.
struct OpParams {
  int64_t rows = 0;      // tokens of this call
  int64_t first = 0;     // first row used of an input longer than `rows`
  int64_t position = 0;  // of the first row in the sequence
  int64_t head_count = 0;
  int64_t kv_head_count = 0;
  int64_t head_size = 0;
  float epsilon = 0;
};

// One op to run. An output may be an input of the same op only where the op's contract says so, and
// then it stands among the outputs alone.
struct OpCall {
  OpId op = OpId::kAdd;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
  OpParams params;
};

using ReadTicket = uint64_t;

enum class BackendState : uint8_t {
  kIdle,     // everything submitted has been done
  kWorking,  // Advance has more to do
  kWaiting,  // the device works; nothing to do here until it answers a read
};

class Backend : public StorageOwner {
 public:
  virtual ~Backend() = default;

  // "reference", "cpu" or "webgpu".
  virtual std::string_view name() const = 0;

  // A tensor of zeros. Errors: out_of_memory with needs_bytes and has_bytes.
  virtual Result<Tensor> Allocate(DType dtype, const Shape& shape, Layout layout) = 0;

  // The same for a tensor that is written whole before it is read: its elements are unspecified
  // until then, so that a large one takes no time.
  virtual Result<Tensor> AllocateUnset(DType dtype, const Shape& shape, Layout layout) {
    return Allocate(dtype, shape, layout);
  }

  // Bytes that Allocate takes for such a tensor, padding included.
  virtual int64_t StorageBytes(DType dtype, const Shape& shape, Layout layout) const = 0;

  // Whether one tensor can be so large, however much memory is free. Errors: out_of_memory as
  // Allocate has it.
  virtual Status CheckSize(DType, const Shape&, Layout) const { return {}; }

  // Copies little-endian elements in the layout's order to [first_element, …).
  virtual void Write(const Tensor& tensor, int64_t first_element,
                     std::span<const uint8_t> bytes) = 0;

  // Queues an op. Its tensors live until it has run.
  virtual void Submit(OpCall call) = 0;

  // Asks for `count` elements in the layout's order, as they are once everything before has run.
  virtual ReadTicket Read(const Tensor& tensor, int64_t first_element, int64_t count) = 0;

  // Works for about `work_units` units of 65,536 multiply-adds each.
  virtual BackendState Advance(int64_t work_units) = 0;

  // Takes the bytes of a read: true and the bytes once, false as long as they are not there.
  // Errors: device_lost.
  virtual Result<bool> Poll(ReadTicket ticket, std::vector<uint8_t>* bytes) = 0;

  // An error that the device reported outside any call: device_lost, or out_of_memory of a tensor
  // that Allocate had promised. It stays; ops and reads after it do nothing.
  virtual Status status() const { return {}; }

  // Forgets everything queued and every ticket. Tensors that queued ops were to write are left in
  // an unspecified state.
  virtual void Cancel() = 0;

  virtual int64_t live_storages() const = 0;
  virtual int64_t used_bytes() const = 0;
  // Bytes that Allocate may still take; none where only the device knows.
  virtual std::optional<int64_t> free_bytes() const { return std::nullopt; }
};

}  // namespace reprise
