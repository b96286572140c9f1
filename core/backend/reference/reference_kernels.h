// Every op as plain scalar loops in the order of sums that docs/numerics.md states: the oracle that
// the other backends are tested against.
#pragma once

#include "backend/host/kernel_table.h"

namespace reprise {

const KernelTable& ReferenceKernels();

}  // namespace reprise
