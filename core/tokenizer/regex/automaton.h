// A deterministic automaton that finds the matches of a pattern, one step a code point. It covers
// the patterns of byte-level tokenizers; what it cannot say is left to backtracking (regex.cc).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tokenizer/ascii_letters.h"
#include "tokenizer/regex/char_set.h"
#include "unicode/utf8.h"

namespace reprise {

// The classes into which some sets part the code points: two code points are of one class where
// each set has both or none.
class CharClasses {
 public:
  // Nothing where there are more than kMost.
  static std::optional<CharClasses> Of(const std::vector<CharSet>& sets);
  static constexpr size_t kMost = 60;

  // The class of the code point at `at`, and `at` moved behind it. Requires valid UTF-8.
  uint8_t Read(std::string_view text, size_t& at) const {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      ++at;
      return ascii_[byte];
    }
    // A block is what the bytes but the last say.
    const auto bits = [&](size_t i) { return static_cast<unsigned char>(text[i]) % kBlock; };
    const size_t start = at;
    size_t block;
    if (byte < 0xE0) {
      at += 2;
      block = byte & 0x1F;
    } else if (byte < 0xF0) {
      at += 3;
      block = (byte & 0x0F) * kBlock + bits(start + 1);
    } else {
      at += 4;
      block = ((byte & 0x07) * kBlock + bits(start + 1)) * kBlock + bits(start + 2);
    }
    return blocks_[block_of_[block]][bits(at - 1)];
  }
  // The class of an ASCII character.
  uint8_t ascii(char c) const { return ascii_[static_cast<unsigned char>(c)]; }
  // A code point of each class.
  const std::vector<char32_t>& examples() const { return examples_; }

 private:
  static constexpr size_t kBlock = 64;

  std::array<uint8_t, 128> ascii_{};
  std::array<uint16_t, 0x110000 / kBlock> block_of_{};
  std::vector<std::array<uint8_t, kBlock>> blocks_;
  std::vector<char32_t> examples_;
};

// Immutable; threads may share one.
class RegexAutomaton {
 public:
  static constexpr size_t kNone = std::string_view::npos;

  // The end of the match that backtracking would find first at `at`, or kNone; `read_end` becomes
  // the end of what had to be read for it. Requires valid UTF-8.
  size_t MatchEnd(std::string_view text, size_t at, size_t& read_end) const {
    const uint32_t* const steps = steps_.data();
    size_t end = kNone, here = at;
    uint32_t state = start_;
    while (true) {
      size_t behind = here;
      const uint8_t c = here == text.size() ? end_class_ : classes_.Read(text, behind);
      const uint32_t step = steps[state + c];
      if ((step & kMatchesBefore) != 0) end = here;
      here = behind;
      // Most steps lead back to their state. As a branch, which is guessed, that is faster than
      // waiting for each step in turn.
      const uint32_t next = step & kState;
      if (next == state) continue;
      if (next == kDead) {
        read_end = behind;
        return end;
      }
      state = next;
      if ((step & kLetters) == 0) continue;
      const size_t letters = CountAsciiLetters(text, here, (step & kLetters) == kAnyLetters);
      if (letters == 0) continue;
      here += letters;
      if ((steps[state + classes_.ascii('a')] & kMatchesBefore) != 0) end = here - 1;
    }
  }

 private:
  friend class AutomatonBuilder;
  // A state's number is where its row of steps begins.
  static constexpr uint32_t kDead = 0;
  // In a step: the pattern matches what was read before it.
  static constexpr uint32_t kMatchesBefore = uint32_t{1} << 31;
  // In a step: the state behind it takes a to z, or a to z and A to Z, and stays as it is.
  static constexpr uint32_t kLowerLetters = uint32_t{1} << 30;
  static constexpr uint32_t kAnyLetters = uint32_t{1} << 29 | kLowerLetters;
  static constexpr uint32_t kLetters = kAnyLetters;
  static constexpr uint32_t kState = ~(kMatchesBefore | kLetters);

  CharClasses classes_;
  uint8_t end_class_ = 0;  // of the end of the text
  uint32_t start_ = 0;
  std::vector<uint32_t> steps_;  // the state behind it, by state and class
};

}  // namespace reprise
