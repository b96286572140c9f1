#include "tokenizer/regex/regex.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/growing_array.h"
#include "base/status.h"
#include "tokenizer/regex/automaton.h"
#include "tokenizer/regex/automaton_builder.h"
#include "tokenizer/regex/compiler.h"
#include "tokenizer/regex/parser.h"
#include "unicode/utf8.h"

namespace reprise {

Result<Regex> Regex::Compile(std::string_view pattern, Engine engine) {
  // Each class of a pattern costs time to build. The message names the number.
  constexpr size_t kMaxPatternBytes = 4096;
  if (pattern.size() > kMaxPatternBytes) {
    return Fail(ErrorCode::kUnsupported, "a pattern of more than 4096 bytes is not supported");
  }
  REPRISE_ASSIGN(const RegexNode tree, ParseRegex(pattern));
  REPRISE_ASSIGN(Regex regex, RegexCompiler().Compile(tree));
  if (engine == Engine::kBacktracking) return regex;
  regex.automaton_ = AutomatonBuilder::Build(regex);
  return regex;
}

namespace {

// Splits at places of the text.
class SplitPlaces {
 public:
  SplitPlaces(size_t base, uint32_t splits) : base_(base), words_((splits + 63) / 64) {}

  // False where it is there already, or there is no memory for it.
  bool Add(uint32_t split, size_t at) {
    uint64_t* const row = Row(at);
    if (row == nullptr) return false;
    uint64_t& word = row[split / 64];
    const uint64_t bit = uint64_t{1} << (split % 64);
    if ((word & bit) != 0) return false;
    word |= bit;
    return true;
  }

  bool Has(uint32_t split, size_t at) {
    const uint64_t* const row = Row(at);
    return row != nullptr && (row[split / 64] >> (split % 64) & 1) != 0;
  }

  // Takes out the splits of one place.
  void Remove(size_t at) {
    const size_t page = (at - base_) / kPageSize;
    if (page < pages_.size() && pages_[page] != kNone) std::fill_n(Row(at), words_, 0);
  }

  // Forgets what lies before a place.
  void Release(size_t at) {
    const size_t end = std::min((at - base_) / kPageSize, pages_.size());
    for (; released_ < end; ++released_) {
      if (pages_[released_] != kNone) free_.push_back(pages_[released_]);
      pages_[released_] = kNone;
    }
  }

 private:
  static constexpr size_t kPageSize = 64;
  static constexpr size_t kNone = SIZE_MAX;

  // Null where there is no memory.
  uint64_t* Row(size_t at) {
    const size_t page = (at - base_) / kPageSize;
    if (page >= pages_.size()) pages_.resize(page + 1, kNone);
    if (page >= pages_.size() || (pages_[page] == kNone && !MakePage(page))) return nullptr;
    return &rows_[pages_[page] + (at - base_) % kPageSize * words_];
  }
  bool MakePage(size_t page) {
    const size_t size = kPageSize * words_;
    size_t start = rows_.size();
    if (free_.empty()) {
      rows_.AppendRepeated(size, 0);
      if (rows_.size() == start) return false;
    } else {
      start = free_.back();
      free_.pop_back();
      std::fill_n(&rows_[start], size, 0);
    }
    pages_[page] = start;
    return true;
  }

  const size_t base_;
  const size_t words_;
  size_t released_ = 0;
  GrowingArray<size_t> pages_;   // where the rows of a page start, or kNone
  GrowingArray<uint64_t> rows_;  // a bit for each split
  GrowingArray<size_t> free_;    // pages that were released
};

}  // namespace

// A pattern at work on a text, by backtracking.
class RegexRun {
 public:
  RegexRun(const Regex& regex, std::string_view text)
      : regex_(regex),
        text_(text),
        met_(0, regex.split_count_),
        leading_(0, regex.split_count_),
        runs_(regex.sets_.size()) {}

  // The first match that starts at or behind `from`; nothing where memory lacks.
  std::optional<RegexMatch> Find(size_t from) {
    while (!MemoryWatch::Lacks()) {
      if (!regex_.may_be_empty_) {
        from = NextStart(from);
        if (from == text_.size()) return std::nullopt;
      }
      met_.Release(from);
      leading_.Release(from);
      if (const std::optional<size_t> end = Match(0, from, met_, stack_)) {
        // What led to the match has not failed, and the next match may start there.
        met_.Remove(*end);
        return RegexMatch{from, *end};
      }
      if (from == text_.size()) return std::nullopt;
      from += Utf8Length(text_[from]);
    }
    return std::nullopt;
  }

  size_t steps() const { return steps_; }

 private:
  using Op = Regex::Op;
  struct Choice {
    uint32_t instruction;
    size_t at;
    size_t path;  // the length of the path then
  };
  struct PathSplit {
    uint32_t split;
    size_t at;
  };
  // A stretch of text whose code points are all in one set, and the one behind it is not.
  struct KnownRun {
    size_t start = 0;
    size_t end = 0;
  };

  size_t NextStart(size_t at) {
    while (at < text_.size()) {
      ++steps_;
      size_t behind = at;
      if (regex_.first_.Contains(ReadUtf8(text_, behind))) return at;
      at = behind;
    }
    return at;
  }

  // The end of the match of the instructions from `start` on, at `at`. A split in `met` is known
  // not to lead to a match: else there would have been one before. With a path, which then holds
  // the splits on the way to the match, the end counts for nothing, and a split in leading_ leads
  // to one.
  std::optional<size_t> Match(uint32_t start, size_t at, SplitPlaces& met,
                              GrowingArray<Choice>& stack,
                              GrowingArray<PathSplit>* path = nullptr) {
    stack.clear();
    uint32_t next = start;
    while (true) {
      const Regex::Instruction& instruction = regex_.code_[next];
      bool goes_on = true;
      ++next;
      ++steps_;
      switch (instruction.op) {
        case Op::kSet:
          goes_on = at < text_.size() && regex_.sets_[instruction.a].Contains(ReadUtf8(text_, at));
          break;
        case Op::kRun:
          at = RunEnd(instruction, at);
          break;
        case Op::kSplit:
          if (path != nullptr && leading_.Has(instruction.c, at)) return at;
          goes_on = met.Add(instruction.c, at);
          if (goes_on && path != nullptr) path->push_back({instruction.c, at});
          if (goes_on) stack.push_back({instruction.b, at, path == nullptr ? 0 : path->size()});
          next = instruction.a;
          break;
        case Op::kJump:
          next = instruction.a;
          break;
        case Op::kAssert:
          goes_on = Holds(static_cast<RegexNode::Assertion>(instruction.a), at);
          break;
        case Op::kLook:
          goes_on = Looks(regex_.looks_[instruction.a], at);
          break;
        case Op::kAtomic: {
          const auto end = MatchAlone(regex_.looks_[instruction.a].branches[0].start, at);
          goes_on = end.has_value();
          at = end.value_or(at);
          break;
        }
        case Op::kAccept:
          return at;
      }
      if (goes_on) continue;
      if (stack.empty()) return std::nullopt;
      next = stack.back().instruction;
      at = stack.back().at;
      if (path != nullptr) path->Truncate(stack.back().path);
      stack.pop_back();
    }
  }

  std::optional<size_t> MatchAlone(uint32_t start, size_t at) {
    SplitPlaces met(at, regex_.split_count_);
    GrowingArray<Choice> stack;
    return Match(start, at, met, stack);
  }

  // Whether there is a match, of whatever length. What is found out about splits is kept: met_ and
  // leading_ are shared with the whole pattern, whose other parts have splits of their own.
  bool MatchesFar(uint32_t start, size_t at) {
    GrowingArray<Choice> stack;
    GrowingArray<PathSplit> path;
    if (!Match(start, at, met_, stack, &path)) return false;
    for (const PathSplit& step : path) {
      // A split at the same place may have failed only because it leads back to this one.
      met_.Remove(step.at);
      leading_.Add(step.split, step.at);
    }
    return true;
  }

  size_t RunEnd(const Regex::Instruction& run, size_t at) {
    KnownRun& known = runs_[run.a];
    const bool is_bounded = run.b != 0;
    if (!is_bounded && at >= known.start && at < known.end) return known.end;
    const CharSet& set = regex_.sets_[run.a];
    const size_t start = at;
    for (uint32_t i = 0; at < text_.size() && (!is_bounded || i < run.b); ++i) {
      size_t behind = at;
      ++steps_;
      if (!set.Contains(ReadUtf8(text_, behind))) break;
      at = behind;
    }
    if (!is_bounded && at > start) known = {start, at};
    return at;
  }

  bool Looks(const Regex::Look& look, size_t at) {
    for (const Regex::Branch& branch : look.branches) {
      if (look.is_far) {
        if (MatchesFar(branch.start, at)) return !look.is_negative;
        continue;
      }
      size_t start = at;
      uint32_t steps = look.is_behind ? branch.length : 0;
      while (steps > 0 && start > 0) {
        ReadUtf8Backward(text_, start);
        --steps;
      }
      if (steps == 0 && MatchAlone(branch.start, start)) return !look.is_negative;
    }
    return look.is_negative;
  }

  bool WordBefore(size_t at) const {
    return at > 0 && regex_.word_.Contains(ReadUtf8Backward(text_, at));
  }
  bool WordBehind(size_t at) const {
    return at < text_.size() && regex_.word_.Contains(ReadUtf8(text_, at));
  }

  bool Holds(RegexNode::Assertion assertion, size_t at) const {
    using enum RegexNode::Assertion;
    switch (assertion) {
      case kLineStart:
        return at == 0 || (text_[at - 1] == '\n' && at < text_.size());
      case kLineEnd:
        return at == text_.size() || text_[at] == '\n';
      case kTextStart:
        return at == 0;
      case kTextEnd:
        return at == text_.size();
      case kTextEndOrNewline:
        return at == text_.size() || (at + 1 == text_.size() && text_[at] == '\n');
      case kWordBoundary:
        return WordBefore(at) != WordBehind(at);
      case kNoWordBoundary:
        return WordBefore(at) == WordBehind(at);
    }
    return false;
  }

  const Regex& regex_;
  const std::string_view text_;
  SplitPlaces met_;      // not leading to a match
  SplitPlaces leading_;  // of parts that look far: leading to a match
  GrowingArray<Choice> stack_;
  std::vector<KnownRun> runs_;  // by set
  size_t steps_ = 0;
};

RegexMatches::RegexMatches(const Regex& regex, std::string_view text, size_t from)
    : regex_(regex), text_(text), from_(from), last_end_(from > 0 ? from : std::string_view::npos) {
  if (regex.automaton_ == nullptr) run_ = std::make_unique<RegexRun>(regex, text);
}

RegexMatches::~RegexMatches() = default;

size_t RegexMatches::steps() const {
  return std::min(from_, text_.size()) + reread_ + (run_ == nullptr ? 0 : run_->steps());
}

bool RegexMatches::FindByAutomaton(RegexMatch& match) {
  for (size_t at = from_;; at += Utf8Length(text_[at])) {
    size_t read_end;
    const size_t end = regex_.automaton_->MatchEnd(text_, at, read_end);
    const bool matches = end != RegexAutomaton::kNone;
    reread_ += read_end - (matches ? end : at);
    if (reread_ > MostReread(at)) {
      run_ = std::make_unique<RegexRun>(regex_, text_);
      from_ = at;
      return Find(match);
    }
    if (matches) {
      match = {at, end};
      return true;
    }
    if (at == text_.size()) return false;
  }
}

bool RegexMatches::Find(RegexMatch& match) {
  if (run_ == nullptr) return FindByAutomaton(match);
  const std::optional<RegexMatch> found = run_->Find(from_);
  if (found) match = *found;
  return found.has_value();
}

bool RegexMatches::Next(RegexMatch& match) {
  while (from_ <= text_.size() && Find(match)) {
    from_ = match.end;
    if (match.start == match.end && last_end_ == match.end) {
      if (from_ == text_.size()) return false;
      from_ += Utf8Length(text_[from_]);
      continue;
    }
    last_end_ = match.end;
    return true;
  }
  return false;
}

std::vector<RegexMatch> Regex::FindAll(std::string_view text) const {
  std::vector<RegexMatch> matches;
  ForEachMatch(text, [&](const RegexMatch& match) { matches.push_back(match); });
  return matches;
}

}  // namespace reprise
