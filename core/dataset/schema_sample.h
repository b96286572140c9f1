// What schema inference looks at, of each format: the first rows of a file, and nothing behind
// them, so that it does not matter in which pieces a file comes.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "dataset/row_collector.h"
#include "dataset/schema_inference.h"

namespace reprise {

class SchemaSample {
 public:
  SchemaSample(const RowFormat& format, std::string file, int64_t most_rows)
      : file_(std::move(file)), most_rows_(most_rows), says_bytes_(format.says_bytes) {}
  virtual ~SchemaSample() = default;

  // As those of SchemaInference. Once it is full nothing is looked at, and nothing is an error.
  virtual Status Push(std::span<const uint8_t> bytes) = 0;
  virtual Status Finish() = 0;
  virtual bool is_full() const { return rows_ >= most_rows_; }
  virtual Result<InferredSchema> Infer() = 0;

 protected:
  Failure Refuse(int64_t row, int64_t byte, std::string_view expected,
                 std::string_view found) const {
    return Fail(
        RowError({row, "", byte, std::string(expected), std::string(found), file_, says_bytes_}));
  }

  // Ends the reading of a piece where the sample is full before its end. For UntilFull.
  static Failure Full() { return Fail(ErrorCode::kInternal, "the sample has all of its rows"); }
  // What reading a piece of the file came to: an error of a full sample lies behind its rows. So a
  // row that is an error is not to be counted.
  Status UntilFull(Status status) const { return is_full() ? Status() : std::move(status); }

  const std::string file_;
  const int64_t most_rows_;
  const bool says_bytes_;
  int64_t rows_ = 0;  // that were looked at
};

// The most fields that inference gives a schema.
inline constexpr size_t kMostInferredFields = 4096;

// A field whose path is its name.
Field InferredField(std::string name, FieldType type);
// Of CSV with its delimiter, or with the one that splits its rows best.
std::unique_ptr<SchemaSample> MakeCsvSample(const RowFormat& format, std::string file,
                                            int64_t most_rows);

}  // namespace reprise
