#include "dataset/split.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>

#include "base/sort.h"
#include "dataset/split_sizes.h"
#include "hash/canonical_json.h"
#include "random/distributions.h"
#include "random/pcg64.h"

namespace reprise {
namespace {

using RowsOfParts = std::vector<std::vector<uint32_t>>;
// Of each row, or of each key, the part it belongs to.
using PartOfEach = std::vector<uint16_t>;

// --------------------------------------------------------------------------------------- values

// Rows by the value of a field.
struct Values {
  std::vector<uint32_t> of_row;  // a number for each distinct value, in the order of appearance
  std::vector<uint32_t> rows;    // how many rows have it
};

Values FindValues(std::span<const Sha256Digest> digests) {
  constexpr uint32_t kNone = ~uint32_t{0};
  // Open addressing; a slot holds the number of a value, which its first row stands for.
  std::vector<uint32_t> slots(std::bit_ceil(digests.size() * 2), kNone);
  std::vector<uint32_t> first_rows;
  Values values;
  values.of_row.reserve(digests.size());
  for (uint32_t row = 0; row < digests.size(); ++row) {
    uint64_t place;
    std::memcpy(&place, digests[row].data(), sizeof(place));
    uint32_t* slot;
    do {
      slot = &slots[place++ % slots.size()];
    } while (*slot != kNone && digests[first_rows[*slot]] != digests[row]);
    if (*slot == kNone) {
      *slot = static_cast<uint32_t>(first_rows.size());
      first_rows.push_back(row);
      values.rows.push_back(0);
    }
    values.of_row.push_back(*slot);
    ++values.rows[*slot];
  }
  return values;
}

// -------------------------------------------------------------------------------------- dealing

PartOfEach DealRows(std::span<const uint32_t> order, std::span<const uint64_t> sizes) {
  PartOfEach part_of(order.size());
  size_t at = 0;
  for (size_t p = 0; p < sizes.size(); ++p) {
    for (uint64_t i = 0; i < sizes[p]; ++i) part_of[order[at++]] = static_cast<uint16_t>(p);
  }
  return part_of;
}

PartOfEach DealKeys(const RandomSource& source, std::span<const Sha256Digest> keys,
                    std::span<const uint64_t> sizes) {
  const Values values = FindValues(keys);
  PartOfEach part_of_value(values.rows.size());
  uint64_t dealt = 0, end = sizes[0];
  size_t part = 0;
  for (const uint32_t value : Permutation(source, static_cast<uint32_t>(values.rows.size()))) {
    // The middle of a key's rows lies below the number of all rows, where the last part ends.
    while (2 * end <= 2 * dealt + values.rows[value]) end += sizes[++part];
    part_of_value[value] = static_cast<uint16_t>(part);
    dealt += values.rows[value];
  }
  PartOfEach part_of;
  part_of.reserve(keys.size());
  for (const uint32_t value : values.of_row) part_of.push_back(part_of_value[value]);
  return part_of;
}

// How many rows of each stratum go to each part: a 0-1 matrix is added to the shares rounded down,
// whose row sums are what the stratum has left and whose column sums what the parts still lack.
// One with fractions in place of 0 and 1 exists, the shares' remainders; so one exists, and giving
// to those first that lack most finds it in any order of the strata (Ryser 1957, "Combinatorial
// properties of matrices of zeros and ones").
class StratumShares {
 public:
  StratumShares(std::span<const uint64_t> sizes, std::span<const uint32_t> strata, uint64_t rows)
      : sizes_(sizes), rows_(rows), lacking_(sizes.begin(), sizes.end()) {
    for (const uint32_t stratum : strata) {
      for (size_t p = 0; p < sizes_.size(); ++p) lacking_[p] -= RoundedDown(stratum, p);
    }
  }

  // For a stratum of so many rows, each to be asked for once.
  std::vector<uint64_t> Next(uint32_t stratum) {
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

 private:
  // Both factors are below 2^32.
  uint64_t RoundedDown(uint32_t stratum, size_t part) const {
    return stratum * sizes_[part] / rows_;
  }

  std::span<const uint64_t> sizes_;
  uint64_t rows_;
  std::vector<uint64_t> lacking_;
};

PartOfEach DealStrata(std::span<const uint32_t> order, std::span<const Sha256Digest> strata,
                      std::span<const uint64_t> sizes) {
  const Values values = FindValues(strata);
  // The permuted rows, those of each stratum together.
  std::vector<size_t> ends;
  size_t end = 0;
  for (const uint32_t rows : values.rows) ends.push_back(end += rows);
  std::vector<uint32_t> sorted(order.size());
  for (size_t i = order.size(); i-- > 0;) sorted[--ends[values.of_row[order[i]]]] = order[i];
  const std::vector<size_t>& begins = ends;

  // The strata come in the order of the permutation, so that chance decides which of them give
  // their odd rows to which part.
  StratumShares shares(sizes, values.rows, order.size());
  std::vector<bool> is_dealt(values.rows.size());
  PartOfEach part_of(order.size());
  for (const uint32_t row : order) {
    const uint32_t stratum = values.of_row[row];
    if (is_dealt[stratum]) continue;
    is_dealt[stratum] = true;
    size_t at = begins[stratum];
    const std::vector<uint64_t> counts = shares.Next(values.rows[stratum]);
    for (size_t p = 0; p < counts.size(); ++p) {
      for (uint64_t i = 0; i < counts[p]; ++i) part_of[sorted[at++]] = static_cast<uint16_t>(p);
    }
  }
  return part_of;
}

PartOfEach DealByContent(const SplitOptions& options, std::span<const Sha256Digest> contents) {
  std::vector<double> ends = SplitShares(options);
  for (size_t p = 1; p < ends.size(); ++p) ends[p] += ends[p - 1];
  std::array<uint8_t, 8 + sizeof(Sha256Digest)> input;
  const auto seed = static_cast<uint64_t>(options.seed);
  for (size_t i = 0; i < 8; ++i) input[i] = static_cast<uint8_t>(seed >> (56 - 8 * i));
  PartOfEach part_of;
  part_of.reserve(contents.size());
  for (const Sha256Digest& content : contents) {
    std::ranges::copy(content, input.begin() + 8);
    Sha256 hash;
    hash.Update(input);
    const Sha256Digest digest = hash.Finish();
    uint64_t bits = 0;
    for (size_t i = 0; i < 8; ++i) bits = bits << 8 | digest[i];
    const double place = static_cast<double>(bits >> 11) * 0x1p-53;
    // Rounded sums may end below 1: what lies above is the last part's.
    const auto above = std::ranges::upper_bound(ends.begin(), ends.end() - 1, place);
    part_of.push_back(static_cast<uint16_t>(above - ends.begin()));
  }
  return part_of;
}

RowsOfParts Gather(const PartOfEach& part_of, size_t parts) {
  std::vector<size_t> sizes(parts);
  for (const uint16_t part : part_of) ++sizes[part];
  RowsOfParts rows(parts);
  for (size_t p = 0; p < parts; ++p) rows[p].reserve(sizes[p]);
  for (uint32_t row = 0; row < part_of.size(); ++row) rows[part_of[row]].push_back(row);
  return rows;
}

RowsOfParts SplitAsHuggingFace(const SplitOptions& options, uint32_t rows,
                               std::span<const uint64_t> sizes) {
  const auto order = NumpyPermutation(static_cast<uint64_t>(options.seed), rows);
  const size_t test = options.parts[0].name == "test" ? 0 : 1;
  const auto middle = order.begin() + static_cast<ptrdiff_t>(sizes[test]);
  RowsOfParts parts(2);
  parts[test].assign(order.begin(), middle);
  parts[1 - test].assign(middle, order.end());
  return parts;
}

void CheckFacts(const SplitOptions& options, const RowFacts& facts) {
  REPRISE_CHECK(facts.rows >= 0, "a number of rows");
  for (const auto digests : {facts.contents, facts.keys, facts.strata}) {
    REPRISE_CHECK(digests.empty() || digests.size() == static_cast<uint64_t>(facts.rows),
                  "a digest for each row");
  }
  REPRISE_CHECK(options.method != SplitMethod::kContent || facts.rows == 0 ||
                    !facts.contents.empty() || !facts.keys.empty(),
                "a split by content needs contents or keys");
}

// The part of each row but for kHuggingFace, whose rows are not in their order.
PartOfEach DealEach(const SplitOptions& options, const RowFacts& facts, const RandomSource& source,
                    std::span<const uint64_t> sizes) {
  if (options.method == SplitMethod::kContent) {
    return DealByContent(options, facts.keys.empty() ? facts.contents : facts.keys);
  }
  if (!facts.keys.empty()) return DealKeys(source, facts.keys, sizes);
  const auto order = Permutation(source, static_cast<uint32_t>(facts.rows));
  if (!facts.strata.empty()) return DealStrata(order, facts.strata, sizes);
  return DealRows(order, sizes);
}

// Parts in the order of their names.
Result<RowsOfParts> SplitByName(const SplitOptions& options, const RowFacts& facts) {
  REPRISE_TRY(CheckSplit(options, facts));
  REPRISE_ASSIGN(const RandomSource source,
                 RandomSource::Create(options.seed, RandomStream::kSplit));
  const std::vector<uint64_t> sizes = SplitSizes(options, facts.rows);
  // By content the sizes are a matter of chance.
  if (options.method != SplitMethod::kContent) {
    REPRISE_TRY(CheckSizes(options, sizes, facts.rows));
  }
  RowsOfParts parts = options.method == SplitMethod::kHuggingFace
                          ? SplitAsHuggingFace(options, static_cast<uint32_t>(facts.rows), sizes)
                          : Gather(DealEach(options, facts, source, sizes), options.parts.size());
  std::vector<uint64_t> dealt;
  for (const auto& rows : parts) dealt.push_back(rows.size());
  REPRISE_TRY(CheckSizes(options, dealt, facts.rows));
  return parts;
}

}  // namespace

Result<RowsOfParts> SplitRows(const SplitOptions& options, const RowFacts& facts) {
  CheckFacts(options, facts);
  const auto& parts = options.parts;
  std::vector<size_t> by_name(parts.size());
  std::iota(by_name.begin(), by_name.end(), size_t{0});
  std::sort(by_name.begin(), by_name.end(), [&](size_t one, size_t other) {
    return ComesBeforeInUtf16(parts[one].name, parts[other].name);
  });
  SplitOptions sorted = options;
  for (size_t i = 0; i < parts.size(); ++i) sorted.parts[i] = parts[by_name[i]];
  REPRISE_ASSIGN(RowsOfParts dealt, SplitByName(sorted, facts));
  RowsOfParts rows(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) rows[by_name[i]] = std::move(dealt[i]);
  return rows;
}

}  // namespace reprise
