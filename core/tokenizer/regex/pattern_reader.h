// Reads a pattern code point by code point and words its faults.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "unicode/utf8.h"

namespace reprise {

class PatternReader {
 public:
  // Valid UTF-8 that outlives the reader.
  explicit PatternReader(std::string_view pattern) : pattern_(pattern) {}

  bool done() const { return at_ == pattern_.size(); }
  size_t at() const { return at_; }
  void GoTo(size_t at) { at_ = at; }
  std::string_view Between(size_t start, size_t end) const {
    return pattern_.substr(start, end - start);
  }

  // The next code point; these require !done().
  char32_t Peek() const {
    size_t at = at_;
    return ReadUtf8(pattern_, at);
  }
  char32_t Next() { return ReadUtf8(pattern_, at_); }

  // Moves behind what comes next if it is this.
  bool Take(char c) {
    if (done() || pattern_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool Take(std::string_view text) {
    if (!pattern_.substr(at_).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }
  // A decimal number below 100,000.
  std::optional<uint32_t> TakeNumber() {
    uint32_t number = 0;
    const size_t start = at_;
    while (!done() && at_ - start < 5 && pattern_[at_] >= '0' && pattern_[at_] <= '9') {
      number = number * 10 + static_cast<uint32_t>(pattern_[at_++] - '0');
    }
    if (at_ == start) return std::nullopt;
    return number;
  }

  // What is wrong before this place. The first fault stays, and nothing is left to read behind it,
  // so that whoever reads on comes to an end; what was read is to be thrown away.
  void Unsupported(std::string_view what);
  void Malformed(std::string_view what);
  // The fault; requires one where !ok().
  bool ok() const { return !failure_.is_error(); }
  Failure TakeFailure() { return std::move(failure_); }

 private:
  void Fault(ErrorCode code, std::string_view pattern, std::string_view what);

  std::string_view pattern_;
  size_t at_ = 0;
  Failure failure_;
};

}  // namespace reprise
