// The queue of the backends in the host's memory.
#include "backend/host/host_backend.h"

#include <gtest/gtest.h>

#include <cstring>

#include "backend/reference/reference_kernels.h"

namespace reprise {
namespace {

std::span<const uint8_t> BytesOf(std::span<const float> values) {
  return {reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()};
}

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

}  // namespace
}  // namespace reprise
