#include "dataset/text_rows.h"

#include <bit>
#include <utility>

#include "base/byte_block.h"

namespace reprise {

Status TextRowCutter::Push(std::span<const uint8_t> bytes) {
  REPRISE_TRY(input_.Append(bytes));
  if (!input_.is_begun()) return {};
  REPRISE_TRY(Cut(false));
  return input_.size() <= kMostRowBytes ? Status() : TooLong(input_.offset());
}

Status TextRowCutter::Give(std::string_view text, int64_t byte) {
  return text.size() <= kMostRowBytes ? handler_->Row(text, byte) : TooLong(byte);
}

Status TextRowCutter::TooLong(int64_t byte) {
  return handler_->Refuse(byte, "a row of at most 256 MiB", "more");
}

Status TextRowCutter::Finish() {
  input_.End();
  return Cut(true);
}

namespace {

// Finds lines. What it has looked at it does not look at again.
class LinesCutter : public TextRowCutter {
 public:
  LinesCutter(bool ends_with_return, TextRowHandler* handler)
      : TextRowCutter(handler), ends_with_return_(ends_with_return) {}

 protected:
  // A line without its end, [begin, end) of the input.
  virtual Status TakeLine(size_t begin, size_t end) = 0;
  // Behind the last line of the file.
  virtual Status TakeEnd() { return {}; }
  // What of the input is still needed, where the next line begins at `line`; places move by what
  // is not.
  virtual size_t KeepFrom(size_t line) { return line; }

 private:
  Status Cut(bool at_end) final {
    while (true) {
      const size_t end = FindEnd();
      if (end == input_.size()) break;
      const char c = Waiting()[end];
      const bool is_second = c == '\n' && follows_return_ && end == line_;
      if (!is_second) REPRISE_TRY(TakeLine(line_, end));
      follows_return_ = c == '\r';
      line_ = scanned_ = end + 1;
    }
    scanned_ = input_.size();
    if (at_end) {
      if (line_ < input_.size()) REPRISE_TRY(TakeLine(line_, input_.size()));
      line_ = input_.size();
      REPRISE_TRY(TakeEnd());
    }
    const size_t done = KeepFrom(line_);
    input_.Drop(done);
    line_ -= done;
    scanned_ -= done;
    return {};
  }

  // The next line end from scanned_ on, or the end of the input.
  size_t FindEnd() {
    size_t at = scanned_;
    const size_t size = input_.size();
    const uint8_t* const bytes = input_.data();
    for (; size - at >= kBlockBytes; at += kBlockBytes) {
      const ByteBlock block(bytes + at);
      const uint64_t ends = block.Equal('\n') | (ends_with_return_ ? block.Equal('\r') : 0);
      if (ends != 0) return Looked(at + static_cast<size_t>(std::countr_zero(ends)));
    }
    while (at < size && bytes[at] != '\n' && !(ends_with_return_ && bytes[at] == '\r')) {
      ++at;
    }
    return Looked(at);
  }
  size_t Looked(size_t end) {
    bytes_looked_at_ += static_cast<int64_t>(end - scanned_);
    return end;
  }

  const bool ends_with_return_;
  bool follows_return_ = false;
  size_t line_ = 0, scanned_ = 0;
};

class LineCutter final : public LinesCutter {
 public:
  using LinesCutter::LinesCutter;

 private:
  Status TakeLine(size_t begin, size_t end) override {
    return Give(input_.Text(begin, end), ByteAt(begin));
  }
};

// Takes lines and gives paragraphs.
class ParagraphCutter final : public LinesCutter {
 public:
  explicit ParagraphCutter(TextRowHandler* handler)
      : LinesCutter(/*ends_with_return=*/true, handler) {}

 private:
  Status TakeLine(size_t begin, size_t end) override {
    const std::string_view line = input_.Text(begin, end);
    if (line.find_first_not_of(" \t\v\f") == std::string_view::npos) return TakeEnd();
    if (!is_open_) begin_ = begin;
    is_open_ = true;
    end_ = end;
    return {};
  }
  Status TakeEnd() override {
    if (!std::exchange(is_open_, false)) return {};
    return Give(input_.Text(begin_, end_), ByteAt(begin_));
  }
  size_t KeepFrom(size_t line) override {
    if (!is_open_) return line;
    end_ -= begin_;
    return std::exchange(begin_, 0);
  }

  // Of a paragraph that was begun, where it begins and where its last line ends.
  bool is_open_ = false;
  size_t begin_ = 0, end_ = 0;
};

class WholeCutter final : public TextRowCutter {
 public:
  explicit WholeCutter(TextRowHandler* handler) : TextRowCutter(handler) {}

 private:
  Status Cut(bool at_end) override {
    if (!at_end || input_.size() == 0) return {};
    REPRISE_TRY(Give(Waiting(), ByteAt(0)));
    input_.Drop(input_.size());
    return {};
  }
};

}  // namespace

std::unique_ptr<TextRowCutter> MakeTextRowCutter(TextRowKind kind, TextRowHandler* handler) {
  switch (kind) {
    case TextRowKind::kLine:
    case TextRowKind::kJsonLine:
      return std::make_unique<LineCutter>(kind == TextRowKind::kLine, handler);
    case TextRowKind::kParagraph:
      return std::make_unique<ParagraphCutter>(handler);
    case TextRowKind::kWhole:
      return std::make_unique<WholeCutter>(handler);
  }
  return nullptr;
}

}  // namespace reprise
