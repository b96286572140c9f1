// Cuts a file into the texts of its rows: lines, paragraphs, all of it, or the elements of a JSON
// array.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "dataset/byte_input.h"

namespace reprise {

// Takes the texts of rows in order; what it returns ends the cutting.
class TextRowHandler {
 public:
  virtual ~TextRowHandler() = default;
  // `byte` is where the text stands in the file. The text may hold anything, also no UTF-8.
  virtual Status Row(std::string_view text, int64_t byte) = 0;
  // The error of something at `byte` that no row can be made of.
  virtual Status Refuse(int64_t byte, std::string_view expected, std::string_view found) = 0;
};

class TextRowCutter {
 public:
  explicit TextRowCutter(TextRowHandler* handler) : handler_(handler) {}
  virtual ~TextRowCutter() = default;

  Status Push(std::span<const uint8_t> bytes);
  Status Finish();

  // Of the search for line ends: as many as the file has, whatever pieces they come in.
  int64_t bytes_looked_at() const { return bytes_looked_at_; }

 protected:
  // Cuts as many rows as end in the input, and drops them from it; at the end of the file, all.
  virtual Status Cut(bool at_end) = 0;

  // Gives a row to the handler. Errors: those of Refuse where it is longer than kMostRowBytes.
  Status Give(std::string_view text, int64_t byte);
  std::string_view Waiting() const { return input_.Text(0, input_.size()); }
  int64_t ByteAt(size_t at) const { return input_.offset() + static_cast<int64_t>(at); }

  TextRowHandler* handler_;
  ByteInput input_;
  int64_t bytes_looked_at_ = 0;

 private:
  Status TooLong(int64_t byte);
};

enum class TextRowKind : uint8_t {
  kLine,       // ends with LF, CRLF or CR, which are not in it
  kJsonLine,   // ends with LF
  kParagraph,  // lines of kLine as they are, up to one or more that hold nothing but white space
  kWhole,
};
std::unique_ptr<TextRowCutter> MakeTextRowCutter(TextRowKind kind, TextRowHandler* handler);

// The elements of the array that is the file, or that the members of `path` lead to. What is beside
// it must be JSON.
std::unique_ptr<TextRowCutter> MakeJsonArrayCutter(std::vector<std::string> path,
                                                   TextRowHandler* handler);

}  // namespace reprise
