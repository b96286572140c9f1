#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/random_numbers.h"
#include "unicode/case_mapping.h"
#include "unicode/category.h"
#include "unicode/grapheme.h"
#include "unicode/grapheme_tables.h"
#include "unicode/normalization.h"
#include "unicode/packed_table.h"
#include "unicode/script.h"
#include "unicode/utf16.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

TEST(Category, KnowsSingleCodePoints) {
  EXPECT_EQ(CategoryOf(U'a'), Category::kLl);
  EXPECT_EQ(CategoryOf(U'Ⅷ'), Category::kNl);
  EXPECT_EQ(CategoryOf(U'½'), Category::kNo);
  EXPECT_EQ(CategoryOf(U'_'), Category::kPc);
  EXPECT_EQ(CategoryOf(U'€'), Category::kSc);
  EXPECT_EQ(CategoryOf(U'\u3000'), Category::kZs);
  EXPECT_EQ(CategoryOf(U'一'), Category::kLo);          // in a range of UnicodeData.txt
  EXPECT_EQ(CategoryOf(U'\U00020000'), Category::kLo);  // the same in plane 2
  EXPECT_EQ(CategoryOf(U'\U0010FFFF'), Category::kCn);
  EXPECT_EQ(CategoryOf(0x110000), Category::kCn);
  EXPECT_EQ(CategoryOf(0xD800), Category::kCs);
}

TEST(Category, ClassesFollowTheRegexNames) {
  EXPECT_TRUE(IsLetter(U'Ǆ'));
  EXPECT_FALSE(IsLetter(U'\u0301'));
  EXPECT_TRUE(IsNumber(U'٣'));
  EXPECT_FALSE(IsNumber(U'一'));
  EXPECT_TRUE(IsWhiteSpace(U'\u0085'));
  EXPECT_TRUE(IsWhiteSpace(U'\u00A0'));
  EXPECT_FALSE(IsWhiteSpace(U'\u200B'));
  EXPECT_FALSE(IsWhiteSpace(U'\uFEFF'));
  EXPECT_TRUE(IsWordCharacter(U'_'));
  EXPECT_TRUE(IsWordCharacter(U'\u0301'));
  EXPECT_TRUE(IsWordCharacter(U'\u200D'));
  EXPECT_FALSE(IsWordCharacter(U'½'));
  EXPECT_FALSE(IsWordCharacter(U'-'));
}

TEST(Category, AgeFollowsTheDatabase) {
  EXPECT_EQ(AgeOf(U'a'), UnicodeAge::kUpTo8);
  EXPECT_EQ(AgeOf(U'\u08E2'), UnicodeAge::k9);
  EXPECT_EQ(AgeOf(U'\u08D3'), UnicodeAge::kLater);
}

TEST(Script, FindsScriptsAndNames) {
  using namespace unicode_tables;
  EXPECT_EQ(ScriptOf(U'漢'), script::kHan);
  EXPECT_EQ(ScriptOf(U'あ'), script::kHiragana);
  EXPECT_EQ(ScriptOf(U'1'), script::kCommon);
  EXPECT_EQ(ScriptOf(U'\u0301'), script::kInherited);
  EXPECT_EQ(ScriptOf(0x10FFFF), kNoScript);
  EXPECT_EQ(ScriptByName("hani"), script::kHan);
  EXPECT_EQ(ScriptByName("Old Italic"), script::kOldItalic);
  EXPECT_EQ(ScriptByName("Klingon"), std::nullopt);
  EXPECT_EQ(ScriptName(script::kOldItalic), "Old_Italic");
}

TEST(Normalization, ComposesAndOrders) {
  using enum NormalizationForm;
  EXPECT_EQ(Normalize("e\u0301", kNfc), "é");
  EXPECT_EQ(Normalize("é", kNfd), "e\u0301");
  EXPECT_EQ(Normalize("ﬁ①", kNfkc), "fi1");
  EXPECT_EQ(Normalize("ﬁ①", kNfc), "ﬁ①");
  EXPECT_EQ(Normalize("각", kNfd), "\u1100\u1161\u11A8");
  EXPECT_EQ(Normalize("\u1100\u1161\u11A8", kNfc), "각");
  EXPECT_EQ(Normalize("a\u0301\u0316", kNfd), "a\u0316\u0301");
  EXPECT_EQ(Normalize("\u0301a", kNfc), "\u0301a");
  // U+32FF came with Unicode 12.1.
  EXPECT_EQ(Normalize("㋿", kNfkc), "令和");
  EXPECT_EQ(Normalize("㋿", kNfkc, NormalizationData::kVersion9), "㋿");
}

TEST(Normalization, LongRunsOfMarksTakeNoQuadraticTime) {
  std::string text = "a";
  for (int i = 0; i < 1 << 19; ++i) text += i % 2 == 0 ? "\u0301" : "\u0316";
  const GrowingText composed = Normalize(text, NormalizationForm::kNfc);
  EXPECT_TRUE(std::string_view(composed).starts_with("á\u0316\u0316"));
  EXPECT_EQ(composed.size(), text.size() - 1);
}

TEST(CaseMapping, LowersAndFolds) {
  const auto lower = [](char32_t c) {
    GrowingText out;
    AppendLowercase(c, out);
    return out;
  };
  EXPECT_EQ(lower(U'A'), "a");
  EXPECT_EQ(lower(U'Σ'), "σ");
  EXPECT_EQ(lower(U'İ'), "i\u0307");
  EXPECT_EQ(lower(U'ẞ'), "ß");
  EXPECT_EQ(lower(U'\U00010400'), "\U00010428");
  EXPECT_EQ(FoldCase(U'ς'), U'σ');
  EXPECT_EQ(FoldCase(U'ſ'), U's');
  EXPECT_EQ(FoldCase(U'ꭰ'), U'Ꭰ');  // Cherokee folds to the old, upper case
  EXPECT_EQ(FoldCase(U'Ꭰ'), U'Ꭰ');
  EXPECT_EQ(CaseVariants(U'K'), (std::vector<char32_t>{U'K', U'k', U'\u212A'}));
  EXPECT_EQ(CaseVariants(U'1'), std::vector<char32_t>{U'1'});
}

TEST(Utf8, EveryScalarValueReadsBack) {
  for (uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c == 0xD800) c = 0xE000;
    std::string text;
    AppendUtf8(c, text);
    ASSERT_FALSE(FindInvalidUtf8(text).has_value()) << c;
    size_t at = 0;
    ASSERT_EQ(static_cast<uint32_t>(ReadUtf8(text, at)), c);
    ASSERT_EQ(at, text.size());
    ASSERT_EQ(static_cast<uint32_t>(ReadUtf8Backward(text, at)), c);
    ASSERT_EQ(at, 0u);
  }
}

// Unit by unit.
std::string SlowUtf8OfUtf16(const std::vector<uint16_t>& units) {
  std::string utf8;
  for (size_t i = 0; i < units.size(); ++i) {
    const bool is_high = (units[i] & 0xFC00) == 0xD800;
    if (is_high && i + 1 < units.size() && (units[i + 1] & 0xFC00) == 0xDC00) {
      const char32_t high = units[i] & 0x3FF, low = units[++i] & 0x3FF;
      AppendUtf8(0x10000 + (high << 10) + low, utf8);
    } else {
      AppendUtf8((units[i] & 0xF800) == 0xD800 ? 0xFFFD : units[i], utf8);
    }
  }
  return utf8;
}

TEST(Utf16, BecomesUtf8InItsOwnRoom) {
  uint64_t state = 7;
  const auto below = [&](uint64_t limit) { return NextRandom(state) % limit; };
  // The highest unit of each kind, and how often in a hundred the kind changes.
  constexpr uint16_t kHighest[] = {0x7F, 0x7FF, 0xFFFF, 0xDBFF, 0xDFFF};
  constexpr uint16_t kLowest[] = {0, 0x80, 0x800, 0xD800, 0xDC00};
  for (int round = 0; round < 20'000; ++round) {
    const uint64_t changes = std::array{1, 20, 100}[below(3)];
    std::vector<uint16_t> units(below(100));
    size_t kind = below(5);
    for (uint16_t& unit : units) {
      if (below(100) < changes) kind = below(5);
      unit = static_cast<uint16_t>(kLowest[kind] + below(kHighest[kind] - kLowest[kind] + 1));
    }
    const std::string expected = SlowUtf8OfUtf16(units);
    constexpr char kGuard = '\x5A';
    const size_t room = 3 * units.size(), behind = units.size() % 2;
    std::string memory(room + behind + 8, kGuard);
    char* const last = memory.data() + units.size() + behind;
    if (!units.empty()) std::memcpy(last, units.data(), 2 * units.size());
    const size_t size =
        WriteUtf8OfUtf16(reinterpret_cast<const uint16_t*>(last), units.size(), memory.data());
    ASSERT_EQ(memory.substr(0, size), expected) << "round " << round;
    ASSERT_EQ(memory.substr(room + behind), std::string(8, kGuard));
  }
}

TEST(Utf8, InvalidBytesAreFoundWhereTheyStand) {
  EXPECT_EQ(FindInvalidUtf8("twelve bytes\xC0\x80"), 12u);  // overlong
  EXPECT_EQ(FindInvalidUtf8("\xED\xA0\x80"), 0u);           // a surrogate
  EXPECT_EQ(FindInvalidUtf8("a\xF4\x90\x80\x80"), 1u);      // above U+10FFFF
  EXPECT_EQ(FindInvalidUtf8("ab\xE2\x82"), 2u);             // broken off
  EXPECT_EQ(FindInvalidUtf8("\x80"), 0u);
}

// Whether a code point is written so at the start of the bytes; `size` is that of its bytes.
bool BeginsCodePoint(std::string_view bytes, size_t& size) {
  for (size = 1; size <= std::min<size_t>(bytes.size(), 4); ++size) {
    if (Utf8Length(bytes[0]) != size) continue;
    size_t at = 0;
    const char32_t c = ReadUtf8(bytes, at);
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return false;
    std::string written;
    AppendUtf8(c, written);
    return bytes.starts_with(written) && written.size() == size;
  }
  return false;
}

TEST(Utf8, AnyChangedByteIsFoundWhereItStands) {
  constexpr char32_t kCodePoints[] = {'a',    0x80,   0x7FF,   0x800,   0xD7FF,
                                      0xE000, 0xFFFD, 0x10000, 0x10FFFF};
  uint64_t state = 1;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    const size_t length = NextRandom(state) % 180;
    while (text.size() < length)
      AppendUtf8(kCodePoints[NextRandom(state) % std::size(kCodePoints)], text);
    if (i % 4 != 0) {
      if (text.empty()) continue;
      text[NextRandom(state) % text.size()] = static_cast<char>(NextRandom(state) % 256);
      text.resize(text.size() - NextRandom(state) % 2);
    }
    size_t at = 0, size = 0;
    while (at < text.size() && BeginsCodePoint(std::string_view(text).substr(at), size)) at += size;
    const std::optional<size_t> expected = at < text.size() ? std::optional(at) : std::nullopt;
    ASSERT_EQ(FindInvalidUtf8(text), expected) << i;
  }
}

TEST(RangeTable, FindsWhatItsRangesSay) {
  for (const std::span<const uint8_t> packed :
       {std::span<const uint8_t>(unicode_tables::kScripts),
        std::span<const uint8_t>(unicode_tables::kGraphemeBreaks)}) {
    const RangeTable table(packed);
    char32_t c = 0;
    for (const auto& [first, last, value] : table.ranges()) {
      for (; c < first; ++c) ASSERT_EQ(table.Find(c), 0u) << static_cast<uint32_t>(c);
      for (; c <= last; ++c) ASSERT_EQ(table.Find(c), value) << static_cast<uint32_t>(c);
    }
    for (; c < 0x110000 + 64; ++c) ASSERT_EQ(table.Find(c), 0u) << static_cast<uint32_t>(c);
  }
}

std::string Lossy(std::string_view bytes, size_t step) {
  LossyUtf8Stream stream;
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += step) stream.Push(bytes.substr(at, step), out);
  stream.Finish(out);
  return out;
}

TEST(Utf8, BrokenPartsBecomeOneReplacementEach) {
  // The example of the Unicode standard, table 3-8.
  const std::string bytes = "\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64\xE2\x82";
  const std::string expected = "a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd\uFFFD";
  for (size_t step = 1; step <= bytes.size(); ++step) EXPECT_EQ(Lossy(bytes, step), expected);
}

}  // namespace
}  // namespace reprise
