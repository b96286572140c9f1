#include "tokenizer/regex/automaton_builder.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/sort.h"
#include "tokenizer/regex/syntax_tree.h"

namespace reprise {
namespace {

constexpr size_t kMaxStates = 1000;
constexpr size_t kMaxFollowed = 2'000'000;  // some 0.2 s
constexpr uint32_t kMaxRun = 64;            // of a bounded run
constexpr uint32_t kMaxLookSteps = 200;     // of looking ahead by one code point

}  // namespace

std::optional<CharClasses> CharClasses::Of(const std::vector<CharSet>& sets) {
  std::vector<uint64_t> starts = {0};
  for (const CharSet& set : sets) {
    for (const CharSet::Range& range : set.ranges()) {
      starts.push_back(range.first);
      if (range.last < 0x10FFFF) starts.push_back(range.last + 1);
    }
  }
  Sort(starts);
  starts.push_back(0x110000);
  CharClasses classes;
  std::vector<std::string> kinds;         // by class: which sets have it
  std::array<int, kMost> uniform_blocks;  // by class; -1: none yet
  uniform_blocks.fill(-1);
  for (size_t i = 0; i + 1 < starts.size(); ++i) {
    const auto start = static_cast<char32_t>(starts[i]), end = static_cast<char32_t>(starts[i + 1]);
    if (start == end) continue;
    std::string members;
    for (const CharSet& set : sets) members.push_back(set.Contains(start) ? '1' : '0');
    const auto found = std::find(kinds.begin(), kinds.end(), members);
    const auto number = static_cast<uint8_t>(found - kinds.begin());
    if (found == kinds.end()) {
      if (number == kMost) return std::nullopt;
      classes.examples_.push_back(start);
      kinds.push_back(std::move(members));
    }
    for (char32_t c = start; c < end;) {
      if (c < 128) classes.ascii_[c] = number;
      const bool is_whole = c % kBlock == 0 && end - c >= kBlock;
      if (is_whole && uniform_blocks[number] >= 0) {
        classes.block_of_[c / kBlock] = static_cast<uint16_t>(uniform_blocks[number]);
        c += kBlock;
        continue;
      }
      if (c % kBlock == 0) {
        classes.block_of_[c / kBlock] = static_cast<uint16_t>(classes.blocks_.size());
        if (is_whole) uniform_blocks[number] = static_cast<int>(classes.blocks_.size());
        classes.blocks_.emplace_back();
      }
      classes.blocks_.back()[c % kBlock] = number;
      ++c;
    }
  }
  return classes;
}

std::unique_ptr<RegexAutomaton> AutomatonBuilder::Build(const Regex& regex) {
  AutomatonBuilder builder(regex);
  std::vector<CharSet> sets = regex.sets_;
  sets.push_back(CharSet::Of('\n', '\n'));
  builder.classes_ = CharClasses::Of(sets);
  if (!builder.classes_ || !builder.BuildSteps()) return nullptr;
  builder.automaton_->classes_ = *std::move(builder.classes_);
  builder.MarkLetters();
  return std::move(builder.automaton_);
}

bool AutomatonBuilder::BuildSteps() {
  const auto class_count = static_cast<uint32_t>(classes_->examples().size()) + 1;
  automaton_->end_class_ = static_cast<uint8_t>(class_count - 1);
  row_ = class_count;
  StateOf({});  // kDead
  automaton_->start_ = StateOf({{0, 0}});
  for (size_t state = 0; state < states_.size(); ++state) {
    if (states_.size() > kMaxStates) return false;
    for (uint32_t c = 0; c < class_count; ++c) {
      Step step;
      const std::vector<Place> places = states_[state];
      for (const Place& place : places) {
        if (!step.matches && step.is_known) Follow(place, c, step);
      }
      if (!step.is_known) return false;
      automaton_->steps_.push_back(StateOf(step.next) |
                                   (step.matches ? RegexAutomaton::kMatchesBefore : 0));
    }
  }
  return true;
}

void AutomatonBuilder::MarkLetters() {
  std::vector<uint32_t>& steps = automaton_->steps_;
  // Whether all letters from `first` to `last` leave the state as it is, and in the same way as a.
  const auto stays = [&](uint32_t state, char first, char last) {
    const uint32_t step = steps[state + automaton_->classes_.ascii('a')];
    if ((step & RegexAutomaton::kState) != state) return false;
    for (char letter = first; letter <= last; ++letter) {
      if (steps[state + automaton_->classes_.ascii(letter)] != step) return false;
    }
    return true;
  };
  std::vector<uint32_t> marks(states_.size());
  for (uint32_t i = 1; i < states_.size(); ++i) {
    if (!stays(i * row_, 'a', 'z')) continue;
    const bool any = stays(i * row_, 'A', 'Z');
    marks[i] = any ? RegexAutomaton::kAnyLetters : RegexAutomaton::kLowerLetters;
  }
  for (uint32_t& step : steps) step |= marks[(step & RegexAutomaton::kState) / row_];
}

uint32_t AutomatonBuilder::StateOf(const std::vector<Place>& places) {
  const auto [found, is_new] = numbers_.emplace(places, states_.size() * row_);
  if (is_new) states_.push_back(places);
  return found->second;
}

bool AutomatonBuilder::Contains(uint32_t set, uint32_t c) const {
  return !IsEnd(c) && regex_.sets_[set].Contains(classes_->examples()[c]);
}

void AutomatonBuilder::FollowRun(const Place& place, uint32_t c, Step& step) const {
  const Regex::Instruction& run = regex_.code_[place.instruction];
  const uint32_t left = place.left == 0 ? run.b : place.left;
  if (run.b > kMaxRun) step.is_known = false;
  if (!Contains(run.a, c)) {
    step.waiting.push_back({place.instruction + 1, 0});
  } else if (run.b == 0) {
    // Possessively: where the code point can be taken, nothing else is tried.
    step.next.push_back({place.instruction, 0});
  } else if (left > 1) {
    step.next.push_back({place.instruction, left - 1});
  } else {
    step.next.push_back({place.instruction + 1, 0});
  }
}

void AutomatonBuilder::Follow(const Place& start, uint32_t c, Step& step) {
  step.waiting = {start};
  while (!step.waiting.empty() && !step.matches && step.is_known) {
    const Place place = step.waiting.back();
    step.waiting.pop_back();
    if (!step.met.insert(place).second) continue;
    if (++followed_ > kMaxFollowed) step.is_known = false;
    FollowOne(place, c, step);
  }
}

void AutomatonBuilder::FollowOne(const Place& place, uint32_t c, Step& step) const {
  const Regex::Instruction& instruction = regex_.code_[place.instruction];
  const Place behind{place.instruction + 1, 0};
  std::optional<bool> holds;
  switch (instruction.op) {
    case Op::kSet:
      if (Contains(instruction.a, c)) step.next.push_back(behind);
      return;
    case Op::kRun:
      return FollowRun(place, c, step);
    case Op::kSplit:
      step.waiting.push_back({instruction.b, 0});
      step.waiting.push_back({instruction.a, 0});
      return;
    case Op::kJump:
      step.waiting.push_back({instruction.a, 0});
      return;
    case Op::kAssert:
    case Op::kLook:
      holds = instruction.op == Op::kLook ? Holds(regex_.looks_[instruction.a], c)
                                          : HoldsAtEnd(instruction.a, c);
      step.is_known &= holds.has_value();
      if (holds == true) step.waiting.push_back(behind);
      return;
    case Op::kAtomic:
      step.is_known = false;
      return;
    case Op::kAccept:
      step.matches = true;
      return;
  }
}

std::optional<bool> AutomatonBuilder::HoldsAtEnd(uint32_t assertion, uint32_t c) const {
  switch (static_cast<RegexNode::Assertion>(assertion)) {
    case RegexNode::Assertion::kTextEnd:
      return IsEnd(c);
    case RegexNode::Assertion::kLineEnd:
      return IsEnd(c) || classes_->examples()[c] == '\n';
    default:
      return std::nullopt;
  }
}

std::optional<bool> AutomatonBuilder::Holds(const Regex::Look& look, uint32_t c) const {
  if (look.is_behind) return std::nullopt;
  for (const Regex::Branch& branch : look.branches) {
    uint32_t steps = 0;
    const std::optional<bool> matches = Looks(branch.start, c, /*has_read=*/false, steps);
    if (!matches) return std::nullopt;
    if (*matches) return !look.is_negative;
  }
  return look.is_negative;
}

std::optional<bool> AutomatonBuilder::Looks(uint32_t at, uint32_t c, bool has_read,
                                            uint32_t& steps) const {
  if (++steps > kMaxLookSteps) return std::nullopt;
  const Regex::Instruction& instruction = regex_.code_[at];
  switch (instruction.op) {
    case Op::kAccept:
      return true;
    case Op::kJump:
      return Looks(instruction.a, c, has_read, steps);
    case Op::kSplit: {
      const std::optional<bool> first = Looks(instruction.a, c, has_read, steps);
      if (first != false) return first;
      return Looks(instruction.b, c, has_read, steps);
    }
    case Op::kSet:
      if (has_read) return std::nullopt;
      if (!Contains(instruction.a, c)) return false;
      return Looks(at + 1, c, /*has_read=*/true, steps);
    case Op::kAssert:
      if (has_read) return std::nullopt;
      if (const auto holds = HoldsAtEnd(instruction.a, c); holds != true) return holds;
      return Looks(at + 1, c, has_read, steps);
    default:
      return std::nullopt;
  }
}

}  // namespace reprise
