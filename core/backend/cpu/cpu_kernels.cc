#include "backend/cpu/cpu_kernels.h"

#include <algorithm>

#include "backend/reference/reference_kernels.h"
#include "base/status.h"

namespace reprise {

// One table for each level, from simd/table.cc.
#if defined(__wasm__)
namespace simd128 {
extern const Kernel kKernels[kOpCount];
extern const int kWidth;
}  // namespace simd128
#elif defined(__aarch64__)
namespace neon {
extern const Kernel kKernels[kOpCount];
extern const int kWidth;
}  // namespace neon
#else
namespace sse2 {
extern const Kernel kKernels[kOpCount];
extern const int kWidth;
}  // namespace sse2
namespace avx2 {
extern const Kernel kKernels[kOpCount];
extern const int kWidth;
}  // namespace avx2
namespace avx512 {
extern const Kernel kKernels[kOpCount];
extern const int kWidth;
}  // namespace avx512
#endif

namespace {

KernelTable Complete(const Kernel* kernels, int simd_width) {
  KernelTable table = ReferenceKernels();
  table.backend_name = "cpu";
  table.simd_width = simd_width;
  for (int op = 0; op < kOpCount; ++op) {
    if (kernels[op] != nullptr) table.kernels[op] = kernels[op];
  }
  return table;
}

}  // namespace

const KernelTable& CpuKernels(SimdLevel level) {
  const auto available = AvailableSimdLevels();
  REPRISE_CHECK(std::find(available.begin(), available.end(), level) != available.end(),
                "the machine has the SIMD level");
#if defined(__wasm__)
  static const KernelTable table = Complete(simd128::kKernels, simd128::kWidth);
  return table;
#elif defined(__aarch64__)
  static const KernelTable table = Complete(neon::kKernels, neon::kWidth);
  return table;
#else
  static const KernelTable narrow = Complete(sse2::kKernels, sse2::kWidth);
  static const KernelTable middle = Complete(avx2::kKernels, avx2::kWidth);
  static const KernelTable wide = Complete(avx512::kKernels, avx512::kWidth);
  return level == SimdLevel::kAvx512 ? wide : level == SimdLevel::kAvx2 ? middle : narrow;
#endif
}

}  // namespace reprise
