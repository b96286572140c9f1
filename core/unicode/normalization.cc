#include "unicode/normalization.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/small_code.h"
#include "base/sort.h"
#include "unicode/category.h"
#include "unicode/normalization_tables.h"
#include "unicode/packed_table.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

// Hangul syllables are composed by arithmetic (The Unicode Standard, section 3.12).
constexpr char32_t kSBase = 0xAC00, kLBase = 0x1100, kVBase = 0x1161, kTBase = 0x11A7;
constexpr char32_t kLCount = 19, kVCount = 21, kTCount = 28, kSCount = kLCount * kVCount * kTCount;

struct Mapping {
  char32_t from;
  uint32_t start;  // in the pool
  uint8_t length;
  bool is_compatible;
};

// Two code points and what they become, in one number, which sorts by the two.
constexpr uint64_t PackComposition(char32_t first, char32_t second, char32_t composed) {
  return uint64_t{first} << 42 | uint64_t{second} << 21 | composed;
}
constexpr char32_t kCodePointMask = (1 << 21) - 1;

// The tables, unpacked.
struct Tables {
  Tables();
  const Mapping* Find(char32_t c) const;
  char32_t Compose(char32_t first, char32_t second) const;  // 0 where there is nothing

  std::vector<Mapping> mappings;  // ascending
  std::vector<char32_t> pool;
  std::vector<uint64_t> compositions;  // by PackComposition, ascending
  RangeTable combining_classes{unicode_tables::kCombiningClasses};
};

REPRISE_SMALL Tables::Tables() {
  PackedReader sources(unicode_tables::kMappingSources), heads(unicode_tables::kMappingHeads);
  PackedReader firsts(unicode_tables::kMappingFirsts), rests(unicode_tables::kMappingRests);
  char32_t from = 0;
  std::vector<int64_t> last;  // by the place within a mapping
  while (!sources.done()) {
    from += sources.Unsigned();
    const uint32_t head = heads.Unsigned();
    const auto start = static_cast<uint32_t>(pool.size());
    const auto length = static_cast<uint8_t>(head / 4);
    last.resize(std::max<size_t>(last.size(), length));
    for (uint8_t i = 0; i < length; ++i) {
      last[i] += (i == 0 ? firsts : rests).Signed();
      pool.push_back(static_cast<char32_t>(last[i]));
    }
    const bool is_compatible = head % 2 == 1;
    mappings.push_back({from, start, length, is_compatible});
    const bool is_excluded = (head & 2) != 0;
    if (!is_compatible && !is_excluded && length == 2) {
      compositions.push_back(PackComposition(pool[start], pool[start + 1], from));
    }
  }
  Sort(compositions);
}

const Mapping* Tables::Find(char32_t c) const {
  const auto found = std::lower_bound(mappings.begin(), mappings.end(), c,
                                      [](const Mapping& m, char32_t x) { return m.from < x; });
  return found != mappings.end() && found->from == c ? &*found : nullptr;
}

char32_t Tables::Compose(char32_t first, char32_t second) const {
  if (first - kLBase < kLCount && second - kVBase < kVCount) {
    return kSBase + ((first - kLBase) * kVCount + (second - kVBase)) * kTCount;
  }
  if (first - kSBase < kSCount && (first - kSBase) % kTCount == 0 && second - kTBase < kTCount &&
      second != kTBase) {
    return first + (second - kTBase);
  }
  const uint64_t least = PackComposition(first, second, 0);
  const auto found = std::ranges::lower_bound(compositions, least);
  if (found == compositions.end() || *found >> 21 != least >> 21) return 0;
  return static_cast<char32_t>(*found) & kCodePointMask;
}

const Tables& SharedTables() {
  static const Tables tables;
  return tables;
}

struct Character {
  char32_t c;
  uint8_t combining_class;
  uint8_t takes;  // see RewrittenCharacter
};

// One text on its way through a form.
class Normalizing {
 public:
  Normalizing(NormalizationForm form, NormalizationData data)
      : compatible_(form == NormalizationForm::kNfkc || form == NormalizationForm::kNfkd),
        composes_(form == NormalizationForm::kNfc || form == NormalizationForm::kNfkc),
        data_(data) {}

  std::span<const Character> Run(std::string_view text) {
    characters_.reserve(text.size());
    for (size_t at = 0; at < text.size();) {
      const size_t first = characters_.size();
      Decompose(ReadUtf8(text, at));
      if (first < characters_.size()) characters_[first].takes = 1;
    }
    Order();
    if (composes_) Compose();
    return characters_;
  }

 private:
  bool IsUnknown(char32_t c) const {
    return data_ == NormalizationData::kVersion9 && c >= 0x300 && AgeOf(c) == UnicodeAge::kLater;
  }

  void Add(char32_t c) {
    const uint32_t combining_class =
        c < 0x300 || IsUnknown(c) ? 0 : tables_.combining_classes.Find(c);
    characters_.push_back({c, static_cast<uint8_t>(combining_class), 0});
  }

  void Decompose(char32_t c) {
    if (c < 0xA0) return Add(c);
    if (c - kSBase < kSCount) {
      const char32_t index = c - kSBase;
      Add(kLBase + index / (kVCount * kTCount));
      Add(kVBase + index % (kVCount * kTCount) / kTCount);
      if (index % kTCount != 0) Add(kTBase + index % kTCount);
      return;
    }
    const Mapping* mapping = tables_.Find(c);
    if (mapping == nullptr || (mapping->is_compatible && !compatible_) || IsUnknown(c)) {
      return Add(c);
    }
    // A mapping's parts may be mapped again; the database has no cycles.
    for (uint32_t i = 0; i < mapping->length; ++i) Decompose(tables_.pool[mapping->start + i]);
  }

  // Sorts each run of combining characters by class (D109).
  void Order() {
    auto at = characters_.begin();
    while (at != characters_.end()) {
      if (at->combining_class == 0) {
        ++at;
        continue;
      }
      auto end = at;
      while (end != characters_.end() && end->combining_class != 0) ++end;
      SortByClass({at, end});
      at = end;
    }
  }

  // A stable counting sort.
  void SortByClass(std::span<Character> run) {
    const auto is_after = [](const Character& a, const Character& b) {
      return a.combining_class > b.combining_class;
    };
    if (std::adjacent_find(run.begin(), run.end(), is_after) == run.end()) return;
    std::array<size_t, 257> starts{};
    for (const Character& character : run) ++starts[character.combining_class + 1];
    for (size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
    sorted_.clear();
    Character* const sorted = sorted_.Extend(run.size());
    if (sorted == nullptr) return;
    for (const Character& character : run) sorted[starts[character.combining_class]++] = character;
    std::ranges::copy(sorted_, run.begin());
  }

  // Joins what is not blocked with the last starter (D117).
  void Compose() {
    size_t size = 0;
    size_t starter = 0;
    bool has_starter = false;
    uint8_t last_class = 0;  // of what was kept since the starter
    for (const Character character : characters_) {
      const bool is_adjacent = has_starter && starter + 1 == size;
      const bool is_blocked =
          !has_starter ||
          (!is_adjacent && (last_class == 0 || last_class >= character.combining_class));
      if (!is_blocked) {
        const char32_t composed = tables_.Compose(characters_[starter].c, character.c);
        if (composed != 0 && !IsUnknown(composed)) {
          characters_[starter].c = composed;
          characters_[starter].takes =
              static_cast<uint8_t>(characters_[starter].takes + character.takes);
          continue;
        }
      }
      if (character.combining_class == 0) {
        starter = size;
        has_starter = true;
      }
      last_class = character.combining_class;
      characters_[size++] = character;
    }
    characters_.Truncate(size);
  }

  const Tables& tables_ = SharedTables();
  const bool compatible_;
  const bool composes_;
  const NormalizationData data_;
  GrowingArray<Character> characters_;
  GrowingArray<Character> sorted_;  // scratch
};

void AppendAll(std::string_view text, NormalizationForm form, NormalizationData data,
               GrowingText& out) {
  Normalizing normalizing(form, data);
  for (const Character& character : normalizing.Run(text)) AppendUtf8(character.c, out);
}

// The code points that a form leaves as they are and before which it changes nothing that ends
// there: starters that neither are rewritten nor join what stands before them.
class PlainSet {
 public:
  REPRISE_SMALL explicit PlainSet(NormalizationForm form) : bits_(0x110000 / 64, ~uint64_t{0}) {
    // The set is kept, so nobody else's memory may be lacking in it.
    const MemoryWatch watch;
    const Tables& tables = SharedTables();
    const bool composes = form == NormalizationForm::kNfc || form == NormalizationForm::kNfkc;
    for (const RangeTable::Range& range : tables.combining_classes.ranges()) {
      Remove(range.first, range.last);
    }
    for (const Mapping& mapping : tables.mappings) {
      GrowingText text, normalized;
      AppendUtf8(mapping.from, text);
      AppendAll(text, form, NormalizationData::kCurrent, normalized);
      if (normalized != text) Remove(mapping.from, mapping.from);
    }
    REPRISE_CHECK(!MemoryWatch::Lacks(), "memory for a table is used up");
    if (!composes) {
      Remove(kSBase, kSBase + kSCount - 1);
      return;
    }
    for (const uint64_t composition : tables.compositions) {
      const auto second = static_cast<char32_t>(composition >> 21) & kCodePointMask;
      Remove(second, second);
    }
    Remove(kVBase, kVBase + kVCount - 1);
    Remove(kTBase, kTBase + kTCount - 1);
  }

  bool Contains(char32_t c) const { return (bits_[c / 64] >> (c % 64) & 1) != 0; }

  static const PlainSet& Of(NormalizationForm form) {
    switch (form) {
      case NormalizationForm::kNfc: {
        static const PlainSet set(NormalizationForm::kNfc);
        return set;
      }
      case NormalizationForm::kNfd: {
        static const PlainSet set(NormalizationForm::kNfd);
        return set;
      }
      case NormalizationForm::kNfkc: {
        static const PlainSet set(NormalizationForm::kNfkc);
        return set;
      }
      default: {
        static const PlainSet set(NormalizationForm::kNfkd);
        return set;
      }
    }
  }

 private:
  void Remove(char32_t first, char32_t last) {
    for (char32_t c = first; c <= last; ++c) bits_[c / 64] &= ~(uint64_t{1} << (c % 64));
  }

  std::vector<uint64_t> bits_;
};

// The end of the plain code points from `at` on; `last` becomes the start of the last of them.
size_t PlainEnd(std::string_view text, const PlainSet& plain, size_t at, size_t& last) {
  while (at < text.size()) {
    size_t behind = at;
    const char32_t c = ReadUtf8(text, behind);
    if (c >= 0x80 && !plain.Contains(c)) break;
    last = at;
    at = behind;
  }
  return at;
}

}  // namespace

void AppendNormalized(std::string_view text, NormalizationForm form, NormalizationData data,
                      GrowingText& out) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_ascii)) return out.Append(text);
  const PlainSet& plain = PlainSet::Of(form);
  out.reserve(out.size() + text.size());
  for (size_t at = 0; at < text.size();) {
    // Marks may join the plain code point before them.
    size_t last = at;
    const size_t end = PlainEnd(text, plain, at, last);
    if (end == text.size()) last = end;
    out.Append(text.substr(at, last - at));
    if (end == text.size()) break;
    size_t rest = end;
    while (rest < text.size()) {
      size_t behind = rest;
      if (plain.Contains(ReadUtf8(text, behind))) break;
      rest = behind;
    }
    AppendAll(text.substr(last, rest - last), form, data, out);
    at = rest;
  }
}

GrowingText Normalize(std::string_view text, NormalizationForm form, NormalizationData data) {
  GrowingText out;
  AppendNormalized(text, form, data, out);
  return out;
}

GrowingArray<RewrittenCharacter> NormalizedCharacters(std::string_view text, NormalizationForm form,
                                                      NormalizationData data) {
  Normalizing normalizing(form, data);
  GrowingArray<RewrittenCharacter> characters;
  characters.reserve(text.size());
  for (const Character& character : normalizing.Run(text)) {
    characters.push_back({character.c, character.takes});
  }
  return characters;
}

}  // namespace reprise
