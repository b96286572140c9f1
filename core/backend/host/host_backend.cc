#include "backend/host/host_backend.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/float_environment.h"

namespace reprise {
namespace {

constexpr int64_t kAlignment = 64;
constexpr int64_t kUnit = 65536;
// Below this many multiply-adds waking the other threads costs more than it saves.
constexpr int64_t kWorthSharing = 1 << 16;

struct Matrix {
  int64_t outputs, inputs;
};

Matrix MatrixSize(const Shape& shape, Layout layout) {
  REPRISE_CHECK(shape.rank() == 2, "a matrix has two dimensions");
  return layout == Layout::kMatrixNk ? Matrix{shape[0], shape[1]} : Matrix{shape[1], shape[0]};
}

// Calls visit(i, storage index) for the elements [first, first + count) in the layout's order.
template <typename Visit>
void VisitElements(const Tensor& tensor, int64_t first, int64_t count, Visit visit) {
  if (tensor.layout == Layout::kRowMajor) {
    for (int64_t i = 0; i < count; ++i) visit(i, first + i);
    return;
  }
  const Matrix m = MatrixSize(tensor.shape, tensor.layout);
  const int64_t columns = tensor.shape[1];
  int64_t row = first / columns, column = first % columns;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t n = tensor.layout == Layout::kMatrixNk ? row : column;
    const int64_t k = tensor.layout == Layout::kMatrixNk ? column : row;
    visit(i, (n / kPanel * m.inputs + k) * kPanel + n % kPanel);
    if (++column == columns) column = 0, ++row;
  }
}

void CheckRange(const Tensor& tensor, int64_t first, int64_t count) {
  REPRISE_CHECK(first >= 0 && count >= 0 && first + count <= tensor.shape.element_count(),
                "elements lie inside the tensor");
}

template <typename T>
void Scatter(const Tensor& tensor, int64_t first, int64_t count, const uint8_t* from, void* to) {
  VisitElements(tensor, first, count, [&](int64_t i, int64_t index) {
    std::memcpy(static_cast<T*>(to) + index, from + i * static_cast<int64_t>(sizeof(T)), sizeof(T));
  });
}

template <typename T>
void Gather(const Tensor& tensor, int64_t first, int64_t count, const void* from, uint8_t* to) {
  VisitElements(tensor, first, count, [&](int64_t i, int64_t index) {
    std::memcpy(to + i * static_cast<int64_t>(sizeof(T)), static_cast<const T*>(from) + index,
                sizeof(T));
  });
}

void StoreElements(const Tensor& tensor, int64_t first, std::span<const uint8_t> bytes, void* to) {
  const int64_t size = SizeInBytes(tensor.dtype);
  const int64_t count = static_cast<int64_t>(bytes.size()) / size;
  if (tensor.layout == Layout::kRowMajor) {
    std::memcpy(static_cast<uint8_t*>(to) + first * size, bytes.data(), bytes.size());
  } else if (size == 2) {
    Scatter<uint16_t>(tensor, first, count, bytes.data(), to);
  } else {
    Scatter<uint32_t>(tensor, first, count, bytes.data(), to);
  }
}

}  // namespace

HostBackend::~HostBackend() {
  Cancel();
  REPRISE_CHECK(storages_.empty(), "tensors go before their backend");
}

int64_t HostBackend::StorageBytes(DType dtype, const Shape& shape, Layout layout) const {
  int64_t elements = shape.element_count();
  if (layout != Layout::kRowMajor) {
    const Matrix m = MatrixSize(shape, layout);
    elements = (m.outputs + kPanel - 1) / kPanel * kPanel * m.inputs;
  }
  const int64_t bytes = elements * SizeInBytes(dtype);
  return std::max(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
}

Result<Tensor> HostBackend::Allocate(DType dtype, const Shape& shape, Layout layout) {
  return Allocate(dtype, shape, layout, 0);
}

Result<Tensor> HostBackend::AllocateUnset(DType dtype, const Shape& shape, Layout layout) {
  int64_t elements = shape.element_count();
  if (layout != Layout::kRowMajor) {
    const Matrix m = MatrixSize(shape, layout);
    elements = m.outputs / kPanel * kPanel * m.inputs;
  }
  return Allocate(dtype, shape, layout, elements * SizeInBytes(dtype));
}

Result<Tensor> HostBackend::Allocate(DType dtype, const Shape& shape, Layout layout,
                                     int64_t unset_bytes) {
  const int64_t bytes = StorageBytes(dtype, shape, layout);
  const int64_t has = budget_->limit_bytes - budget_->used_bytes;
  void* data = nullptr;
  if (bytes <= has && static_cast<uint64_t>(bytes) <= SIZE_MAX / 2) {
    data = std::aligned_alloc(kAlignment, static_cast<size_t>(bytes));
  }
  if (data == nullptr) {
    return Fail(Error(ErrorCode::kOutOfMemory,
                      "a tensor " + shape.ToString() + " of " + std::string(DTypeName(dtype)) +
                          " needs " + std::to_string(bytes) + " bytes; there are at most " +
                          std::to_string(has))
                    .With("needs_bytes", bytes)
                    .With("has_bytes", has));
  }
  std::memset(static_cast<uint8_t*>(data) + unset_bytes, 0,
              static_cast<size_t>(bytes - unset_bytes));
  const uint32_t id = next_id_++;
  storages_[id] = {data, bytes};
  used_bytes_ += bytes;
  budget_->used_bytes += bytes;
  return Tensor{std::make_shared<const Storage>(this, id), dtype, layout, shape};
}

void HostBackend::ReleaseStorage(uint32_t id) {
  const auto found = storages_.find(id);
  REPRISE_CHECK(found != storages_.end(), "a storage is released once");
  std::free(found->second.data);
  used_bytes_ -= found->second.bytes;
  budget_->used_bytes -= found->second.bytes;
  storages_.erase(found);
}

void HostBackend::Write(const Tensor& tensor, int64_t first_element,
                        std::span<const uint8_t> bytes) {
  CheckRange(tensor, first_element, static_cast<int64_t>(bytes.size()) / SizeInBytes(tensor.dtype));
  if (bytes.empty()) return;
  if (queue_.empty()) {
    StoreElements(tensor, first_element, bytes, View(tensor).data);
    return;
  }
  Command command;
  command.call.outputs = {tensor};
  command.first_element = first_element;
  command.bytes.assign(bytes.begin(), bytes.end());
  queue_.push_back(std::move(command));
}

HostTensor HostBackend::View(const Tensor& tensor) const {
  if (!tensor) return {};
  HostTensor view;
  view.data = storages_.at(tensor.storage->id()).data;
  view.dtype = tensor.dtype;
  view.layout = tensor.layout;
  for (int64_t axis = 0; axis < tensor.shape.rank(); ++axis) view.size[axis] = tensor.shape[axis];
  if (tensor.layout == Layout::kMatrixKn) std::swap(view.size[0], view.size[1]);
  return view;
}

void HostBackend::Submit(OpCall call) {
  Command command;
  command.op.id = call.op;
  command.op.params = call.params;
  REPRISE_CHECK(call.inputs.size() <= 4 && call.outputs.size() <= 2, "an op has few tensors");
  for (size_t i = 0; i < call.inputs.size(); ++i) command.op.in[i] = View(call.inputs[i]);
  for (size_t i = 0; i < call.outputs.size(); ++i) command.op.out[i] = View(call.outputs[i]);
  command.call = std::move(call);
  queue_.push_back(std::move(command));
}

ReadTicket HostBackend::Read(const Tensor& tensor, int64_t first_element, int64_t count) {
  CheckRange(tensor, first_element, count);
  Command command;
  command.call.inputs = {tensor};
  command.ticket = next_ticket_++;
  command.first_element = first_element;
  command.count = count;
  queue_.push_back(std::move(command));
  return queue_.back().ticket;
}

// Returns what the slice cost.
int64_t HostBackend::RunSlice(Command& command, int64_t budget) {
  const HostOp& op = command.op;
  const int64_t items = ItemCount(op), cost = std::max<int64_t>(1, ItemCost(op));
  const int64_t begin = command.next_item, group = ItemGroup(op);
  const int64_t affordable = std::max<int64_t>(1, budget / cost / group) * group;
  const int64_t end = std::min(items, begin + affordable);
  const int64_t floats = (ScratchFloats(op) + 15) / 16 * 16;
  if (const auto needed = static_cast<size_t>(floats * pool_->threads());
      scratch_.size() < needed) {
    scratch_.resize(needed);
  }
  struct Context {
    Kernel kernel;
    const HostOp* op;
    float* scratch;
    int64_t floats;
  } context{kernels_->kernels[static_cast<int>(op.id)], &op, scratch_.data(), floats};
  const int64_t threads = (end - begin) * cost < kWorthSharing ? 1 : pool_->threads();
  const int64_t share = (end - begin) / (threads * 8) / group * group;
  const int64_t grain = threads == 1 ? end - begin : std::max(group, share);
  pool_->Run(
      begin, end, grain,
      [](void* pointer, int64_t first, int64_t last, int worker) {
        const auto& c = *static_cast<Context*>(pointer);
        c.kernel(*c.op, first, last, c.scratch + worker * c.floats);
      },
      &context);
  command.next_item = end;
  return (end - begin) * cost;
}

void HostBackend::Finish(Command& command) {
  if (!command.bytes.empty()) {
    const Tensor& tensor = command.call.outputs[0];
    StoreElements(tensor, command.first_element, command.bytes, View(tensor).data);
  } else if (command.ticket != 0) {
    const Tensor& tensor = command.call.inputs[0];
    const int64_t size = SizeInBytes(tensor.dtype);
    std::vector<uint8_t> bytes(static_cast<size_t>(command.count * size));
    const void* data = View(tensor).data;
    if (size == 2) {
      Gather<uint16_t>(tensor, command.first_element, command.count, data, bytes.data());
    } else {
      Gather<uint32_t>(tensor, command.first_element, command.count, data, bytes.data());
    }
    ready_[command.ticket] = std::move(bytes);
  }
}

BackendState HostBackend::Advance(int64_t work_units) {
  const ScopedFloatEnvironment environment;
  int64_t budget = std::max<int64_t>(1, work_units) * kUnit;
  while (budget > 0 && !queue_.empty()) {
    Command& command = queue_.front();
    const bool is_op = command.ticket == 0 && command.bytes.empty();
    if (is_op) budget -= RunSlice(command, budget);
    if (is_op && command.next_item < ItemCount(command.op)) continue;
    Finish(command);
    queue_.pop_front();
  }
  return queue_.empty() ? BackendState::kIdle : BackendState::kWorking;
}

Result<bool> HostBackend::Poll(ReadTicket ticket, std::vector<uint8_t>* bytes) {
  const auto found = ready_.find(ticket);
  if (found == ready_.end()) return false;
  *bytes = std::move(found->second);
  ready_.erase(found);
  return true;
}

void HostBackend::Cancel() {
  queue_.clear();
  ready_.clear();
}

}  // namespace reprise
