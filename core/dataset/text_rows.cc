#include "dataset/text_rows.h"

#include <bit>

#include "base/byte_block.h"

namespace reprise {

Status TextRowCutter::Push(std::span<const uint8_t> bytes) {
  input_.Append(bytes);
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

class LineCutter final : public TextRowCutter {
 public:
  LineCutter(bool ends_with_return, TextRowHandler* handler)
      : TextRowCutter(handler), ends_with_return_(ends_with_return) {}

 private:
  Status Cut(bool at_end) override {
    size_t begin = 0;
    while (true) {
      const size_t end = FindEnd();
      if (end == input_.size()) break;
      const char c = Waiting()[end];
      const bool is_second = c == '\n' && follows_return_ && end == begin;
      if (!is_second) REPRISE_TRY(Give(input_.Text(begin, end), ByteAt(begin)));
      follows_return_ = c == '\r';
      begin = scanned_ = end + 1;
    }
    if (at_end && begin < input_.size()) {
      REPRISE_TRY(Give(input_.Text(begin, input_.size()), ByteAt(begin)));
      begin = input_.size();
    }
    scanned_ = input_.size() - begin;
    input_.Drop(begin);
    return {};
  }

  // The next line end from scanned_ on, or the end of the input.
  size_t FindEnd() {
    size_t at = scanned_;
    const uint8_t* const bytes = input_.data();
    for (; input_.size() - at >= kBlockBytes; at += kBlockBytes) {
      const ByteBlock block(bytes + at);
      const uint64_t ends = block.Equal('\n') | (ends_with_return_ ? block.Equal('\r') : 0);
      if (ends != 0) return at + static_cast<size_t>(std::countr_zero(ends));
    }
    while (at < input_.size() && bytes[at] != '\n' && !(ends_with_return_ && bytes[at] == '\r')) {
      ++at;
    }
    return at;
  }

  const bool ends_with_return_;
  bool follows_return_ = false;
  size_t scanned_ = 0;
};

// Takes lines and gives paragraphs.
class ParagraphCutter final : public TextRowCutter {
 public:
  explicit ParagraphCutter(TextRowHandler* handler) : TextRowCutter(handler) {}

 private:
  Status Cut(bool at_end) override {
    const std::string_view text = Waiting();
    while (true) {
      size_t end = text.find('\n', line_);
      if (end == std::string_view::npos) {
        if (!at_end) break;
        end = text.size();
      }
      const std::string_view line = text.substr(line_, end - line_);
      const bool is_blank = line.find_first_not_of(" \t\r\v\f") == std::string_view::npos;
      if (is_blank) {
        REPRISE_TRY(EndParagraph());
        begin_ = std::min(end + 1, text.size());
      } else {
        end_ = line.ends_with('\r') ? end - 1 : end;
      }
      line_ = std::min(end + 1, text.size());
      if (end == text.size()) break;
    }
    if (at_end) REPRISE_TRY(EndParagraph());
    const size_t done = end_ == 0 ? begin_ : std::min(begin_, line_);
    input_.Drop(done);
    for (size_t* place : {&begin_, &line_, &end_}) *place -= std::min(*place, done);
    return {};
  }

  Status EndParagraph() {
    if (end_ > begin_) {
      REPRISE_TRY(Give(input_.Text(begin_, end_), ByteAt(begin_)));
    }
    begin_ = end_ = line_;
    return {};
  }

  // Where the paragraph begins and the last line of it ends; where the next line begins.
  size_t begin_ = 0, end_ = 0, line_ = 0;
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
