#include "dataset/stratum_shares.h"

#include <algorithm>

#include "base/sort.h"
#include "base/status.h"

namespace reprise {

void StratumShares::Count(uint32_t stratum) {
  for (size_t p = 0; p < sizes_.size(); ++p) lacking_[p] -= RoundedDown(stratum, p);
}

std::vector<uint64_t> StratumShares::Next(uint32_t stratum) {
  const auto parts = static_cast<uint32_t>(sizes_.size());
  std::vector<uint64_t> shares;
  uint64_t left = stratum;
  for (uint32_t p = 0; p < parts; ++p) {
    shares.push_back(RoundedDown(stratum, p));
    left -= shares.back();
  }
  if (left == 0) return shares;
  std::vector<uint64_t> by_lack;  // of those that lack the same the earlier ones last
  for (uint32_t p = 0; p < parts; ++p) {
    by_lack.push_back(PackPair(static_cast<uint32_t>(lacking_[p]), parts - 1 - p));
  }
  std::ranges::sort(by_lack);
  for (; left > 0; --left) {
    const uint32_t part = parts - 1 - SecondOfPair(by_lack.back());
    REPRISE_CHECK(lacking_[part] > 0, "what strata have left is what the parts lack");
    ++shares[part];
    --lacking_[part];
    by_lack.pop_back();
  }
  return shares;
}

}  // namespace reprise
