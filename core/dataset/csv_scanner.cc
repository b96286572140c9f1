#include "dataset/csv_scanner.h"

#include <algorithm>
#include <bit>

#include "base/byte_block.h"

namespace reprise {

Status CsvScanner::Push(std::span<const uint8_t> bytes) {
  REPRISE_TRY(input_.Append(bytes));
  if (!input_.is_begun()) return {};
  REPRISE_TRY(Scan());
  if (input_.size() - row_ > kMostRowBytes) {
    return handler_->TooLong(input_.offset() + static_cast<int64_t>(row_));
  }
  if (row_ == 0) return {};
  input_.Drop(row_);
  for (size_t* place : {&scanned_, &field_, &opened_, &behind_other_})
    *place -= std::min(*place, row_);
  for (size_t* place : {&closed_, &garbage_}) {
    if (*place != kNone) *place -= row_;
  }
  row_ = 0;
  return {};
}

Status CsvScanner::Finish() {
  input_.End();
  REPRISE_TRY(Scan());
  if (in_quotes_) return handler_->Unclosed(input_.offset() + static_cast<int64_t>(opened_));
  const size_t end = input_.size();
  if (row_ == end && fields_.size() == 0) return {};  // the last row had its end
  EndField(end, end);
  return EndRow(end);
}

// Looks for quotes, delimiters and line ends 64 bytes at a time.
Status CsvScanner::Scan() {
  const auto delimiter = static_cast<uint8_t>(format_.delimiter);
  const auto quote = static_cast<uint8_t>(format_.quote.value_or('\0'));
  while (scanned_ < input_.size()) {
    const uint8_t* const at = input_.data() + scanned_;
    const size_t size = std::min(kBlockBytes, input_.size() - scanned_);
    // A letter is none of them.
    const ByteBlock block = size == kBlockBytes ? ByteBlock(at) : ByteBlock(at, size, 'x');
    const uint64_t valid = size == kBlockBytes ? ~uint64_t{0} : (uint64_t{1} << size) - 1;
    const Marks marks = {block.Equal(delimiter) & valid,
                         (block.Equal('\n') | block.Equal('\r')) & valid,
                         format_.quote ? block.Equal(quote) & valid : 0};
    if (const uint64_t other = block.NotAscii(); other != 0) {
      behind_other_ = scanned_ + kBlockBytes - static_cast<size_t>(std::countl_zero(other));
    }
    REPRISE_TRY(ScanBlock(scanned_, marks));
    scanned_ += size;
  }
  return {};
}

Status CsvScanner::ScanBlock(size_t block, const Marks& marks) {
  uint64_t left = marks.delimiters | marks.ends | marks.quotes;
  while (true) {
    const uint64_t here = in_quotes_ ? left & marks.quotes : left;
    if (here == 0) return {};
    const uint64_t first = here & -here;
    left &= ~(first | (first - 1));
    const size_t at = block + static_cast<size_t>(std::countr_zero(here));
    if ((first & marks.quotes) != 0) {
      TakeQuote(at);
    } else if ((first & marks.delimiters) != 0) {
      EndField(at, at + 1);
    } else {
      REPRISE_TRY(TakeEnd(at));
    }
  }
}

void CsvScanner::TakeQuote(size_t at) {
  if (in_quotes_) {
    in_quotes_ = false;
    closed_ = at;
  } else if (closed_ != kNone && closed_ + 1 == at) {
    in_quotes_ = has_escapes_ = true;
    closed_ = kNone;
  } else if (at == field_) {
    in_quotes_ = is_quoted_ = true;
    opened_ = at;
  }
}

Status CsvScanner::TakeEnd(size_t at) {
  const bool is_return = input_.data()[at] == '\r';
  if (!is_return && at == row_ && follows_return_) {
    row_ = field_ = at + 1;
    follows_return_ = false;
    return {};
  }
  EndField(at, at + 1);
  follows_return_ = is_return;
  return EndRow(at + 1);
}

inline void CsvScanner::EndField(size_t end, size_t next) {
  if (is_quoted_) {
    EndQuotedField(end);
  } else {
    fields_.Add(CsvField{field_ - row_, end - row_, false, false});
  }
  field_ = next;
}

void CsvScanner::EndQuotedField(size_t end) {
  if (closed_ + 1 != end && garbage_ == kNone) garbage_ = closed_ + 1;
  fields_.Add(CsvField{field_ + 1 - row_, closed_ - row_, true, has_escapes_});
  closed_ = kNone;
  is_quoted_ = has_escapes_ = false;
}

Status CsvScanner::EndRow(size_t next) {
  // Its line end does not count, as it does not where the row came in pieces.
  if (next - row_ > kMostRowBytes + 1) {
    return handler_->TooLong(input_.offset() + static_cast<int64_t>(row_));
  }
  REPRISE_TRY(shortage_.Check());
  CsvRow row = {input_.Text(row_, next),
                fields_.Values<CsvField>(),
                input_.offset() + static_cast<int64_t>(row_),
                behind_other_ <= row_,
                {}};
  if (garbage_ != kNone) row.garbage = garbage_ - row_;
  REPRISE_TRY(handler_->Row(row));
  fields_.Clear();
  garbage_ = kNone;
  row_ = field_ = next;
  return {};
}

}  // namespace reprise
