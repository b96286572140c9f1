// The cpu backend is the reference backend, bit for bit, at every SIMD level and thread count.
#include "backend/cpu/cpu_kernels.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "backend/host/host_backend.h"
#include "backend/reference/reference_kernels.h"
#include "backend/testing/op_cases.h"

namespace reprise {
namespace {

constexpr int64_t kSeed = 20261124;

using CaseResults = std::vector<std::vector<std::vector<uint8_t>>>;

CaseResults RunAll(const KernelTable& kernels, int threads, int64_t work_units) {
  ThreadPool pool(threads);
  MemoryBudget budget;
  HostBackend backend(&kernels, &pool, &budget);
  CaseResults results;
  for (const OpCase& c : OpCases()) {
    results.push_back(RunOpCase(backend, c, kSeed, work_units));
  }
  EXPECT_EQ(budget.used_bytes, 0);
  return results;
}

const CaseResults& Expected() {
  static const CaseResults results = RunAll(ReferenceKernels(), 1, 1'000'000);
  return results;
}

void ExpectEqual(const CaseResults& found, const std::string& how) {
  const auto cases = OpCases();
  int different = 0;
  for (size_t i = 0; i < cases.size(); ++i) {
    if (found[i] == Expected()[i]) continue;
    if (++different > 10) continue;
    ADD_FAILURE() << cases[i].name << " differs from the reference " << how << ", seed " << kSeed;
  }
  EXPECT_EQ(different, 0) << how;
}

TEST(OpCases, HoldNumbersAlone) {
  std::printf("seed %lld\n", static_cast<long long>(kSeed));
  const auto cases = OpCases();
  for (size_t i = 0; i < cases.size(); ++i) {
    for (size_t output = 0; output < cases[i].outputs.size(); ++output) {
      const auto& bytes = Expected()[i][output];
      for (size_t at = 0; at < bytes.size(); at += 4) {
        float value;
        std::memcpy(&value, bytes.data() + at, 4);
        ASSERT_FALSE(std::isnan(value)) << cases[i].name;
      }
    }
  }
}

TEST(OpCases, CoverEveryOp) {
  bool seen[kOpCount] = {};
  for (const OpCase& c : OpCases()) seen[static_cast<int>(c.op)] = true;
  for (int op = 0; op < kOpCount; ++op) {
    EXPECT_TRUE(seen[op]) << OpName(static_cast<OpId>(op));
  }
}

TEST(ReferenceKernels, GiveTheSameBitsInSlices) {
  ExpectEqual(RunAll(ReferenceKernels(), 1, 1), "in small slices");
}

TEST(CpuKernels, EqualTheReferenceAtEveryLevelAndThreadCount) {
  for (SimdLevel level : AvailableSimdLevels()) {
    const std::string name(SimdLevelName(level));
    for (int threads : {1, 2, 4}) {
      if (threads > 1 && !ThreadPool::HasThreads()) continue;
      ExpectEqual(RunAll(CpuKernels(level), threads, 1'000'000),
                  "at " + name + " on " + std::to_string(threads) + " threads");
    }
    ExpectEqual(RunAll(CpuKernels(level), 1, 1), "at " + name + " in small slices");
  }
}

#if !defined(__EMSCRIPTEN__)
TEST(CpuKernels, ComputeAlikeWhateverTheCallersEnvironment) {
  Expected();
  const SimdLevel level = AvailableSimdLevels().back();
  ASSERT_EQ(std::fesetround(FE_DOWNWARD), 0);
  const auto found = RunAll(CpuKernels(level), 2, 1'000'000);
  EXPECT_EQ(std::fegetround(), FE_DOWNWARD);
  std::fesetround(FE_TONEAREST);
  ExpectEqual(found, "where the caller rounds down");
}
#endif

TEST(CpuKernels, AreThoseOfTheLevelAskedFor) {
  for (SimdLevel level : AvailableSimdLevels()) {
    const KernelTable& table = CpuKernels(level);
    EXPECT_EQ(table.backend_name, "cpu");
    const int width = level == SimdLevel::kAvx512 ? 16 : level == SimdLevel::kAvx2 ? 8 : 4;
    EXPECT_EQ(table.simd_width, width) << SimdLevelName(level);
    for (SimdLevel other : AvailableSimdLevels()) {
      if (other == level) continue;
      const auto linear = static_cast<size_t>(OpId::kLinear);
      EXPECT_NE(table.kernels[linear], CpuKernels(other).kernels[linear]);
    }
  }
}

}  // namespace
}  // namespace reprise
