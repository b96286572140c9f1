// How much memory for tensors there is, and how much of it is in use.
#pragma once

#include <cstdint>

namespace reprise {

// Memory that several owners share, in bytes.
struct MemoryBudget {
  int64_t limit_bytes = INT64_MAX;
  int64_t used_bytes = 0;
};

}  // namespace reprise
