// Regular expressions of tokenizer.json: the syntax and meaning of Oniguruma for UTF-8, which
// Hugging Face's tokenizers use, in linear time.
//
// Not run, and refused by name: backreferences and subexpression calls, looking behind for a text
// of varying length, atomic groups without a bound on their length, absence operators,
// conditionals,
// \G \K \X \y, and a few names of properties.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tokenizer/regex/automaton.h"
#include "tokenizer/regex/char_set.h"

namespace reprise {

struct RegexNode;

// A match, in bytes; may be empty.
struct RegexMatch {
  size_t start;
  size_t end;
};

// A compiled pattern. Immutable; threads may share one.
class Regex {
 public:
  // How matches are found; the result is the same.
  enum class Engine : uint8_t {
    kFastest,
    kBacktracking,  // the oracle of the automaton
  };
  // Errors, whose messages name the place in the pattern: unsupported, and invalid_tokenizer where
  // it is no regular expression.
  static Result<Regex> Compile(std::string_view pattern, Engine engine = Engine::kFastest);
  bool has_automaton() const { return automaton_ != nullptr; }

  // Calls visit(match) for all matches in valid UTF-8, from left to right: at each place the one
  // that backtracking finds first. An empty match right behind another match does not count. The
  // time is linear in the text. Where memory lacks for it (base/growing_array.h), no more matches
  // are visited.
  template <typename Visit>
  void ForEachMatch(std::string_view text, const Visit& visit) const {
    ForEachMatch(text, 0, text.size(), visit);
  }
  // The same from `from` on, where a match ends or the text begins, and until a match ends `size`
  // bytes behind it or more: returns that place. Only where the automaton finds match after match;
  // else all matches are visited and text.size() is returned.
  template <typename Visit>
  size_t ForEachMatch(std::string_view text, size_t from, size_t size, const Visit& visit) const;
  std::vector<RegexMatch> FindAll(std::string_view text) const;

 private:
  friend class AutomatonBuilder;
  friend class RegexCompiler;
  friend class RegexMatches;
  friend class RegexRun;

  enum class Op : uint8_t {
    kSet,     // one code point of sets_[a]
    kRun,     // possessively, `b` (at most; 0: any number) code points of sets_[a]
    kSplit,   // goes on at a, and at b where that fails; number `c` of the splits
    kJump,    // goes on at a
    kAssert,  // RegexNode::Assertion a
    kLook,    // looks_[a]
    kAtomic,  // looks_[a], and goes on behind its match
    kAccept,
  };
  struct Instruction {
    Op op;
    uint32_t a = 0;
    uint32_t b = 0;
    uint32_t c = 0;
  };
  // Look-around or an atomic group. Its branches are matched on their own.
  struct Branch {
    uint32_t start;   // of its instructions, which end in kAccept
    uint32_t length;  // in code points, for looking behind
  };
  struct Look {
    std::vector<Branch> branches;
    bool is_behind = false;
    bool is_negative = false;
    bool is_far = false;  // looks ahead without a bound on the length
  };

  std::vector<Instruction> code_;
  std::vector<CharSet> sets_;
  std::vector<Look> looks_;
  uint32_t split_count_ = 0;
  CharSet word_;               // of \b and \B, where they occur
  CharSet first_;              // what a match can start with
  bool may_be_empty_ = false;  // then first_ says nothing
  // Finds matches faster; null where the pattern cannot have one.
  std::shared_ptr<const RegexAutomaton> automaton_;
};

class RegexRun;

// The matches of a pattern in a text, one after the other. Both must outlive it.
class RegexMatches {
 public:
  // From `from` on, where a match ends, or the start.
  RegexMatches(const Regex& regex, std::string_view text, size_t from);
  RegexMatches(const RegexMatches&) = delete;
  RegexMatches& operator=(const RegexMatches&) = delete;
  ~RegexMatches();

  // False where there is none any more, or no memory.
  bool Next(RegexMatch& match);
  // How much was done so far: steps of backtracking, and bytes that were read.
  size_t steps() const;

  // Reading ahead of a match is work done twice. Where more bytes were than this on the way to
  // `at`, the rest is left to backtracking, which remembers what it has found out.
  static constexpr size_t MostReread(size_t at) { return 65'536 + 8 * at; }

 private:
  bool Find(RegexMatch& match);
  bool FindByAutomaton(RegexMatch& match);

  const Regex& regex_;
  const std::string_view text_;
  size_t from_ = 0;
  size_t last_end_;                // of the match before, or npos
  size_t reread_ = 0;              // bytes that the automaton has read and will read again
  std::unique_ptr<RegexRun> run_;  // backtracking, where the automaton is of no use
};

template <typename Visit>
size_t Regex::ForEachMatch(std::string_view text, size_t from, size_t size,
                           const Visit& visit) const {
  // Match after match by the automaton, as long as each begins where the one before ends.
  size_t at = from;
  size_t reread = 0;
  while (automaton_ != nullptr && at < text.size() &&
         reread <= RegexMatches::MostReread(at - from)) {
    if (at - from >= size) return at;
    size_t read_end;
    const size_t end = automaton_->MatchEnd(text, at, read_end);
    if (end == RegexAutomaton::kNone || end == at) break;
    visit(RegexMatch{at, end});
    reread += read_end - end;
    at = end;
  }
  RegexMatches matches(*this, text, at);
  for (RegexMatch match; matches.Next(match);) visit(match);
  return text.size();
}

}  // namespace reprise
