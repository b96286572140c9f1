// RapidJSON's view of a text that it must not change: a stream for parsing in situ, where a string
// with escapes is written elsewhere and any other one stays where it is.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "base/status.h"

#define RAPIDJSON_ASSERT(condition) REPRISE_CHECK(condition, "RapidJSON's own invariant")
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

namespace reprise {

// Memory in large blocks, which goes with the last of them.
class BlockMemory {
 public:
  std::byte* Allocate(size_t bytes) {
    constexpr size_t kBlockBytes = 1 << 16;
    if (bytes > left_) {
      left_ = std::max(bytes, kBlockBytes);
      blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(left_));
      next_ = blocks_.back().get();
    }
    std::byte* const here = next_;
    next_ += bytes;
    left_ -= bytes;
    return here;
  }

 private:
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* next_ = nullptr;  // in the last block
  size_t left_ = 0;
};

// The concept Stream of RapidJSON (rapidjson/stream.h), which says what the names mean. The end
// reads as NUL, however often.
class JsonTextStream {
 public:
  using Ch = char;

  // Strings with escapes go to `unescaped`, whose blocks keep 8-byte alignment.
  JsonTextStream(std::string_view text, BlockMemory* unescaped)
      : begin_(text.data()),
        at_(text.data()),
        end_(text.data() + text.size()),
        unescaped_(unescaped) {}

  char Peek() const { return at_ < end_ ? *at_ : '\0'; }
  char Take() { return at_ < end_ ? *at_++ : '\0'; }
  size_t Tell() const { return static_cast<size_t>(at_ - begin_); }

  // Called behind the quote that starts a string, and behind a number. Passes over as much of the
  // string as is plain, which is mostly all.
  char* PutBegin() {
    start_ = at_;
    copy_ = nullptr;
    if (at_ > begin_ && at_[-1] == '"') PassPlainText();
    size_ = static_cast<size_t>(at_ - start_);
    return nullptr;
  }
  void Put(char c) {
    if (copy_ == nullptr) {
      // The byte just read stands where it belongs, as long as there was no escape.
      if (start_ + size_ + 1 == at_) {
        ++size_;
        return;
      }
      StartCopy();
    }
    copy_[size_++] = c;
  }
  // With the NUL that RapidJSON puts behind it. RapidJSON's pointer to the string means nothing;
  // these do.
  size_t PutEnd(char*) { return size_; }
  std::string_view String(size_t size) const { return {copy_ != nullptr ? copy_ : start_, size}; }
  bool has_escapes() const { return copy_ != nullptr; }
  // Of so many bytes, which ends here.
  std::string_view Number(size_t size) const { return {at_ - size, size}; }

  void SkipWhiteSpace() {
    const char* at = at_;
    while (at < end_ && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
      ++at;
      // Indentation.
      while (end_ - at >= 8 && std::memcmp(at, "        ", 8) == 0) at += 8;
    }
    at_ = at;
  }

 private:
  // To the next byte that RapidJSON must look at: a quote, a backslash, a control character, or one
  // of a code point that is not valid UTF-8 or is of the kinds with rules of their own.
  void PassPlainText() {
    const char* at = at_;
    const auto byte = [&](std::ptrdiff_t i) { return static_cast<unsigned char>(at[i]); };
    const auto continues = [&](std::ptrdiff_t i) { return (byte(i) & 0xC0) == 0x80; };
    while (true) {
      at = PlainAsciiEnd(at);
      at_ = at;
      if (end_ - at < 4) return;
      const unsigned char lead = byte(0);
      if (lead >= 0xC2 && lead <= 0xDF && continues(1)) {
        at += 2;
      } else if (lead >= 0xE1 && lead <= 0xEF && lead != 0xED && continues(1) && continues(2)) {
        at += 3;
      } else if (lead >= 0xF1 && lead <= 0xF3 && continues(1) && continues(2) && continues(3)) {
        at += 4;
      } else {
        return;
      }
    }
  }

  // The next byte that is a quote, a backslash, a control character or not ASCII; eight at a time.
  const char* PlainAsciiEnd(const char* at) const {
    constexpr uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
    for (; end_ - at >= 8; at += 8) {
      uint64_t eight;
      std::memcpy(&eight, at, 8);
      // Where the lowest such byte is, the highest bit is right; above it there may be borrows.
      const auto is_below = [&](uint64_t bytes, uint64_t limit) {
        return (bytes - kOnes * limit) & ~bytes;
      };
      const uint64_t quote = eight ^ kOnes * '"', backslash = eight ^ kOnes * '\\';
      const uint64_t found =
          (is_below(eight, 0x20) | is_below(quote, 1) | is_below(backslash, 1) | eight) & kHigh;
      if (found != 0) return at + std::countr_zero(found) / 8;
    }
    while (at < end_ && static_cast<unsigned char>(*at) >= 0x20 && *at != '"' && *at != '\\' &&
           static_cast<unsigned char>(*at) < 0x80) {
      ++at;
    }
    return at;
  }

  // Room for the rest of the string, which gets no longer by unescaping.
  void StartCopy() {
    const char* quote = at_;
    while (quote < end_ && *quote != '"') quote += *quote == '\\' ? 2 : 1;
    const auto most = static_cast<size_t>(std::min(quote, end_) - start_) + 8;
    copy_ = reinterpret_cast<char*>(unescaped_->Allocate(most / 8 * 8));
    std::memcpy(copy_, start_, size_);
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  BlockMemory* unescaped_;
  const char* start_ = nullptr;
  size_t size_ = 0;
  char* copy_ = nullptr;  // null where nothing of the string was changed
};

}  // namespace reprise

namespace rapidjson {

template <>
inline void SkipWhitespace(reprise::JsonTextStream& stream) {
  stream.SkipWhiteSpace();
}

}  // namespace rapidjson
