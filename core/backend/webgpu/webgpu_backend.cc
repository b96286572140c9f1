#include "backend/webgpu/webgpu_backend.h"

#include <algorithm>
#include <string>

namespace reprise {
namespace {

// How a tensor is cut into buffers; no rows a segment where even one row is too large.
struct Cut {
  int64_t rows = 1;
  int64_t row_elements = 0;
  int64_t segment_rows = 0;
};

int64_t WordsFor(int64_t elements, DType dtype) {
  return std::max<int64_t>(1, (elements * SizeInBytes(dtype) + 3) / 4);
}

// The most bytes of one buffer that a kernel can use.
int64_t SegmentLimit(const WebGpuLimits& limits) {
  return std::min(limits.max_buffer_size, limits.max_storage_buffer_binding_size) / 4 * 4;
}

Cut CutTensor(const WebGpuLimits& limits, DType dtype, const Shape& shape, Layout layout) {
  const int64_t limit = SegmentLimit(limits) / SizeInBytes(dtype);
  Cut cut;
  if (layout == Layout::kRowMajor) {
    cut.row_elements = shape.element_count();
    cut.segment_rows = cut.row_elements <= limit ? 1 : 0;
    return cut;
  }
  REPRISE_CHECK(shape.rank() == 2, "a matrix has two dimensions");
  cut.rows = shape[0];
  cut.row_elements = shape[1];
  cut.segment_rows = std::min(cut.rows, limit / std::max<int64_t>(1, cut.row_elements));
  // Two rows of an odd number of 16-bit elements end on a word; one does not.
  const bool splits_words = SizeInBytes(dtype) == 2 && cut.row_elements % 2 == 1;
  if (splits_words && cut.segment_rows < cut.rows) cut.segment_rows -= cut.segment_rows % 2;
  return cut;
}

std::string Describe(DType dtype, const Shape& shape) {
  return "a tensor " + shape.ToString() + " of " + std::string(DTypeName(dtype));
}

}  // namespace

WebGpuBackend::~WebGpuBackend() {
  Cancel();
  REPRISE_CHECK(storages_.empty(), "tensors go before their backend");
}

int64_t WebGpuBackend::StorageBytes(DType dtype, const Shape& shape, Layout) const {
  // Segments end on words, but for the last.
  return WordsFor(shape.element_count(), dtype) * 4;
}

Status WebGpuBackend::CheckSize(DType dtype, const Shape& shape, Layout layout) const {
  const Cut cut = CutTensor(device_->limits(), dtype, shape, layout);
  if (cut.segment_rows > 0 || shape.element_count() == 0) return {};
  const int64_t bytes = StorageBytes(dtype, shape, layout);
  const int64_t needs = layout == Layout::kRowMajor ? bytes : bytes / cut.rows;
  const int64_t has = SegmentLimit(device_->limits());
  return Fail(Error(ErrorCode::kOutOfMemory,
                    Describe(dtype, shape) + " needs " + std::to_string(needs) +
                        " bytes in one buffer; the device binds at most " + std::to_string(has))
                  .With("needs_bytes", needs)
                  .With("has_bytes", has));
}

Result<Tensor> WebGpuBackend::Allocate(DType dtype, const Shape& shape, Layout layout) {
  REPRISE_TRY(status());
  REPRISE_TRY(CheckSize(dtype, shape, layout));
  const Cut cut = CutTensor(device_->limits(), dtype, shape, layout);
  WebGpuStorage storage;
  storage.row_elements = cut.row_elements;
  storage.bytes = StorageBytes(dtype, shape, layout);
  int64_t row = 0;
  do {
    const int64_t rows = std::min(cut.segment_rows, cut.rows - row);
    const auto buffer = device_->CreateBuffer(WordsFor(rows * cut.row_elements, dtype));
    if (!buffer) {
      for (const WebGpuSegment& segment : storage.segments) device_->DestroyBuffer(segment.buffer);
      return Fail(ErrorCode::kOutOfMemory,
                  Describe(dtype, shape) + " needs a buffer; no more can be numbered");
    }
    storage.segments.push_back({*buffer, row, rows});
    row += rows;
  } while (row < cut.rows && cut.segment_rows > 0);
  const uint32_t id = next_id_++;
  used_bytes_ += storage.bytes;
  storages_[id] = std::move(storage);
  return Tensor{std::make_shared<const Storage>(this, id), dtype, layout, shape};
}

void WebGpuBackend::ReleaseStorage(uint32_t id) {
  const auto found = storages_.find(id);
  REPRISE_CHECK(found != storages_.end(), "a storage is released once");
  for (const WebGpuSegment& segment : found->second.segments) {
    device_->DestroyBuffer(segment.buffer);
  }
  used_bytes_ -= found->second.bytes;
  storages_.erase(found);
}

const WebGpuStorage& WebGpuBackend::StorageOf(const Tensor& tensor) const {
  return storages_.at(tensor.storage->id());
}

BufferId WebGpuBackend::Buffer(const Tensor& tensor) const {
  const WebGpuStorage& storage = StorageOf(tensor);
  REPRISE_CHECK(storage.segments.size() == 1, "the tensor lies in one buffer");
  return storage.segments[0].buffer;
}

void WebGpuBackend::Write(const Tensor& tensor, int64_t first_element,
                          std::span<const uint8_t> bytes) {
  const int64_t size = SizeInBytes(tensor.dtype);
  const auto count = static_cast<int64_t>(bytes.size()) / size;
  REPRISE_CHECK(first_element >= 0 && first_element + count <= tensor.shape.element_count(),
                "elements lie inside the tensor");
  const WebGpuStorage& storage = StorageOf(tensor);
  for (const WebGpuSegment& segment : storage.segments) {
    const int64_t begin = segment.first_row * storage.row_elements;
    const int64_t end = begin + segment.rows * storage.row_elements;
    const int64_t from = std::max(begin, first_element);
    const int64_t to = std::min(end, first_element + count);
    if (from >= to) continue;
    WriteSegment(segment.buffer, (from - begin) * size,
                 bytes.subspan(static_cast<size_t>((from - first_element) * size),
                               static_cast<size_t>((to - from) * size)));
  }
}

// Whole words are copied; half a word at either end is patched in by a kernel.
void WebGpuBackend::WriteSegment(BufferId buffer, int64_t first_byte,
                                 std::span<const uint8_t> bytes) {
  const auto patch = [&](int64_t byte, std::span<const uint8_t> half) {
    const uint32_t shift = byte % 4 == 0 ? 0 : 16;
    webgpu::PatchWordKernel::Params params;
    params.word = static_cast<uint32_t>(byte / 4);
    params.mask = 0xffffu << shift;
    params.bits = (uint32_t{half[0]} | uint32_t{half[1]} << 8) << shift;
    device_->Dispatch<webgpu::PatchWordKernel>({1, 1, 1}, {}, params, {buffer});
  };
  if (first_byte % 4 != 0) {
    patch(first_byte, bytes.first(2));
    first_byte += 2;
    bytes = bytes.subspan(2);
  }
  const size_t whole = bytes.size() / 4 * 4;
  device_->WriteWords(buffer, first_byte / 4, bytes.first(whole));
  if (bytes.size() > whole) {
    patch(first_byte + static_cast<int64_t>(whole), bytes.subspan(whole));
  }
}

ReadTicket WebGpuBackend::Read(const Tensor& tensor, int64_t first_element, int64_t count) {
  REPRISE_CHECK(
      first_element >= 0 && count > 0 && first_element + count <= tensor.shape.element_count(),
      "elements lie inside the tensor");
  const int64_t size = SizeInBytes(tensor.dtype);
  const WebGpuStorage& storage = StorageOf(tensor);
  std::vector<WebGpuDevice::Piece> pieces;
  Trim trim;
  trim.bytes = static_cast<size_t>(count * size);
  for (const WebGpuSegment& segment : storage.segments) {
    const int64_t begin = segment.first_row * storage.row_elements;
    const int64_t end = begin + segment.rows * storage.row_elements;
    const int64_t from = std::max(begin, first_element);
    const int64_t to = std::min(end, first_element + count);
    if (from >= to) continue;
    const int64_t first_byte = (from - begin) * size;
    // Only the first piece can begin inside a word, since segments do not.
    if (pieces.empty()) trim.first_byte = static_cast<size_t>(first_byte % 4);
    const int64_t first_word = first_byte / 4;
    pieces.push_back({segment.buffer, first_word, ((to - begin) * size + 3) / 4 - first_word});
  }
  last_ticket_ = device_->Ask(pieces);
  has_work_since_ = false;
  reads_[last_ticket_] = trim;
  return last_ticket_;
}

BackendState WebGpuBackend::Advance(int64_t) {
  if (!status()) return BackendState::kIdle;  // Poll says why
  if (has_work_since_) {
    last_ticket_ = device_->Ask({});
    has_work_since_ = false;
  }
  if (device_->IsPending(last_ticket_)) return BackendState::kWaiting;
  // A fence's answer says nothing more; a read's is for Poll.
  if (!reads_.contains(last_ticket_)) device_->Abandon(last_ticket_);
  return BackendState::kIdle;
}

Result<bool> WebGpuBackend::Poll(ReadTicket ticket, std::vector<uint8_t>* bytes) {
  REPRISE_TRY(status());
  const auto found = reads_.find(static_cast<uint32_t>(ticket));
  if (found == reads_.end() || !device_->TakeAnswer(found->first, bytes)) return false;
  const Trim trim = found->second;
  reads_.erase(found);
  bytes->erase(bytes->begin(), bytes->begin() + static_cast<std::ptrdiff_t>(trim.first_byte));
  bytes->resize(trim.bytes);
  return true;
}

Status WebGpuBackend::status() const {
  REPRISE_TRY(device_->status());
  if (!device_->has_failed_buffers()) return {};
  for (const auto& [id, storage] : storages_) {
    for (const WebGpuSegment& segment : storage.segments) {
      const Error* error = device_->BufferError(segment.buffer);
      if (error != nullptr) return Fail(Error(*error));
    }
  }
  return {};
}

void WebGpuBackend::Cancel() {
  for (const auto& [ticket, trim] : reads_) device_->Abandon(ticket);
  reads_.clear();
  device_->Abandon(last_ticket_);
  last_ticket_ = 0;
  has_work_since_ = false;
}

}  // namespace reprise
