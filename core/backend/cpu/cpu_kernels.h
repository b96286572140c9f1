// The fast kernels of the host: every op on the 16-lane vector, once for each SIMD level of the
// build. Their bits are those of the reference backend at every level and thread count.
#pragma once

#include "backend/host/kernel_table.h"
#include "numerics/simd.h"

namespace reprise {

// The kernels of one of AvailableSimdLevels(); traps on another.
const KernelTable& CpuKernels(SimdLevel level);

}  // namespace reprise
