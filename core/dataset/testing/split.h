// What the tests of splits share: all of a job at once, or in pieces and steps.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/split.h"
#include "random/distributions.h"

namespace reprise::testing {

using RowsOfParts = std::vector<std::vector<uint32_t>>;
using Digests = std::vector<Sha256Digest>;

inline Sha256Digest DigestOf(std::string_view text) {
  Sha256 hash;
  hash.Update({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  return hash.Finish();
}

// Parts a, b, …
inline SplitOptions Ratios(const std::vector<double>& ratios, int64_t seed,
                           SplitMethod method = SplitMethod::kShuffle) {
  SplitOptions options{.seed = seed, .method = method};
  char name = 'a';
  for (const double ratio : ratios) {
    options.parts.push_back({.name = std::string(1, name++), .ratio = ratio});
  }
  return options;
}

inline SplitOptions Counts(const std::vector<int64_t>& counts, int64_t seed) {
  SplitOptions options{.by_count = true, .seed = seed};
  char name = 'a';
  for (const int64_t count : counts) {
    options.parts.push_back({.name = std::string(1, name++), .count = count});
  }
  return options;
}

// One of `kinds` texts for each row, the first of them oftener.
inline Digests RandomDigests(int64_t rows, int kinds, int64_t seed) {
  const RandomSource source = *RandomSource::Create(seed, RandomStream::kInit);
  Digests digests;
  for (int64_t row = 0; row < rows; ++row) {
    const double x = UniformF64(source, static_cast<uint64_t>(row));
    digests.push_back(DigestOf(std::to_string(static_cast<int>(x * x * kinds))));
  }
  return digests;
}

// The rows, and the digests that they have: one each, or none.
struct SplitInput {
  int64_t rows = 0;
  std::span<const Sha256Digest> contents = {}, keys = {}, strata = {};
};

// The rows of each part, with steps of so many units; digests come in pieces of so many.
inline Result<RowsOfParts> SplitRows(const SplitOptions& options, const SplitInput& input,
                                     int64_t work_units = int64_t{1} << 62,
                                     size_t piece = SIZE_MAX) {
  const RowFacts facts{
      .rows = input.rows, .has_keys = !input.keys.empty(), .has_strata = !input.strata.empty()};
  REPRISE_ASSIGN(const auto job, SplitJob::Create(options, facts));
  auto digests = facts.has_keys ? input.keys : facts.has_strata ? input.strata : input.contents;
  while (job->lacking_digests() > 0) {
    const auto some = digests.first(std::min(piece, digests.size()));
    REPRISE_TRY(job->Push(some));
    digests = digests.subspan(some.size());
  }
  while (true) {
    REPRISE_ASSIGN(const JobState state, job->Step(work_units));
    if (state == JobState::kDone) break;
  }
  RowsOfParts parts;
  auto rows = job->words().subspan(options.parts.size());
  for (const uint32_t size : job->words().first(options.parts.size())) {
    const auto some = rows.first(size);
    parts.emplace_back(some.begin(), some.end());
    rows = rows.subspan(size);
  }
  return parts;
}

}  // namespace reprise::testing
