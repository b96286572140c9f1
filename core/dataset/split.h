// Which rows of a dataset go to which part: train, validation, test. The rows themselves are
// nobody's business here; a split sees their number and, where it goes by them, digests.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/job.h"
#include "hash/sha256.h"

namespace reprise {

enum class SplitMethod : uint8_t {
  // The rows are permuted by Permutation of the stream `split`; each part, in the order of their
  // names, takes the next of them.
  kShuffle,
  // A row's place is a function of the seed and its content, so that no row moves to another part
  // when others are added or the order changes, and equal rows are in one part. The sizes are near
  // the ratios where there are many rows.
  kContent,
  // The rows, in their order, that Hugging Face's `datasets` gives:
  // train_test_split(test_size, seed=seed), with test's ratio or count as test_size.
  kHuggingFace,
};

struct SplitPart {
  std::string name = {};
  double ratio = 0;   // of the rows, where a split goes by ratios
  int64_t count = 0;  // of rows, where it goes by counts
};

struct SplitOptions {
  // In any order: which rows a part gets goes by its name.
  std::vector<SplitPart> parts = {};
  bool by_count = false;
  int64_t seed = 0;
  SplitMethod method = SplitMethod::kShuffle;
};

// What a split knows of the rows before their digests come.
struct RowFacts {
  int64_t rows = 0;
  // Of a key field: rows of equal keys stay in one part.
  bool has_keys = false;
  // Of a stratifying field: every part has about the same shares of its values.
  bool has_strata = false;
};

// The C interface takes fewer (reprise_dataset_split).
inline constexpr int64_t kMaxSplitRows = (int64_t{1} << 32) - 1;
inline constexpr size_t kMaxSplitParts = 1000;

// Deals rows out: every row to exactly one part, ascending in each but for kHuggingFace, whose
// parts are in the order that `datasets` gives. The parts come as they were given, and are dealt
// out in the order of their names by UTF-16 units, that of members in canonical JSON (RFC
// 8785, 3.2.3): of ASCII the order of bytes. So the order in which parts were given, which neither
// the hash of a config nor JavaScript keeps, decides nothing. "The first", "before" and "earlier"
// of parts are meant so below. An event tells each hundredth of the way.
//
// Sizes from ratios are by largest remainders (Hamilton's method; of equal remainders the earlier
// part's goes first), so that they add up to the rows; a quota is taken to 2^-16 of a row, so that
// what a ratio loses as a binary fraction decides nothing. kHuggingFace takes ceil(ratio · rows)
// for test, as `datasets` does, and the rest for train.
//
// With keys, kShuffle permutes the distinct keys, counted in the order in which they appear first,
// and gives each to the part in which its middle row falls; so every border between parts is the
// one nearest to the border that the sizes ask for. kContent goes by the key's digest in place of
// the row's.
//
// With strata, the permuted rows of each value are dealt by themselves: a part's number of them is
// its exact share, rounded up or down or, to make the parts' sizes come out as those of a split
// without strata, at most one row above it.
//
// kContent's function: the first 53 bits of SHA-256(seed as 8 bytes, big-endian; the digest) over
// 2^53 is a number in [0, 1), and the row belongs to the first part whose ratio, together with
// those before it, is above it.
class SplitJob : public Job {
 public:
  // Errors, all invalid_argument but out_of_memory, with the argument's name as reprise's
  // SplitOptions have it:
  // - `ratios`, `counts`: no parts or above kMaxSplitParts; an empty name or one twice; a ratio
  //   that is not above 0 and at most 1, or ratios that do not sum to 1 (to 1e-9); a count below 0,
  //   or counts that do not sum to the rows; a ratio by which a part gets no row, since nobody asks
  //   for an empty part so (a count of 0 does); counts with keys or kContent, which cannot keep
  //   them; for kHuggingFace, other parts than train and test, or one of them without rows
  // - `seed`: outside 0 … kMaxSeed
  // - `rows`: more than kMaxSplitRows
  // - `stratify`: strata with keys, or for another method than kShuffle
  // - `key`: keys for kHuggingFace
  static Result<std::unique_ptr<SplitJob>> Create(const SplitOptions& options,
                                                  const RowFacts& facts);

  // How many rows' digests are still to come; none where the split does not go by them.
  virtual int64_t lacking_digests() const = 0;
  // The digests of the next rows: of their keys or strata where they have any, else, with kContent,
  // of whole rows. Requires that no more come than are lacking. Errors: out_of_memory, after
  // which they are still lacking and every further call is the same error.
  virtual Status Push(std::span<const Sha256Digest> digests) = 0;

  // Step requires that no digest is lacking. Its errors: invalid_argument of `ratios` where keys or
  // contents leave a part without rows; out_of_memory.

  // In places that it goes through, several for each row.
  virtual JobProgress progress() const = 0;
  // Once it is done, and empty before: the number of rows of each part, and then the rows of each.
  virtual std::span<const uint32_t> words() const = 0;
};

}  // namespace reprise
