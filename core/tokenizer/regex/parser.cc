#include "tokenizer/regex/parser.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/fill_in.h"
#include "tokenizer/regex/class_parser.h"
#include "tokenizer/regex/pattern_reader.h"
#include "unicode/case_mapping.h"

namespace reprise {
namespace {

using Kind = RegexNode::Kind;

RegexNode SetNode(CharSet set) {
  RegexNode node;
  node.kind = Kind::kSet;
  node.set = std::move(set);
  return node;
}

RegexNode AssertionNode(RegexNode::Assertion assertion) {
  RegexNode node;
  node.kind = Kind::kAssertion;
  node.assertion = assertion;
  return node;
}

RegexNode ParentNode(Kind kind, RegexNode child) {
  RegexNode node;
  node.kind = kind;
  node.children.push_back(std::move(child));
  return node;
}

// Flags of (?imx).
struct Flags {
  bool ignores_case = false;
  bool dot_takes_newline = false;
  bool is_extended = false;  // spaces and comments do not count
};

class Parser {
 public:
  explicit Parser(std::string_view pattern) : in_(pattern) {}

  Result<RegexNode> Whole() {
    RegexNode node = Alternation();
    if (!in_.done()) in_.Malformed("there is a ) without its (");
    if (!in_.ok()) return in_.TakeFailure();
    return node;
  }

 private:
  static constexpr int kMaxDepth = 100;

  // Up to a ) or the end.
  RegexNode Alternation() {
    if (++depth_ > kMaxDepth) in_.Unsupported("groups nested so deep");
    const Flags outer = flags_;
    RegexNode alternation;
    alternation.kind = Kind::kAlternation;
    while (true) {
      alternation.children.push_back(Branch());
      if (!in_.Take('|')) break;
    }
    flags_ = outer;
    --depth_;
    if (alternation.children.size() == 1) return std::move(alternation.children[0]);
    return alternation;
  }

  RegexNode Branch() {
    RegexNode sequence;
    std::string folded;  // the literal text so far, where case does not matter
    while (true) {
      SkipExtended();
      if (in_.done() || in_.Peek() == '|' || in_.Peek() == ')') return sequence;
      const size_t start = in_.at();
      RegexNode item;
      if (!Item(item)) continue;
      NoteFolding(item, start, folded);
      sequence.children.push_back(Quantified(std::move(item)));
    }
  }

  // Oniguruma lets ß stand for ss, ﬁ for fi and so on where case does not matter; we do not.
  void NoteFolding(const RegexNode& item, size_t start, std::string& folded) {
    const std::string_view text = in_.Between(start, in_.at());
    const bool is_letter = item.kind == Kind::kSet && text.size() == 1 &&
                           ((text[0] | 32) >= 'a' && (text[0] | 32) <= 'z');
    if (!flags_.ignores_case || !is_letter) return folded.clear();
    folded.push_back(static_cast<char>(text[0] | 32));
    for (const std::string_view pair : {"ss", "st", "ff", "fi", "fl"}) {
      if (folded.ends_with(pair)) {
        in_.Unsupported(FillIn("\"{}\" without regard to case", {pair}));
      }
    }
  }

  void SkipExtended() {
    while (flags_.is_extended && !in_.done()) {
      if (in_.Peek() == '#') {
        while (!in_.done() && in_.Peek() != '\n') in_.Next();
      } else if (in_.Peek() == ' ' || (in_.Peek() >= '\t' && in_.Peek() <= '\r')) {
        in_.Next();
      } else {
        return;
      }
    }
  }

  // One item without its quantifier; false for a comment.
  bool Item(RegexNode& item) {
    if (in_.Peek() == '*' || in_.Peek() == '+' || in_.Peek() == '?') {
      in_.Malformed("there is nothing to repeat");
      return false;
    }
    const char32_t c = in_.Next();
    if (c == '(') return Group(item);
    item = Character(c);
    return true;
  }

  RegexNode Character(char32_t c) {
    switch (c) {
      case '[':
        return SetNode(ParseCharClass(in_, flags_.ignores_case));
      case '.':
        return SetNode(flags_.dot_takes_newline ? CharSet::All()
                                                : CharSet::Of('\n', '\n').Complement());
      case '^':
        return AssertionNode(RegexNode::Assertion::kLineStart);
      case '$':
        return AssertionNode(RegexNode::Assertion::kLineEnd);
      case '\\':
        return Escape();
      default:
        return Literal(c);
    }
  }

  RegexNode Literal(char32_t c) const {
    CharSet set;
    for (const char32_t variant :
         flags_.ignores_case ? CaseVariants(c) : std::vector<char32_t>{c}) {
      set.Add(variant);
    }
    return SetNode(std::move(set));
  }

  RegexNode Escape() {
    using enum RegexNode::Assertion;
    if (in_.done()) {
      in_.Malformed("it ends in \\");
      return {};
    }
    const char32_t c = in_.Peek();
    const auto assertion = [&](RegexNode::Assertion which) {
      in_.Next();
      return AssertionNode(which);
    };
    switch (c) {
      case 'A':
        return assertion(kTextStart);
      case 'z':
        return assertion(kTextEnd);
      case 'Z':
        return assertion(kTextEndOrNewline);
      case 'b':
        return assertion(kWordBoundary);
      case 'B':
        return assertion(kNoWordBoundary);
      case 'R':
        in_.Next();
        return LineBreak();
      case 'N':
        in_.Next();
        return SetNode(CharSet::Of('\n', '\n').Complement());
      case 'O':
        in_.Next();
        return SetNode(CharSet::All());
      case 'G':
      case 'K':
      case 'X':
      case 'y':
      case 'Y':
      case 'k':
      case 'g':
        in_.Unsupported(std::string{'\\', static_cast<char>(c)});
        return {};
      default:
        if (c < '1' || c > '9') break;
        in_.Unsupported("a backreference");
        return {};
    }
    EscapedChars escaped = ParseEscape(in_, /*in_class=*/false);
    if (escaped.character) return Literal(*escaped.character);
    return SetNode(flags_.ignores_case ? escaped.set.WithCaseVariants() : std::move(escaped.set));
  }

  // \R: (?>\r\n|[\n-\r\x85\u2028\u2029])
  static RegexNode LineBreak() {
    CharSet single = CharSet::Of('\n', '\r');
    for (const char32_t c : {0x85, 0x2028, 0x2029}) single.Add(c);
    RegexNode pair;
    pair.children.push_back(SetNode(CharSet::Of('\r', '\r')));
    pair.children.push_back(SetNode(CharSet::Of('\n', '\n')));
    RegexNode either;
    either.kind = Kind::kAlternation;
    either.children.push_back(std::move(pair));
    either.children.push_back(SetNode(std::move(single)));
    return ParentNode(Kind::kAtomic, std::move(either));
  }

  // Behind a (; false for a comment.
  bool Group(RegexNode& group) {
    if (!in_.Take('?')) {
      group = Enclosed();
    } else if (in_.Take('#')) {
      Pass(')', "a comment does not end");
      return false;
    } else {
      group = SpecialGroup();
    }
    return true;
  }

  // Behind (?
  RegexNode SpecialGroup() {
    if (in_.Take(':')) return Enclosed();
    if (in_.Take('>')) return ParentNode(Kind::kAtomic, Enclosed());
    if (in_.Take('=')) return Look(false, false);
    if (in_.Take('!')) return Look(false, true);
    if (!in_.Take('<')) return FlagGroup();
    if (in_.Take('=')) return Look(true, false);
    if (in_.Take('!')) return Look(true, true);
    Pass('>', "the name of a group does not end");
    return Enclosed();
  }

  // Moves behind this character.
  void Pass(char end, std::string_view fault) {
    while (!in_.done() && in_.Peek() != static_cast<unsigned char>(end)) in_.Next();
    if (!in_.Take(end)) in_.Malformed(fault);
  }

  RegexNode Enclosed() {
    RegexNode node = Alternation();
    if (!in_.Take(')')) in_.Malformed("there is a ( without its )");
    return node;
  }

  RegexNode Look(bool is_behind, bool is_negative) {
    RegexNode node = ParentNode(Kind::kLook, Enclosed());
    node.is_behind = is_behind;
    node.is_negative = is_negative;
    return node;
  }

  // (?i:…), (?i-m:…), or (?i), which holds up to the end of the group, alternatives included.
  RegexNode FlagGroup() {
    const Flags outer = flags_;
    bool value = true;
    while (!in_.done() && in_.Peek() != ':' && in_.Peek() != ')') {
      const char32_t letter = in_.Next();
      if (letter == '-') {
        value = false;
      } else if (letter == 'i') {
        flags_.ignores_case = value;
      } else if (letter == 'm') {
        flags_.dot_takes_newline = value;
      } else if (letter == 'x') {
        flags_.is_extended = value;
      } else {
        in_.Unsupported("this kind of group");
      }
    }
    if (in_.Take(':')) {
      RegexNode node = Enclosed();
      flags_ = outer;
      return node;
    }
    if (!in_.Take(')')) in_.Malformed("there is a ( without its )");
    RegexNode rest = Alternation();
    flags_ = outer;
    return rest;
  }

  RegexNode Quantified(RegexNode item) {
    while (true) {
      SkipExtended();
      const std::optional<Interval> interval = TakeInterval();
      if (!interval) return item;
      if (item.kind == Kind::kAssertion || item.kind == Kind::kLook) {
        in_.Unsupported("a repeated assertion");
      }
      if (interval->high < interval->low) in_.Unsupported("an interval from high to low");
      RegexNode repeat = ParentNode(Kind::kRepeat, std::move(item));
      repeat.low = interval->low;
      repeat.high = interval->high;
      // {n}? and {n,m}+ are two quantifiers in this dialect.
      const bool is_fixed = interval->is_braced && interval->low == interval->high;
      if (!is_fixed && in_.Take('?')) {
        repeat.greed = RegexNode::Greed::kLazy;
      } else if (!interval->is_braced && in_.Take('+')) {
        repeat.greed = RegexNode::Greed::kPossessive;
      }
      item = std::move(repeat);
    }
  }

  struct Interval {
    uint32_t low;
    uint32_t high;
    bool is_braced;
  };

  std::optional<Interval> TakeInterval() {
    if (in_.Take('*')) return Interval{0, RegexNode::kNoLimit, false};
    if (in_.Take('+')) return Interval{1, RegexNode::kNoLimit, false};
    if (in_.Take('?')) return Interval{0, 1, false};
    const size_t start = in_.at();
    if (!in_.Take('{')) return std::nullopt;
    const std::optional<uint32_t> low = in_.TakeNumber();
    Interval interval{low.value_or(0), low.value_or(0), true};
    bool is_whole = low.has_value();
    if (in_.Take(',')) {
      const std::optional<uint32_t> high = in_.TakeNumber();
      interval.high = high.value_or(RegexNode::kNoLimit);
      is_whole = low.has_value() || high.has_value();
    }
    if (is_whole && in_.Take('}')) return interval;
    in_.GoTo(start);  // no interval: { is a character
    return std::nullopt;
  }

  PatternReader in_;
  Flags flags_;
  int depth_ = 0;
};

}  // namespace

Result<RegexNode> ParseRegex(std::string_view pattern) { return Parser(pattern).Whole(); }

}  // namespace reprise
