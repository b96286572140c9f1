#include "bench/product.h"

#include <cstring>

#include "bench/bench.h"
#include "numerics/float16.h"
#include "ops/linear.h"
#include "random/philox.h"

namespace reprise::bench {
namespace {

Tensor RandomMatrix(Backend& backend, DType dtype, int64_t rows, Layout layout, uint32_t stream) {
  auto tensor = backend.Allocate(dtype, {rows, kProductSize}, layout);
  Require(tensor.has_value(), "memory suffices");
  const auto random = RandomSource::Create(1, RandomStream::kInit, stream);
  std::vector<uint8_t> bytes(static_cast<size_t>(rows * kProductSize * SizeInBytes(dtype)));
  for (int64_t i = 0; i < rows * kProductSize; ++i) {
    const float value = 2 * random->Uniform(static_cast<uint64_t>(i)) - 1;
    const uint16_t half = dtype == DType::kF16 ? F32ToF16(value) : F32ToBf16(value);
    if (dtype == DType::kF32) {
      std::memcpy(bytes.data() + i * 4, &value, 4);
    } else {
      std::memcpy(bytes.data() + i * 2, &half, 2);
    }
  }
  backend.Write(*tensor, 0, bytes);
  return *tensor;
}

}  // namespace

Product::Product(const KernelTable& kernels, int threads, DType dtype, int64_t rows)
    : pool_(threads), backend_(&kernels, &pool_, &budget_), rows_(rows) {
  x_ = RandomMatrix(backend_, DType::kF32, rows, Layout::kRowMajor, 1);
  weight_ = RandomMatrix(backend_, dtype, kProductSize, Layout::kMatrixNk, 2);
  y_ = *backend_.Allocate(DType::kF32, {rows, kProductSize}, Layout::kRowMajor);
}

void Product::Run() {
  OpParams params;
  params.rows = rows_;
  Linear(backend_, x_, weight_, {}, y_, params);
  while (backend_.Advance(1'000'000) == BackendState::kWorking) {
  }
}

std::vector<uint8_t> Product::Rows(int64_t count) {
  const ReadTicket ticket = backend_.Read(y_, 0, count * kProductSize);
  while (backend_.Advance(1) == BackendState::kWorking) {
  }
  std::vector<uint8_t> bytes;
  Require(backend_.Poll(ticket, &bytes).value_or(false), "the read has come");
  return bytes;
}

}  // namespace reprise::bench
