// How many rows of each stratum go to each part of a split.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace reprise {

// A 0-1 matrix is added to the shares rounded down, whose row sums are what the stratum has left
// and whose column sums what the parts still lack. One with fractions in place of 0 and 1 exists,
// the shares' remainders; so one exists, and giving to those first that lack most finds it in any
// order of the strata (Ryser 1957, "Combinatorial properties of matrices of zeros and ones").
class StratumShares {
 public:
  // Of the parts' sizes, which outlive it and sum to `rows`.
  StratumShares(std::span<const uint64_t> sizes, uint64_t rows)
      : sizes_(sizes), rows_(rows), lacking_(sizes.begin(), sizes.end()) {}

  // A stratum of so many rows. All have to be counted before Next.
  void Count(uint32_t stratum);
  // The shares of a stratum of so many rows, each of which is asked for once.
  std::vector<uint64_t> Next(uint32_t stratum);

 private:
  // Both factors are below 2^32.
  uint64_t RoundedDown(uint32_t stratum, size_t part) const {
    return stratum * sizes_[part] / rows_;
  }

  std::span<const uint64_t> sizes_;
  uint64_t rows_;
  std::vector<uint64_t> lacking_;
};

}  // namespace reprise
