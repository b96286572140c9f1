// Turns a tree into instructions.
#pragma once

#include "tokenizer/regex/regex.h"
#include "tokenizer/regex/syntax_tree.h"

namespace reprise {

class RegexCompiler {
 public:
  Result<Regex> Compile(const RegexNode& tree);

 private:
  using Op = Regex::Op;

  Status Emit(const RegexNode& node);
  Status EmitAlternation(const RegexNode& node);
  Status EmitRepeat(const RegexNode& node);
  Status EmitAtomic(const RegexNode& body);
  Status EmitLook(const RegexNode& node);
  void EmitRun(const CharSet& set, uint32_t low, uint32_t high);
  Status EmitPart(const RegexNode& body, uint32_t& start);

  uint32_t AddSet(const CharSet& set);
  uint32_t Add(Op op, uint32_t a = 0, uint32_t b = 0);
  uint32_t AddSplit(RegexNode::Greed greed);
  // Sets where a split goes when it does not go on with the next instruction.
  void Redirect(uint32_t split, uint32_t target);
  uint32_t Here() const { return static_cast<uint32_t>(regex_.code_.size()); }

  Regex regex_;
};

}  // namespace reprise
