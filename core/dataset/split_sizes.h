// What can be asked of a split, and how many rows each of its parts gets. Which rows these are is
// split.h's matter, which documents both. Which parts are the earlier ones goes by their order
// here.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dataset/split.h"

namespace reprise {

// Refuses what stands under the errors of SplitJob::Create but for the seed and empty parts.
Status CheckSplit(const SplitOptions& options, const RowFacts& facts);

// Refuses parts without rows, unless they were asked for by a count of 0.
Status CheckSizes(const SplitOptions& options, std::span<const uint64_t> sizes, int64_t rows);

// The ratios over their sum, which is 1 but for what CheckSplit lets pass; the same whatever order
// the parts are in.
std::vector<double> SplitShares(const SplitOptions& options);

// The rows of each part; their sum is `rows`.
std::vector<uint64_t> SplitSizes(const SplitOptions& options, int64_t rows);

}  // namespace reprise
