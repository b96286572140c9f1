// Where readers put rows: columns, the digest of each row, and what was wrong with those that do
// not fit the schema.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "dataset/columns.h"
#include "dataset/defaults.h"
#include "dataset/row_digest.h"
#include "dataset/schema.h"

namespace reprise {

// What happens to a row that does not fit.
enum class OnBadRow : uint8_t {
  kError,    // reading ends with it
  kSkip,     // it is left out and listed
  kCollect,  // the same, and reading ends with all of them
};

struct RowProblem {
  int64_t row = 0;     // of the file, from 0, the header not counted, bad rows counted
  std::string column;  // "" where it is the row as a whole
  int64_t byte = 0;    // of the row in the file, from 0
  std::string expected, found;
  std::string file = {};
  bool says_byte = true;  // else nobody is told the byte
};

// invalid_data with file, row, column (where there is one), byte (where it is said), expected and
// found.
Error RowError(const RowProblem& problem);

struct CollectingOptions {
  std::string file;  // the first one's name, in errors
  OnBadRow on_bad_row = OnBadRow::kError;
  int64_t most_problems = kDefaultMaxErrors;  // of all files; at more of them reading ends
  bool needs_digests = false;
  std::vector<size_t> digest_fields = {};  // whose values' digests are wanted by themselves
};

class RowCollector {
 public:
  // With `says_bytes` problems and errors have the byte.
  RowCollector(DatasetSchema schema, CollectingOptions options, bool says_bytes = true);

  const DatasetSchema& schema() const { return schema_; }
  const std::string& file() const { return file_; }
  bool says_bytes() const { return says_bytes_; }
  // Stays where it is.
  Column& column(size_t field) { return batch_.columns[field]; }
  // Of the row to come.
  int64_t row() const { return next_row_; }

  // Ends a row that every column has a value of. Errors: out_of_memory, and then the row is
  // forgotten.
  Status EndRow();
  // Ends a row that does not fit: what was appended of it is forgotten. Errors: invalid_data where
  // that ends the reading, out_of_memory.
  Status RefuseRow(std::string_view column, int64_t byte, std::string_view expected,
                   std::string_view found);
  // Begins another file, whose rows count from 0 again.
  void BeginFile(std::string file);
  // Passes over a row that holds nothing.
  void CountBlankRow() { ++blank_rows_; }
  // The end of the last file. Errors: with kCollect invalid_data with all that was wrong, of the
  // first bad row.
  Status Finish();

  // The error of a problem that no row can be left out for.
  Failure Refuse(std::string_view column, int64_t byte, std::string_view expected,
                 std::string_view found) const;

  const RowBatch& batch() const { return batch_; }
  std::span<const Sha256Digest> digests() const { return digests_.Values<Sha256Digest>(); }
  // Of the field that is the n-th of digest_fields.
  std::span<const Sha256Digest> field_digests(size_t n) const {
    return field_digests_[n].Values<Sha256Digest>();
  }
  const CollectingOptions& options() const { return options_; }
  // Begins anew with no rows; the count of rows goes on.
  void Clear();

  // Of all files, as problems are.
  int64_t blank_rows() const { return blank_rows_; }
  // Rows left out, all of them listed.
  std::span<const RowProblem> problems() const { return problems_; }

 private:
  // Forgets what was appended since the last row.
  void ForgetRow();
  // One of the row at hand.
  RowProblem ProblemOf(std::string_view column, int64_t byte, std::string_view expected,
                       std::string_view found) const;

  const DatasetSchema schema_;
  const CollectingOptions options_;
  const bool says_bytes_;
  std::string file_;         // the one at hand
  MemoryShortage shortage_;  // of the buffers below
  RowBatch batch_;
  ByteBuffer digests_;                     // a Sha256Digest each
  std::vector<ByteBuffer> field_digests_;  // the same
  std::vector<RowProblem> problems_;
  int64_t next_row_ = 0, blank_rows_ = 0;
};

// A text as errors show it: in quotes, of a long one the beginning and its length.
std::string FoundText(std::string_view text);

}  // namespace reprise
