// Natural numbers of the size that exact arithmetic with doubles and their decimals needs.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/status.h"

namespace reprise {

// A natural number below 2^1248: the largest are ten times twice the largest double, 2^1029, and
// 10^325, which is below 2^1080, times a significand.
class Natural {
 public:
  explicit Natural(uint64_t value) {
    words_[0] = static_cast<uint32_t>(value);
    words_[1] = static_cast<uint32_t>(value >> 32);
    size_ = 2;
    Trim();
  }

  bool is_zero() const { return size_ == 0; }

  void Multiply(uint32_t factor) {
    uint64_t carry = 0;
    for (int i = 0; i < size_; ++i) {
      carry += uint64_t{words_[i]} * factor;
      words_[i] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) Push(static_cast<uint32_t>(carry));
  }
  void MultiplyByPowerOf2(int power) {
    for (; power >= 31; power -= 31) Multiply(uint32_t{1} << 31);
    Multiply(uint32_t{1} << power);
  }
  void MultiplyByPowerOf10(int power) {
    for (; power >= 9; power -= 9) Multiply(1'000'000'000);
    for (; power > 0; --power) Multiply(10);
  }
  // Divides by ten; the remainder.
  uint32_t DivideBy10() {
    uint64_t rest = 0;
    for (int i = size_ - 1; i >= 0; --i) {
      rest = rest << 32 | words_[i];
      words_[i] = static_cast<uint32_t>(rest / 10);
      rest %= 10;
    }
    Trim();
    return static_cast<uint32_t>(rest);
  }

  void Add(const Natural& other) {
    uint64_t carry = 0;
    for (int i = 0; i < std::max(size_, other.size_); ++i) {
      carry += uint64_t{word(i)} + other.word(i);
      if (i < size_) {
        words_[i] = static_cast<uint32_t>(carry);
      } else {
        Push(static_cast<uint32_t>(carry));
      }
      carry >>= 32;
    }
    if (carry != 0) Push(static_cast<uint32_t>(carry));
  }
  // Requires a number that is not larger.
  void Subtract(const Natural& other) {
    uint64_t borrow = 0;
    for (int i = 0; i < size_; ++i) {
      const uint64_t difference = uint64_t{words_[i]} - other.word(i) - borrow;
      words_[i] = static_cast<uint32_t>(difference);
      borrow = difference >> 63;
    }
    Trim();
  }

  // Below 0, 0 or above 0 as this is less, the same or more.
  int Compare(const Natural& other) const {
    if (size_ != other.size_) return size_ - other.size_;
    for (int i = size_ - 1; i >= 0; --i) {
      if (words_[i] != other.words_[i]) return words_[i] < other.words_[i] ? -1 : 1;
    }
    return 0;
  }

 private:
  uint32_t word(int i) const { return i < size_ ? words_[i] : 0; }
  void Push(uint32_t word) {
    REPRISE_CHECK(size_ < static_cast<int>(words_.size()), "numbers of doubles fit");
    words_[size_++] = word;
  }
  void Trim() {
    while (size_ > 0 && words_[size_ - 1] == 0) --size_;
  }

  std::array<uint32_t, 39> words_;
  int size_;
};

}  // namespace reprise
