// The pre-tokenizers that only split: by patterns, classes of characters, scripts or length.
#include <array>
#include <optional>
#include <utility>

#include "base/small_code.h"
#include "tokenizer/pattern.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/word_splitting.h"
#include "unicode/category.h"
#include "unicode/script.h"

namespace reprise {
namespace {

using Word = PreTokenizedText::Word;

class SplitPreTokenizer : public PreTokenizer {
 public:
  REPRISE_SMALL static ParsedPreTokenizer FromFields(const JsonFields& fields) {
    fields.OnlyFields("type pattern behavior invert");
    return std::make_unique<SplitPreTokenizer>(fields);
  }

  REPRISE_SMALL explicit SplitPreTokenizer(const JsonFields& fields)
      : pattern_(Pattern::Parse(fields)),
        behavior_(ParseSplitBehavior(fields)),
        inverts_(fields.Boolean("invert")) {}

  // By a text, which goes.
  explicit SplitPreTokenizer(std::string delimiter)
      : pattern_(Pattern::Of(std::move(delimiter))),
        behavior_(SplitBehavior::kRemoved),
        inverts_(false) {}

  void Apply(PreTokenizedText& words) const override {
    SplitWords(words, behavior_, inverts_, [&](std::string_view word, const auto& visit) {
      pattern_.ForEachMatch(word, visit);
    });
  }

  PreTokenizedText ApplyToPortion(std::string_view text, bool is_first, size_t& at,
                                  size_t size) const override {
    if (JoinsMatches(behavior_)) return PreTokenizer::ApplyToPortion(text, is_first, at, size);
    const size_t from = at;
    PreTokenizedText portion({GrowingText(), is_first && from == 0});
    {
      IsolatedWords words(behavior_, inverts_, 0, portion.words);
      at = pattern_.ForEachMatch(text, from, size, [&](size_t start, size_t end) {
        words.Match(start - from, end - from);
      });
      words.End(at - from);
    }
    portion.text.Append(text.substr(from, at - from));
    if (portion.words.empty() || portion.words[0].start > 0) portion.first_word_is_first = false;
    return portion;
  }

 private:
  const Pattern pattern_;
  const SplitBehavior behavior_;
  const bool inverts_;
};

// The general category P of Unicode 8.0, which the reference library knows, and the punctuation of
// ASCII. Two code points have changed their category since.
bool IsPunctuationOfFormat(char32_t c) {
  if (c < 0x80) return c > ' ' && c < 0x7F && !IsAlphabetic(c) && !IsNumber(c);
  if (c == 0x166D || c == 0x111C9) return true;
  return IsPunctuation(c) && AgeOf(c) == UnicodeAge::kUpTo8;
}

// Splits at the characters of a class.
class ClassPreTokenizer : public PreTokenizer {
 public:
  using Predicate = bool (*)(char32_t);
  ClassPreTokenizer(Predicate holds, SplitBehavior behavior) : holds_(holds), behavior_(behavior) {
    for (size_t c = 0; c < ascii_.size(); ++c) ascii_[c] = holds(static_cast<char32_t>(c));
  }

  void Apply(PreTokenizedText& words) const override {
    SplitWords(words, behavior_, /*inverts=*/false, [&](std::string_view word, const auto& visit) {
      ForEachCharacter(word, [&](char32_t c) { return Holds(c); }, visit);
    });
  }

  PreTokenizedText ApplyToPortion(std::string_view text, bool is_first, size_t& at,
                                  size_t size) const override {
    if (JoinsMatches(behavior_)) return PreTokenizer::ApplyToPortion(text, is_first, at, size);
    const size_t end = EndBehind(text, at, size, [&](char32_t c) { return Holds(c); });
    return ApplyUpTo(end, text, is_first, at);
  }

 private:
  bool Holds(char32_t c) const { return c < ascii_.size() ? ascii_[c] : holds_(c); }

  const Predicate holds_;
  std::array<bool, 128> ascii_;  // what holds_ says
  const SplitBehavior behavior_;
};

// White space goes; punctuation stands alone.
class BertPreTokenizer : public PreTokenizer {
 public:
  void Apply(PreTokenizedText& words) const override {
    spaces_.Apply(words);
    punctuation_.Apply(words);
  }

  PreTokenizedText ApplyToPortion(std::string_view text, bool is_first, size_t& at,
                                  size_t size) const override {
    PreTokenizedText words = spaces_.ApplyToPortion(text, is_first, at, size);
    punctuation_.Apply(words);
    return words;
  }

 private:
  const ClassPreTokenizer spaces_{IsWhiteSpace, SplitBehavior::kRemoved};
  const ClassPreTokenizer punctuation_{IsPunctuationOfFormat, SplitBehavior::kIsolated};
};

// Runs of word characters and runs of others; white space goes. \w+|[^\w\s]+
class WhitespacePreTokenizer : public PreTokenizer {
 public:
  void Apply(PreTokenizedText& words) const override {
    SplitWords(words, SplitBehavior::kRemoved, /*inverts=*/true,
               [](std::string_view word, const auto& visit) { ForEachRun(word, visit); });
  }

  PreTokenizedText ApplyToPortion(std::string_view text, bool is_first, size_t& at,
                                  size_t size) const override {
    return ApplyUpTo(EndBehind(text, at, size, IsWhiteSpace), text, is_first, at);
  }

 private:
  enum class Class : uint8_t { kSpace, kWord, kOther };

  static Class ClassOf(char32_t c) {
    if (IsWordCharacter(c)) return Class::kWord;
    return IsWhiteSpace(c) ? Class::kSpace : Class::kOther;
  }

  template <typename Visit>
  static void ForEachRun(std::string_view word, const Visit& visit) {
    Class last = Class::kSpace;
    size_t start = 0;
    for (size_t at = 0; at < word.size();) {
      const size_t here = at;
      const Class now = ClassOf(ReadUtf8(word, at));
      if (now == last) continue;
      if (last != Class::kSpace) visit(start, here);
      start = here;
      last = now;
    }
    if (last != Class::kSpace) visit(start, word.size());
  }
};

// Splits where the script changes, as SentencePiece does, by the scripts of Unicode 9.0. What
// stands before the first character of a script is lost, as in the reference library.
class UnicodeScriptsPreTokenizer : public PreTokenizer {
 public:
  REPRISE_SMALL void Apply(PreTokenizedText& words) const override {
    GrowingArray<Word> out;
    for (const Word& word : words.words) SplitByScript(words.View(word), word.start, out);
    if (out.empty() || out[0].start != words.words[0].start) words.first_word_is_first = false;
    words.words = std::move(out);
  }

 private:
  static constexpr Script kAny = kNoScript;

  // Japanese is one script, and a space belongs to any. Four code points have changed theirs.
  REPRISE_SMALL static Script SimpleScript(char32_t c) {
    using namespace unicode_tables;
    if (c == ' ') return kAny;
    if (c == 0x30FC) return script::kHan;
    if (c == 0x061C || c == 0x0589) return script::kCommon;
    if (c == 0x0953 || c == 0x0954) return script::kDevanagari;
    if (c >= 0x80 && AgeOf(c) == UnicodeAge::kLater) return kAny;
    const Script found = ScriptOf(c);
    return found == script::kHiragana || found == script::kKatakana ? script::kHan : found;
  }

  REPRISE_SMALL static void SplitByScript(std::string_view word, size_t offset,
                                          GrowingArray<Word>& out) {
    std::optional<size_t> start;
    std::optional<Script> last;
    for (size_t at = 0; at < word.size();) {
      const size_t here = at;
      const Script now = SimpleScript(ReadUtf8(word, at));
      if (now == kAny || now == last) continue;
      if (start) out.push_back({offset + *start, offset + here});
      start = here;
      last = now;
    }
    if (start) out.push_back({offset + *start, offset + word.size()});
  }
};

// Pieces of so many characters.
class FixedLengthPreTokenizer : public PreTokenizer {
 public:
  explicit FixedLengthPreTokenizer(int64_t length) : length_(length) {}

  REPRISE_SMALL void Apply(PreTokenizedText& words) const override {
    GrowingArray<Word> out;
    for (const auto& [first, end] : words.words) {
      for (size_t at = first; at < end;) {
        const size_t start = at;
        for (int64_t i = 0; i < length_ && at < end; ++i) at += Utf8Length(words.text[at]);
        out.push_back({start, at});
      }
    }
    words.words = std::move(out);
  }

 private:
  const int64_t length_;
};

template <typename Component, auto... arguments>
REPRISE_SMALL ParsedPreTokenizer Plain(const JsonFields& fields) {
  fields.OnlyFields("type");
  return std::make_unique<Component>(arguments...);
}

REPRISE_SMALL ParsedPreTokenizer ParseDigits(const JsonFields& fields) {
  fields.OnlyFields("type individual_digits");
  return std::make_unique<ClassPreTokenizer>(IsNumber, fields.Boolean("individual_digits", false)
                                                           ? SplitBehavior::kIsolated
                                                           : SplitBehavior::kContiguous);
}

REPRISE_SMALL ParsedPreTokenizer ParsePunctuation(const JsonFields& fields) {
  fields.OnlyFields("type behavior");
  return std::make_unique<ClassPreTokenizer>(IsPunctuationOfFormat, fields.Has("behavior")
                                                                        ? ParseSplitBehavior(fields)
                                                                        : SplitBehavior::kIsolated);
}

REPRISE_SMALL ParsedPreTokenizer ParseCharDelimiter(const JsonFields& fields) {
  fields.OnlyFields("type delimiter");
  return std::make_unique<SplitPreTokenizer>(std::string(fields.Character("delimiter")));
}

REPRISE_SMALL ParsedPreTokenizer ParseFixedLength(const JsonFields& fields) {
  fields.OnlyFields("type length");
  return std::make_unique<FixedLengthPreTokenizer>(
      fields.Has("length") ? fields.Integer("length", 1, int64_t{1} << 30) : 5);
}

constexpr ComponentType<PreTokenizer> kTypes[] = {
    {"Split", SplitPreTokenizer::FromFields},
    {"Digits", ParseDigits},
    {"Punctuation", ParsePunctuation},
    {"CharDelimiterSplit", ParseCharDelimiter},
    {"FixedLength", ParseFixedLength},
    {"BertPreTokenizer", Plain<BertPreTokenizer>},
    {"Whitespace", Plain<WhitespacePreTokenizer>},
    {"WhitespaceSplit", Plain<ClassPreTokenizer, IsWhiteSpace, SplitBehavior::kRemoved>},
    {"UnicodeScripts", Plain<UnicodeScriptsPreTokenizer>},
};

}  // namespace

REPRISE_SMALL ParsedPreTokenizer ParseSplittingPreTokenizer(const JsonFields& fields) {
  return ParseComponent<PreTokenizer>(fields, kTypes);
}

}  // namespace reprise
