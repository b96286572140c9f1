// The queue of the backends in the host's memory.
#include "backend/host/host_backend.h"

#include <gtest/gtest.h>

#include <cstring>

#include "backend/reference/reference_kernels.h"
#include "base/byte_view.h"

namespace reprise {
namespace {

TEST(HostBackend, WritesBehindQueuedWorkTakeEffectInOrderAndEmptyOnesDoNothing) {
  ThreadPool pool(1);
  MemoryBudget budget;
  HostBackend backend(&ReferenceKernels(), &pool, &budget);
  const Tensor x = *backend.Allocate(DType::kF32, {1, 4}, Layout::kRowMajor);
  const Tensor y = *backend.Allocate(DType::kF32, {1, 4}, Layout::kRowMajor);
  const std::vector<float> ones(4, 1.0f), tens(4, 10.0f);
  OpParams params;
  params.rows = 1;
  backend.Write(x, 0, BytesOf(ones));
  backend.Submit({OpId::kAdd, {x}, {y}, params});
  backend.Write(x, 0, {});
  backend.Write(x, 0, BytesOf(tens));
  backend.Submit({OpId::kAdd, {x}, {y}, params});
  const ReadTicket ticket = backend.Read(y, 0, 4);
  while (backend.Advance(1) == BackendState::kWorking) {
  }
  std::vector<uint8_t> bytes;
  ASSERT_TRUE(backend.Poll(ticket, &bytes).value_or(false));
  std::vector<float> sums(4);
  ASSERT_EQ(bytes.size(), 16u);
  std::memcpy(sums.data(), bytes.data(), bytes.size());
  EXPECT_EQ(sums, std::vector<float>(4, 11.0f));
}

// What a kernel found in a weight's memory.
std::vector<float> seen_weight;

TEST(HostBackend, ATensorWithoutContentsHasZerosBehindItsLastOutput) {
  KernelTable kernels = ReferenceKernels();
  kernels.kernels[static_cast<int>(OpId::kLinear)] = [](const HostOp& op, int64_t begin, int64_t,
                                                        float*) {
    if (begin == 0) seen_weight.assign(op.in[1].f32(), op.in[1].f32() + 2 * 3 * kPanel);
  };
  ThreadPool pool(1);
  MemoryBudget budget;
  HostBackend backend(&kernels, &pool, &budget);
  // Memory that was in use before.
  const std::vector<float> ones(96, 1.0f);
  for (int i = 0; i < 8; ++i) {
    const Tensor used = *backend.Allocate(DType::kF32, {96}, Layout::kRowMajor);
    backend.Write(used, 0, BytesOf(ones));
  }
  const Tensor weight = *backend.AllocateUnset(DType::kF32, {17, 3}, Layout::kMatrixNk);
  EXPECT_EQ(budget.used_bytes, 2 * 3 * kPanel * 4);
  backend.Write(weight, 0, BytesOf(std::span(ones).first(51)));
  const Tensor x = *backend.Allocate(DType::kF32, {1, 3}, Layout::kRowMajor);
  const Tensor y = *backend.Allocate(DType::kF32, {1, 17}, Layout::kRowMajor);
  OpParams params;
  params.rows = 1;
  backend.Submit({OpId::kLinear, {x, weight, {}}, {y}, params});
  while (backend.Advance(1) == BackendState::kWorking) {
  }
  ASSERT_EQ(seen_weight.size(), 96u);
  for (size_t i = 0; i < seen_weight.size(); ++i) {
    EXPECT_EQ(seen_weight[i], i < 48 || i % 16 == 0 ? 1.0f : 0.0f) << i;
  }
}

}  // namespace
}  // namespace reprise
