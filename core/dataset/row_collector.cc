#include "dataset/row_collector.h"

#include <algorithm>

#include "base/json_words.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

std::string InWords(const RowProblem& problem) {
  std::string words = "row " + std::to_string(problem.row);
  if (!problem.column.empty()) words += ", column " + QuotedJson(problem.column);
  if (problem.says_byte) words += " (byte " + std::to_string(problem.byte) + ")";
  return words + ": expected " + problem.expected + ", found " + problem.found;
}

Error ErrorOf(const RowProblem& problem, std::string message) {
  Error error(ErrorCode::kInvalidData, std::move(message));
  error = std::move(error).With("file", problem.file).With("row", problem.row);
  if (!problem.column.empty()) error = std::move(error).With("column", problem.column);
  if (problem.says_byte) error = std::move(error).With("byte", problem.byte);
  return std::move(error).With("expected", problem.expected).With("found", problem.found);
}

}  // namespace

Error RowError(const RowProblem& problem) {
  return ErrorOf(problem, problem.file + ": " + InWords(problem));
}

RowCollector::RowCollector(DatasetSchema schema, CollectingOptions options, bool says_bytes)
    : schema_(std::move(schema)),
      options_(std::move(options)),
      says_bytes_(says_bytes),
      file_(options_.file),
      batch_(schema_, &shortage_),
      digests_(&shortage_) {
  for (size_t i = 0; i < options_.digest_fields.size(); ++i)
    field_digests_.emplace_back(&shortage_);
}

void RowCollector::ForgetRow() {
  for (Column& column : batch_.columns) column.Truncate(batch_.rows);
  const size_t digest_bytes = static_cast<size_t>(batch_.rows) * sizeof(Sha256Digest);
  const auto truncate = [&](ByteBuffer& digests) {
    digests.Truncate(std::min(digests.size(), digest_bytes));
  };
  truncate(digests_);
  std::ranges::for_each(field_digests_, truncate);
}

Status RowCollector::EndRow() {
  if (Status status = shortage_.Check(); !status) [[unlikely]] {
    ForgetRow();
    return status;
  }
  if (options_.needs_digests) digests_.Add(DigestOfRow(batch_, schema_, batch_.rows));
  for (size_t i = 0; i < field_digests_.size(); ++i) {
    field_digests_[i].Add(DigestOfValue(batch_, schema_, options_.digest_fields[i], batch_.rows));
  }
  if (Status status = shortage_.Check(); !status) [[unlikely]] {
    ForgetRow();
    return status;
  }
  ++batch_.rows;
  ++next_row_;
  return {};
}

Status RowCollector::RefuseRow(std::string_view column, int64_t byte, std::string_view expected,
                               std::string_view found) {
  ForgetRow();
  REPRISE_TRY(shortage_.Check());
  RowProblem problem = ProblemOf(column, byte, expected, found);
  if (options_.on_bad_row == OnBadRow::kError) {
    return Fail(RowError(problem));
  }
  problems_.push_back(std::move(problem));
  ++next_row_;
  const auto count = static_cast<int64_t>(problems_.size());
  if (count <= options_.most_problems) return {};
  return Fail(ErrorOf(problems_.back(),
                      file_ + ": more than " + std::to_string(options_.most_problems) +
                          " rows do not fit the schema; the last is " + InWords(problems_.back())));
}

void RowCollector::BeginFile(std::string file) {
  file_ = std::move(file);
  next_row_ = 0;
}

Status RowCollector::Finish() {
  if (options_.on_bad_row != OnBadRow::kCollect || problems_.empty()) return {};
  std::string message = std::to_string(problems_.size()) + " rows do not fit the schema: ";
  const std::string* file = nullptr;  // of the problem before
  for (const RowProblem& problem : problems_) {
    if (file != nullptr) message += "; ";
    if (file == nullptr || *file != problem.file) message += problem.file + ": ";
    message += InWords(problem);
    file = &problem.file;
  }
  return Fail(ErrorOf(problems_.front(), std::move(message)));
}

RowProblem RowCollector::ProblemOf(std::string_view column, int64_t byte, std::string_view expected,
                                   std::string_view found) const {
  return {next_row_, std::string(column), byte, std::string(expected), std::string(found),
          file_,     says_bytes_};
}

Failure RowCollector::Refuse(std::string_view column, int64_t byte, std::string_view expected,
                             std::string_view found) const {
  return Fail(RowError(ProblemOf(column, byte, expected, found)));
}

void RowCollector::Clear() {
  batch_.Clear();
  digests_.Clear();
  for (ByteBuffer& digests : field_digests_) digests.Clear();
}

std::string FoundText(std::string_view text) {
  constexpr size_t kMost = 60;
  if (text.size() <= kMost && !FindInvalidUtf8(text)) return QuotedJson(text);
  std::string start;
  LossyUtf8Stream lossy;
  lossy.Push(text.substr(0, kMost), start);
  if (text.size() <= kMost) lossy.Finish(start);
  std::string words = QuotedJson(start);
  if (text.size() > kMost) words += "… of " + std::to_string(text.size()) + " bytes";
  return words;
}

}  // namespace reprise
