#include "dataset/split_sizes.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "base/argument_error.h"
#include "base/sort.h"

namespace reprise {
namespace {

std::string Quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

std::string ShareOf(const SplitOptions& options) { return options.by_count ? "counts" : "ratios"; }

std::string ShareOf(const SplitOptions& options, const SplitPart& part) {
  return ShareOf(options) + "." + part.name;
}

Status CheckNames(const SplitOptions& options) {
  const auto& parts = options.parts;
  if (parts.empty() || parts.size() > kMaxSplitParts) {
    return RefuseArgument(ShareOf(options), "1 to " + std::to_string(kMaxSplitParts) + " parts",
                          std::to_string(parts.size()));
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string& name = parts[i].name;
    if (name.empty()) return RefuseArgument(ShareOf(options), "a name of each part", "\"\"");
    for (size_t before = 0; before < i; ++before) {
      if (parts[before].name != name) continue;
      return RefuseArgument(ShareOf(options), "each name once", Quoted(name) + " again");
    }
  }
  return {};
}

// From the least to the largest, so that no order of the parts decides how it is rounded.
double SumOfRatios(const SplitOptions& options) {
  std::vector<double> ratios;
  for (const SplitPart& part : options.parts) ratios.push_back(part.ratio);
  std::sort(ratios.begin(), ratios.end());
  double sum = 0;
  for (const double ratio : ratios) sum += ratio;
  return sum;
}

Status CheckRatios(const SplitOptions& options) {
  for (const SplitPart& part : options.parts) {
    // The negation refuses a NaN too.
    if (!(part.ratio > 0 && part.ratio <= 1)) {
      return ArgumentOutOfRange(ShareOf(options, part), "a number above 0 and at most 1",
                                part.ratio);
    }
  }
  const double sum = SumOfRatios(options);
  if (std::abs(sum - 1) > 1e-9) {
    return ArgumentOutOfRange("ratios", "numbers whose sum is 1", sum);
  }
  return {};
}

Status CheckCounts(const SplitOptions& options, int64_t rows) {
  int64_t sum = 0;
  for (const SplitPart& part : options.parts) {
    if (part.count < 0 || part.count > rows) {
      return RefuseArgument(ShareOf(options, part), "0 to " + std::to_string(rows) + " rows",
                            std::to_string(part.count));
    }
    sum += part.count;
  }
  if (sum != rows) {
    return RefuseArgument("counts", "a sum of " + std::to_string(rows) + ", the number of rows",
                          std::to_string(sum));
  }
  return {};
}

Status CheckMethod(const SplitOptions& options, const RowFacts& facts) {
  const SplitMethod method = options.method;
  if (facts.has_keys) {
    if (method == SplitMethod::kHuggingFace) {
      return RefuseArgument("key", "none with the method 'huggingface'", "a field");
    }
    if (facts.has_strata) {
      return RefuseArgument("stratify", "none beside a key", "a field");
    }
    if (options.by_count) {
      return RefuseArgument("counts", "ratios, since keys can keep no counts", "counts");
    }
  }
  if (facts.has_strata && method != SplitMethod::kShuffle) {
    return RefuseArgument("stratify", "none but with the method 'shuffle'", "a field");
  }
  if (method == SplitMethod::kContent && options.by_count) {
    return RefuseArgument("counts", "ratios, since the method 'content' can keep no counts",
                          "counts");
  }
  if (method == SplitMethod::kHuggingFace) {
    const bool is_known = std::ranges::all_of(options.parts, [](const SplitPart& part) {
      return part.name == "train" || part.name == "test";
    });
    if (options.parts.size() != 2 || !is_known) {
      std::string names;
      for (const SplitPart& part : options.parts) {
        names += (names.empty() ? "" : ", ") + Quoted(part.name);
      }
      return RefuseArgument(ShareOf(options), "the parts train and test", names);
    }
  }
  return {};
}

std::vector<uint64_t> SizesByLargestRemainder(const SplitOptions& options, int64_t rows) {
  constexpr uint64_t kWhole = uint64_t{1} << 16;
  const auto parts = static_cast<uint32_t>(options.parts.size());
  const std::vector<double> shares = SplitShares(options);
  std::vector<uint64_t> sizes;
  std::vector<uint64_t> remainders;  // with the parts, the earlier ones last
  uint64_t left = static_cast<uint64_t>(rows);
  for (uint32_t p = 0; p < parts; ++p) {
    const double quota = shares[p] * static_cast<double>(rows) * static_cast<double>(kWhole);
    const auto rounded = static_cast<uint64_t>(quota + 0.5);
    sizes.push_back(rounded / kWhole);
    remainders.push_back(PackPair(static_cast<uint32_t>(rounded % kWhole), parts - 1 - p));
    left -= sizes.back();
  }
  // A quota that became a whole row more lacked at most 2^-17 of it. So of 1000 parts the fractions
  // of those that did sum to more than their number less one, and the sizes to no more than the
  // rows.
  REPRISE_CHECK(left <= parts, "largest remainders leave at most a row a part");
  std::ranges::sort(remainders);
  for (; left > 0; --left) {
    ++sizes[parts - 1 - SecondOfPair(remainders.back())];
    remainders.pop_back();
  }
  return sizes;
}

}  // namespace

Status CheckSplit(const SplitOptions& options, const RowFacts& facts) {
  if (facts.rows > kMaxSplitRows) {
    return RefuseArgument("rows", "at most " + std::to_string(kMaxSplitRows),
                          std::to_string(facts.rows));
  }
  REPRISE_TRY(CheckNames(options));
  REPRISE_TRY(CheckMethod(options, facts));
  return options.by_count ? CheckCounts(options, facts.rows) : CheckRatios(options);
}

Status CheckSizes(const SplitOptions& options, std::span<const uint64_t> sizes, int64_t rows) {
  if (options.by_count && options.method != SplitMethod::kHuggingFace) return {};
  for (size_t p = 0; p < sizes.size(); ++p) {
    if (sizes[p] != 0) continue;
    return RefuseArgument(ShareOf(options, options.parts[p]),
                          "at least one of " + std::to_string(rows) + " rows", "none");
  }
  return {};
}

std::vector<double> SplitShares(const SplitOptions& options) {
  const double sum = SumOfRatios(options);
  std::vector<double> shares;
  for (const SplitPart& part : options.parts) shares.push_back(part.ratio / sum);
  return shares;
}

std::vector<uint64_t> SplitSizes(const SplitOptions& options, int64_t rows) {
  if (!options.by_count && options.method != SplitMethod::kHuggingFace) {
    return SizesByLargestRemainder(options, rows);
  }
  std::vector<uint64_t> sizes;
  for (const SplitPart& part : options.parts) {
    sizes.push_back(static_cast<uint64_t>(part.count));
  }
  if (!options.by_count) {
    const size_t test = options.parts[0].name == "test" ? 0 : 1;
    // Of 64-bit floats and in this order, as Python has it.
    sizes[test] =
        static_cast<uint64_t>(std::ceil(options.parts[test].ratio * static_cast<double>(rows)));
    sizes[1 - test] = static_cast<uint64_t>(rows) - sizes[test];
  }
  return sizes;
}

}  // namespace reprise
