// Builds the automaton of a pattern's instructions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "tokenizer/regex/automaton.h"
#include "tokenizer/regex/regex.h"

namespace reprise {

// A state of the automaton is the list of the instructions at which backtracking may stand, in the
// order in which it would try them (Cox, "Regular Expression Matching: the Virtual Machine
// Approach", 2009). A step knows the code point that comes, so that it can look ahead by one.
class AutomatonBuilder {
 public:
  // Null where the pattern looks behind or further ahead than one code point, has word
  // boundaries, starts of text or lines, or atomic groups other than runs of a set, or where the
  // automaton would be large.
  static std::unique_ptr<RegexAutomaton> Build(const Regex& regex);

 private:
  using Op = Regex::Op;
  // An instruction, and how many code points a bounded run may still take.
  struct Place {
    uint32_t instruction;
    uint32_t left;
    auto operator<=>(const Place&) const = default;
  };
  // What is found at a code point while a state's places are gone through.
  struct Step {
    std::vector<Place> next;
    std::set<Place> met;
    std::vector<Place>
        waiting;  // to be tried when what is tried now does not match, the last first
    bool matches = false;
    bool is_known = true;
  };

  explicit AutomatonBuilder(const Regex& regex) : regex_(regex) {}

  bool BuildSteps();
  // Marks the steps to states that pass over letters.
  void MarkLetters();
  // Goes on from a place, at a code point of class `c`, to where a code point is taken or the
  // pattern matches. Places behind a match are not tried.
  void Follow(const Place& start, uint32_t c, Step& step);
  void FollowOne(const Place& place, uint32_t c, Step& step) const;
  void FollowRun(const Place& place, uint32_t c, Step& step) const;
  // Whether the instructions from `at` on match nothing or one code point of class `c`; nothing
  // where that takes more than one.
  std::optional<bool> Looks(uint32_t at, uint32_t c, bool has_read, uint32_t& steps) const;
  std::optional<bool> Holds(const Regex::Look& look, uint32_t c) const;
  std::optional<bool> HoldsAtEnd(uint32_t assertion, uint32_t c) const;
  bool Contains(uint32_t set, uint32_t c) const;
  bool IsEnd(uint32_t c) const { return c == classes_->examples().size(); }
  uint32_t StateOf(const std::vector<Place>& places);

  const Regex& regex_;
  std::optional<CharClasses> classes_;
  uint32_t row_ = 0;     // steps of a state
  size_t followed_ = 0;  // places, over all states and classes
  std::map<std::vector<Place>, uint32_t> numbers_;
  std::vector<std::vector<Place>> states_;
  std::unique_ptr<RegexAutomaton> automaton_ = std::make_unique<RegexAutomaton>();
};

}  // namespace reprise
