#include "tokenizer/regex/class_parser.h"

#include <utility>

#include "base/fill_in.h"

namespace reprise {
namespace {

EscapedChars One(char32_t c) { return {c, {}}; }
EscapedChars Any(CharSet set) { return {std::nullopt, std::move(set)}; }

std::optional<uint32_t> HexDigit(char32_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// `low` to `high` digits.
EscapedChars HexEscape(PatternReader& in, int low, int high) {
  char32_t c = 0;
  int digits = 0;
  while (digits < high && !in.done()) {
    const std::optional<uint32_t> digit = HexDigit(in.Peek());
    if (!digit) break;
    c = c * 16 + *digit;
    in.Next();
    ++digits;
  }
  if (digits < low) in.Malformed("an escape has too few digits");
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
    in.Malformed("an escape names no character");
    c = 0;
  }
  return One(c);
}

// \x41 and \x{1F600}
EscapedChars XEscape(PatternReader& in) {
  if (!in.Take('{')) {
    EscapedChars byte = HexEscape(in, 0, 2);
    if (*byte.character >= 0x80) in.Unsupported("an escaped byte above 7F");
    return byte;
  }
  EscapedChars escaped = HexEscape(in, 1, 8);
  if (!in.Take('}')) in.Malformed("an escape does not end");
  return escaped;
}

EscapedChars OctalEscape(PatternReader& in) {
  char32_t c = 0;
  for (int i = 0; i < 2 && !in.done() && in.Peek() >= '0' && in.Peek() <= '7'; ++i) {
    c = c * 8 + (in.Next() - '0');
  }
  return One(c);
}

// Behind \p or \P.
EscapedChars Property(PatternReader& in, bool is_negative) {
  if (!in.Take('{')) return One(is_negative ? U'P' : U'p');
  if (in.Take('^')) is_negative = !is_negative;
  const size_t start = in.at();
  while (!in.done() && in.Peek() != '}') in.Next();
  const std::string_view name = in.Between(start, in.at());
  if (!in.Take('}')) in.Malformed("the name of a property does not end");
  std::optional<CharSet> set = PropertySet(name);
  if (!set) {
    in.Unsupported(FillIn("the property \"{}\"", {name}));
    return {};
  }
  return Any(is_negative ? set->Complement() : *std::move(set));
}

// One class, its brackets read up to the first member.
class ClassParser {
 public:
  ClassParser(PatternReader& in, bool ignores_case, int depth)
      : in_(in), ignores_case_(ignores_case), depth_(depth) {}

  CharSet Whole() {
    if (depth_ > 20) in_.Unsupported("a class nested so deep");
    const bool is_negative = in_.Take('^');
    bool is_first = true;
    while (true) {
      if (in_.done()) {
        in_.Malformed("there is a [ without its ]");
        return {};
      }
      if (!is_first && in_.Take(']')) break;
      if (in_.Take("&&")) {
        Intersect();
      } else {
        Member();
      }
      is_first = false;
    }
    Intersect();
    CharSet set = *std::move(intersection_);
    if (ignores_case_) set = set.WithCaseVariants();
    return is_negative ? set.Complement() : set;
  }

 private:
  void Intersect() {
    intersection_ = intersection_ ? intersection_->Intersection(members_) : members_;
    members_ = CharSet();
  }

  void Member() {
    if (in_.Take("[:") && BracketName()) return;
    if (in_.Take('[')) return members_.Add(ClassParser(in_, ignores_case_, depth_ + 1).Whole());
    const EscapedChars first = Character();
    if (!first.character) return members_.Add(first.set);
    const size_t before = in_.at();
    if (in_.Take('-')) {
      if (!in_.done() && in_.Peek() != ']' && in_.Peek() != '[') return Range(*first.character);
      in_.GoTo(before);  // the - stands for itself
    }
    members_.Add(*first.character);
  }

  void Range(char32_t first) {
    const EscapedChars last = Character();
    if (!last.character) return in_.Malformed("a range ends in a class");
    if (*last.character < first) return in_.Malformed("a range goes backwards");
    members_.Add(CharSet::Of(first, *last.character));
  }

  EscapedChars Character() {
    const char32_t c = in_.Next();
    if (c != '\\') return One(c);
    if (!in_.done()) return ParseEscape(in_, /*in_class=*/true);
    in_.Malformed("it ends in \\");
    return {};
  }

  // Behind [: of a name such as [:^alpha:]; false, and nothing read, where it is none.
  bool BracketName() {
    const size_t start = in_.at();
    const bool is_negative = in_.Take('^');
    const size_t name_start = in_.at();
    while (!in_.done() && in_.Peek() >= 'a' && in_.Peek() <= 'z') in_.Next();
    const std::string_view name = in_.Between(name_start, in_.at());
    if (!in_.Take(":]")) {
      in_.GoTo(start - 2);
      return false;
    }
    if (const std::optional<CharSet> set = BracketSet(name)) {
      members_.Add(is_negative ? set->Complement() : *set);
    } else {
      in_.Unsupported(FillIn("[:{}:]", {name}));
    }
    return true;
  }

  PatternReader& in_;
  const bool ignores_case_;
  const int depth_;
  CharSet members_;
  std::optional<CharSet> intersection_;  // of what stood before the last &&
};

}  // namespace

EscapedChars ParseEscape(PatternReader& in, bool in_class) {
  const char32_t c = in.Next();
  switch (c) {
    case 't':
      return One('\t');
    case 'n':
      return One('\n');
    case 'r':
      return One('\r');
    case 'f':
      return One('\f');
    case 'v':
      return One('\v');
    case 'a':
      return One(7);
    case 'e':
      return One(27);
    case '0':
      return OctalEscape(in);
    case 'x':
      return XEscape(in);
    case 'u':
      return HexEscape(in, 4, 4);
    case 'p':
      return Property(in, false);
    case 'P':
      return Property(in, true);
    case 'w':
      return Any(in_class ? WordSet() : LoneWordSet());
    case 'W':
      return Any((in_class ? WordSet() : LoneWordSet()).Complement());
    case 'd':
      return Any(DigitSet());
    case 'D':
      return Any(DigitSet().Complement());
    case 's':
      return Any(WhiteSpaceSet());
    case 'S':
      return Any(WhiteSpaceSet().Complement());
    case 'h':
      return Any(*BracketSet("xdigit"));
    case 'H':
      return Any(BracketSet("xdigit")->Complement());
    case 'b':
      if (in_class) return One('\b');
      return One(c);
    default:
      if (in_class && c >= '1' && c <= '9') in.Unsupported("an octal escape");
      if (c == 'c' || c == 'C' || c == 'M') in.Unsupported("a control escape");
      return One(c);
  }
}

CharSet ParseCharClass(PatternReader& in, bool ignores_case) {
  return ClassParser(in, ignores_case, 0).Whole();
}

}  // namespace reprise
