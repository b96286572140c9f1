#include "tokenizer/regex/compiler.h"

#include <algorithm>
#include <utility>

#include "base/fill_in.h"

namespace reprise {
namespace {

using Kind = RegexNode::Kind;
using Greed = RegexNode::Greed;

constexpr size_t kMaxInstructions = 20'000;
constexpr uint32_t kMaxLookLength = 64;  // a message below names it
constexpr uint32_t kNoLimit = RegexNode::kNoLimit;

// How many code points a match may have.
struct Length {
  uint32_t low;
  uint32_t high;  // kNoLimit where there is none
};

uint32_t Plus(uint32_t a, uint32_t b) { return a > kNoLimit - b ? kNoLimit : a + b; }
uint32_t Times(uint32_t a, uint32_t b) { return a != 0 && b > kNoLimit / a ? kNoLimit : a * b; }

Length LengthOf(const RegexNode& node) {
  switch (node.kind) {
    case Kind::kSet:
      return {1, 1};
    case Kind::kAssertion:
    case Kind::kLook:
      return {0, 0};
    case Kind::kAtomic:
      return LengthOf(node.children[0]);
    case Kind::kRepeat: {
      const Length child = LengthOf(node.children[0]);
      return {Times(child.low, node.low), Times(child.high, node.high)};
    }
    case Kind::kSequence: {
      Length sum{0, 0};
      for (const RegexNode& child : node.children) {
        const Length length = LengthOf(child);
        sum = {Plus(sum.low, length.low), Plus(sum.high, length.high)};
      }
      return sum;
    }
    case Kind::kAlternation: {
      Length all = LengthOf(node.children[0]);
      for (const RegexNode& child : node.children) {
        const Length length = LengthOf(child);
        all = {std::min(all.low, length.low), std::max(all.high, length.high)};
      }
      return all;
    }
  }
  return {0, kNoLimit};
}

// What a match can start with; `may_be_empty`: it can also have no code points.
struct First {
  CharSet set;
  bool may_be_empty;
};

First FirstOf(const RegexNode& node) {
  switch (node.kind) {
    case Kind::kSet:
      return {node.set, false};
    case Kind::kAssertion:
    case Kind::kLook:
      return {{}, true};
    case Kind::kAtomic:
      return FirstOf(node.children[0]);
    case Kind::kRepeat: {
      First first = FirstOf(node.children[0]);
      if (node.low == 0) first.may_be_empty = true;
      return first;
    }
    case Kind::kSequence: {
      First all{{}, true};
      for (const RegexNode& child : node.children) {
        const First first = FirstOf(child);
        all.set.Add(first.set);
        if (!first.may_be_empty) return {all.set, false};
      }
      return all;
    }
    case Kind::kAlternation: {
      First all{{}, false};
      for (const RegexNode& child : node.children) {
        const First first = FirstOf(child);
        all.set.Add(first.set);
        all.may_be_empty |= first.may_be_empty;
      }
      return all;
    }
  }
  return {{}, true};
}

}  // namespace

Result<Regex> RegexCompiler::Compile(const RegexNode& tree) {
  Emit(tree);
  if (failure_.is_error()) return std::move(failure_);
  Add(Op::kAccept);
  const First first = FirstOf(tree);
  regex_.first_ = first.set;
  regex_.may_be_empty_ = first.may_be_empty;
  return std::move(regex_);
}

void RegexCompiler::Unsupported(std::string_view what) {
  if (failure_.is_error()) return;
  failure_ = Fail(ErrorCode::kUnsupported, FillIn("{} is not supported", {what}));
}

uint32_t RegexCompiler::Add(Op op, uint32_t a, uint32_t b) {
  regex_.code_.push_back({op, a, b, 0});
  return Here() - 1;
}

uint32_t RegexCompiler::AddSet(const CharSet& set) {
  const auto same = [&](const CharSet& other) {
    return std::equal(
        set.ranges().begin(), set.ranges().end(), other.ranges().begin(), other.ranges().end(),
        [](const auto& a, const auto& b) { return a.first == b.first && a.last == b.last; });
  };
  const auto found = std::find_if(regex_.sets_.begin(), regex_.sets_.end(), same);
  if (found != regex_.sets_.end()) return static_cast<uint32_t>(found - regex_.sets_.begin());
  regex_.sets_.push_back(set);
  return static_cast<uint32_t>(regex_.sets_.size() - 1);
}

// A greedy split goes on with the next instruction and then with its target; a lazy one the other
// way round.
uint32_t RegexCompiler::AddSplit(Greed greed) {
  const uint32_t at = Add(Op::kSplit);
  regex_.code_[at].c = regex_.split_count_++;
  (greed == Greed::kLazy ? regex_.code_[at].b : regex_.code_[at].a) = at + 1;
  return at;
}

void RegexCompiler::Redirect(uint32_t split, uint32_t target) {
  Regex::Instruction& instruction = regex_.code_[split];
  (instruction.a == split + 1 ? instruction.b : instruction.a) = target;
}

void RegexCompiler::Emit(const RegexNode& node) {
  if (regex_.code_.size() > kMaxInstructions) Unsupported("a pattern as large as this");
  if (failure_.is_error()) return;
  switch (node.kind) {
    case Kind::kSequence:
      for (const RegexNode& child : node.children) Emit(child);
      return;
    case Kind::kAlternation:
      return EmitAlternation(node);
    case Kind::kSet:
      Add(Op::kSet, AddSet(node.set));
      return;
    case Kind::kRepeat:
      return EmitRepeat(node);
    case Kind::kAssertion:
      if (node.assertion == RegexNode::Assertion::kWordBoundary ||
          node.assertion == RegexNode::Assertion::kNoWordBoundary) {
        regex_.word_ = LoneWordSet();
      }
      Add(Op::kAssert, static_cast<uint32_t>(node.assertion));
      return;
    case Kind::kLook:
      return EmitLook(node);
    case Kind::kAtomic:
      return EmitAtomic(node.children[0]);
  }
}

void RegexCompiler::EmitAlternation(const RegexNode& node) {
  std::vector<uint32_t> ends;
  for (size_t i = 0; i + 1 < node.children.size(); ++i) {
    const uint32_t split = AddSplit(Greed::kGreedy);
    Emit(node.children[i]);
    ends.push_back(Add(Op::kJump));
    Redirect(split, Here());
  }
  Emit(node.children.back());
  for (const uint32_t end : ends) regex_.code_[end].a = Here();
}

void RegexCompiler::EmitRepeat(const RegexNode& node) {
  const RegexNode& body = node.children[0];
  if (node.greed == Greed::kPossessive) {
    if (body.kind == Kind::kSet) return EmitRun(body.set, node.low, node.high);
    RegexNode greedy = node;
    greedy.greed = Greed::kGreedy;
    return EmitAtomic(greedy);
  }
  for (uint32_t i = 0; i < node.low && !is_refused(); ++i) Emit(body);
  if (node.high == kNoLimit) {
    const uint32_t split = AddSplit(node.greed);
    Emit(body);
    Add(Op::kJump, split);
    return Redirect(split, Here());
  }
  std::vector<uint32_t> splits;
  for (uint32_t i = node.low; i < node.high && !is_refused(); ++i) {
    splits.push_back(AddSplit(node.greed));
    Emit(body);
  }
  for (const uint32_t split : splits) Redirect(split, Here());
}

void RegexCompiler::EmitRun(const CharSet& set, uint32_t low, uint32_t high) {
  const uint32_t index = AddSet(set);
  for (uint32_t i = 0; i < low && !is_refused(); ++i) Add(Op::kSet, index);
  if (high == kNoLimit) {
    Add(Op::kRun, index, 0);
  } else if (high > low + kMaxLookLength) {
    // Where such a run ends is looked for anew at each place.
    return Unsupported("a possessive repetition of up to more than 64 characters");
  } else if (high > low) {
    Add(Op::kRun, index, high - low);
  }
}

// The instructions of a part stand in line; what is before them jumps over.
uint32_t RegexCompiler::EmitPart(const RegexNode& body) {
  const uint32_t jump = Add(Op::kJump);
  Emit(body);
  Add(Op::kAccept);
  regex_.code_[jump].a = Here();
  return jump + 1;
}

void RegexCompiler::EmitAtomic(const RegexNode& body) {
  if (body.kind == Kind::kSet) return Emit(body);
  if (body.kind == Kind::kSequence && body.children.size() == 1) {
    return EmitAtomic(body.children[0]);
  }
  const bool is_run = body.kind == Kind::kRepeat && body.greed != Greed::kLazy &&
                      body.children[0].kind == Kind::kSet;
  if (is_run && body.low <= kMaxLookLength) {
    return EmitRun(body.children[0].set, body.low, body.high);
  }
  if (LengthOf(body).high > kMaxLookLength) {
    return Unsupported("an atomic group that may take more than 64 characters");
  }
  Regex::Look look;
  look.branches.push_back({EmitPart(body), 0});
  regex_.looks_.push_back(std::move(look));
  Add(Op::kAtomic, static_cast<uint32_t>(regex_.looks_.size() - 1));
}

void RegexCompiler::EmitLook(const RegexNode& node) {
  Regex::Look look;
  look.is_negative = node.is_negative;
  look.is_behind = node.is_behind;
  const RegexNode& body = node.children[0];
  std::vector<const RegexNode*> branches = {&body};
  if (node.is_behind && body.kind == Kind::kAlternation) {
    branches.clear();
    for (const RegexNode& child : body.children) branches.push_back(&child);
  }
  for (const RegexNode* branch : branches) {
    const Length length = LengthOf(*branch);
    if (node.is_behind && length.low != length.high) {
      return Unsupported("looking behind for a text of varying length");
    }
    if (length.high > kMaxLookLength) {
      if (node.is_behind) return Unsupported("looking behind so far");
      look.is_far = true;
    }
    look.branches.push_back({EmitPart(*branch), length.low});
  }
  regex_.looks_.push_back(std::move(look));
  Add(Op::kLook, static_cast<uint32_t>(regex_.looks_.size() - 1));
}

}  // namespace reprise
