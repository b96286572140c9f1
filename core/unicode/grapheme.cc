#include "unicode/grapheme.h"

#include <cstdint>

#include "unicode/category.h"
#include "unicode/grapheme_tables.h"
#include "unicode/packed_table.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

// The first thirteen are the values of the table.
enum class GraphemeBreak : uint8_t {
  kOther,
  kCr,
  kLf,
  kControl,
  kExtend,
  kZwj,
  kRegionalIndicator,
  kPrepend,
  kSpacingMark,
  kL,
  kV,
  kT,
  kPictographic,
  kLv,
  kLvt,
};
using enum GraphemeBreak;

// What the code points of a category mostly have; the table holds the others.
GraphemeBreak UsualBreak(Category category) {
  switch (category) {
    case Category::kMn:
    case Category::kMe:
      return kExtend;
    case Category::kMc:
      return kSpacingMark;
    case Category::kCc:
    case Category::kCf:
    case Category::kZl:
    case Category::kZp:
      return kControl;
    default:
      return kOther;
  }
}

GraphemeBreak BreakOf(char32_t c) {
  if (c >= 0x20 && c < 0x7F) return kOther;
  if (c >= 0xAC00 && c <= 0xD7A3) return (c - 0xAC00) % 28 == 0 ? kLv : kLvt;
  static const RangeTable table(unicode_tables::kGraphemeBreaks);
  const uint32_t exception = table.Find(c);
  return exception == 0 ? UsualBreak(CategoryOf(c)) : static_cast<GraphemeBreak>(exception - 1);
}

bool IsControl(GraphemeBreak value) { return value == kCr || value == kLf || value == kControl; }

// What the rules need of the characters of the cluster so far.
struct ClusterState {
  GraphemeBreak last;
  bool after_pictographic;    // a pictograph, then Extend only (GB11)
  bool zwj_after_pictograph;  // … and then a joiner
  bool odd_indicators;        // the cluster ends in an unpaired regional indicator (GB12, GB13)
};

bool Joins(const ClusterState& state, GraphemeBreak next) {
  if (state.last == kCr) return next == kLf;                   // GB3, GB4
  if (IsControl(state.last) || IsControl(next)) return false;  // GB4, GB5
  const GraphemeBreak last = state.last;
  if (last == kL && (next == kL || next == kV || next == kLv || next == kLvt)) return true;  // GB6
  if ((last == kLv || last == kV) && (next == kV || next == kT)) return true;                // GB7
  if ((last == kLvt || last == kT) && next == kT) return true;                               // GB8
  if (next == kExtend || next == kZwj || next == kSpacingMark) return true;  // GB9, GB9a
  if (last == kPrepend) return true;                                         // GB9b
  if (next == kPictographic) return state.zwj_after_pictograph;              // GB11
  if (next == kRegionalIndicator) return state.odd_indicators;               // GB12, GB13
  return false;                                                              // GB999
}

}  // namespace

size_t GraphemeEnd(std::string_view text, size_t start) {
  size_t at = start;
  const GraphemeBreak first = BreakOf(ReadUtf8(text, at));
  ClusterState state{first, first == kPictographic, false, first == kRegionalIndicator};
  while (at < text.size()) {
    size_t behind = at;
    const GraphemeBreak next = BreakOf(ReadUtf8(text, behind));
    if (!Joins(state, next)) return at;
    state.zwj_after_pictograph = next == kZwj && state.after_pictographic;
    state.after_pictographic =
        next == kPictographic || (next == kExtend && state.after_pictographic);
    state.odd_indicators = next == kRegionalIndicator && !state.odd_indicators;
    state.last = next;
    at = behind;
  }
  return at;
}

}  // namespace reprise
