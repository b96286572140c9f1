// A regular expression as a tree, between parser and compiler.
#pragma once

#include <cstdint>
#include <vector>

#include "tokenizer/regex/char_set.h"

namespace reprise {

struct RegexNode {
  enum class Kind : uint8_t {
    kSequence,     // children, one after the other; none: the empty text
    kAlternation,  // children, the first that leads to a match
    kSet,          // one code point of `set`
    kRepeat,       // child 0, `low` to `high` times
    kAssertion,
    kLook,    // child 0 matches ahead or behind, or does not
    kAtomic,  // child 0, whose first match is final
  };
  enum class Greed : uint8_t { kGreedy, kLazy, kPossessive };
  enum class Assertion : uint8_t {
    kLineStart,         // ^
    kLineEnd,           // $
    kTextStart,         // \A
    kTextEnd,           // \z
    kTextEndOrNewline,  // \Z
    kWordBoundary,      // \b
    kNoWordBoundary,    // \B
  };
  static constexpr uint32_t kNoLimit = ~uint32_t{0};

  Kind kind = Kind::kSequence;
  std::vector<RegexNode> children;
  CharSet set;
  uint32_t low = 0;
  uint32_t high = 0;  // kNoLimit where there is none
  Greed greed = Greed::kGreedy;
  Assertion assertion = Assertion::kLineStart;
  bool is_behind = false;
  bool is_negative = false;
};

}  // namespace reprise
