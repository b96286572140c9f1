// Turns a tree into instructions.
#pragma once

#include <string_view>

#include "tokenizer/regex/regex.h"
#include "tokenizer/regex/syntax_tree.h"

namespace reprise {

class RegexCompiler {
 public:
  Result<Regex> Compile(const RegexNode& tree);

 private:
  using Op = Regex::Op;

  void Emit(const RegexNode& node);
  void EmitAlternation(const RegexNode& node);
  void EmitRepeat(const RegexNode& node);
  void EmitAtomic(const RegexNode& body);
  void EmitLook(const RegexNode& node);
  void EmitRun(const CharSet& set, uint32_t low, uint32_t high);
  uint32_t EmitPart(const RegexNode& body);
  // What cannot be compiled; the first such fault stays. Behind it nothing is repeated, so that
  // refusing takes no longer than the largest pattern does.
  void Unsupported(std::string_view what);
  bool is_refused() const { return failure_.is_error(); }

  uint32_t AddSet(const CharSet& set);
  uint32_t Add(Op op, uint32_t a = 0, uint32_t b = 0);
  uint32_t AddSplit(RegexNode::Greed greed);
  // Sets where a split goes when it does not go on with the next instruction.
  void Redirect(uint32_t split, uint32_t target);
  uint32_t Here() const { return static_cast<uint32_t>(regex_.code_.size()); }

  Regex regex_;
  Failure failure_;
};

}  // namespace reprise
