#include "tokenizer/normalizer.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/small_code.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/pattern.h"
#include "unicode/case_mapping.h"
#include "unicode/category.h"
#include "unicode/normalization.h"

namespace reprise {
namespace {

using Parsed = std::unique_ptr<Normalizer>;

class SequenceNormalizer : public Normalizer {
 public:
  REPRISE_SMALL static Parsed FromFields(const JsonFields& fields) {
    fields.OnlyFields("type normalizers");
    const size_t count = fields.Array("normalizers").size();
    auto sequence = std::make_unique<SequenceNormalizer>();
    for (size_t i = 0; i < count && fields.ok(); ++i) {
      sequence->parts_.push_back(Parse(fields.Element("normalizers", i)));
    }
    return sequence;
  }

  void Apply(NormalizedText& normalized) const override {
    for (const auto& part : parts_) {
      if (!MemoryWatch::Lacks()) part->Apply(normalized);
    }
  }

 private:
  std::vector<std::unique_ptr<Normalizer>> parts_;
};

// Puts a text in front of what is not empty.
class PrependNormalizer : public Normalizer {
 public:
  REPRISE_SMALL static Parsed FromFields(const JsonFields& fields) {
    fields.OnlyFields("type prepend");
    auto prepend = std::make_unique<PrependNormalizer>();
    prepend->prefix_ = fields.String("prepend");
    return prepend;
  }

  void Apply(NormalizedText& normalized) const override {
    if (normalized.text.empty()) return;
    if (normalized.alignment != nullptr) {
      normalized.alignment->Prepend(prefix_.size(), Utf8Length(normalized.text[0]));
    }
    char* const front = normalized.text.MakeGap(0, prefix_.size());
    if (front != nullptr) std::ranges::copy(prefix_, front);
  }

 private:
  std::string prefix_;
};

class ReplaceNormalizer : public Normalizer {
 public:
  REPRISE_SMALL static Parsed FromFields(const JsonFields& fields) {
    fields.OnlyFields("type pattern content");
    return std::make_unique<ReplaceNormalizer>(fields);
  }

  explicit ReplaceNormalizer(const JsonFields& fields)
      : pattern_(Pattern::Parse(fields)), content_(fields.String("content")) {}

  void Apply(NormalizedText& normalized) const override {
    const GrowingText& text = normalized.text;
    const size_t first_length = text.empty() ? 0 : Utf8Length(text[0]);
    if (normalized.alignment != nullptr) {
      GrowingArray<RegexMatch> matches;
      pattern_.AppendMatches(text, matches);
      normalized.alignment->Replace(matches, content_.size());
    }
    const std::optional<RegexMatch> first =
        pattern_.ReplaceAll(normalized.text, content_, normalized.scratch);
    if (!first || first->start > 0) return;
    // Of several characters, the replacement stands for the last one.
    const bool took_front = content_.empty() ? first->end > 0 : first->end > first_length;
    if (took_front) normalized.keeps_start = false;
  }

 private:
  const Pattern pattern_;
  const std::string content_;
};

// White space off one end or both.
class StripNormalizer : public Normalizer {
 public:
  REPRISE_SMALL static Parsed FromFields(const JsonFields& fields) {
    fields.OnlyFields("type strip_left strip_right");
    auto strip = std::make_unique<StripNormalizer>();
    strip->left_ = fields.Boolean("strip_left");
    strip->right_ = fields.Boolean("strip_right");
    return strip;
  }

  void Apply(NormalizedText& normalized) const override {
    GrowingText& text = normalized.text;
    size_t end = text.size();
    while (right_ && end > 0) {
      size_t before = end;
      if (!IsWhiteSpace(ReadUtf8Backward(text, before))) break;
      end = before;
    }
    text.Truncate(end);
    size_t start = 0;
    while (left_ && start < text.size()) {
      size_t behind = start;
      if (!IsWhiteSpace(ReadUtf8(text, behind))) break;
      start = behind;
    }
    if (start > 0) normalized.keeps_start = false;
    if (normalized.alignment != nullptr) normalized.alignment->Keep(start, end);
    text.Keep(start, end);
  }

 private:
  bool left_ = false;
  bool right_ = false;
};

class FormNormalizer : public Normalizer {
 public:
  explicit FormNormalizer(NormalizationForm form) : form_(form) {}
  void Apply(NormalizedText& normalized) const override { NormalizeForm(normalized, form_); }

 private:
  const NormalizationForm form_;
};

// Character by character: a final sigma becomes σ like any other.
class LowercaseNormalizer : public Normalizer {
 public:
  void Apply(NormalizedText& normalized) const override {
    RewriteCharacters(normalized, AppendLowercase);
  }
};

// Takes out the combining marks of Unicode 9.0, which the reference library knows.
class StripAccentsNormalizer : public Normalizer {
 public:
  void Apply(NormalizedText& normalized) const override {
    // The first mark is U+0300.
    const auto is_low = [](char c) { return static_cast<unsigned char>(c) < 0xCC; };
    if (std::ranges::all_of(normalized.text, is_low)) return;
    RewriteCharacters(normalized, [](char32_t c, GrowingText& out) {
      if (!IsOldMark(c)) AppendUtf8(c, out);
    });
  }

 private:
  // Three code points have changed their category since.
  static bool IsOldMark(char32_t c) {
    if (c == 0x1CF2 || c == 0x1CF3) return true;
    return IsMark(c) && c != 0x111C9 && AgeOf(c) != UnicodeAge::kLater;
  }
};

// SentencePiece's rules for machine translation: some controls go, others become spaces.
class NmtNormalizer : public Normalizer {
 public:
  void Apply(NormalizedText& normalized) const override {
    RewriteCharacters(normalized, [](char32_t c, GrowingText& out) {
      if (IsDropped(c)) return;
      AppendUtf8(IsSpace(c) ? U' ' : c, out);
    });
  }

 private:
  static bool IsDropped(char32_t c) {
    return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
           c == 0x8F || c == 0x9F;
  }
  static bool IsSpace(char32_t c) {
    switch (c) {
      case 0x09:
      case 0x0A:
      case 0x0C:
      case 0x0D:
      case 0x1680:
      case 0x2028:
      case 0x2029:
      case 0x2581:
      case 0xFEFF:
      case 0xFFFD:
        return true;
      default:
        return c >= 0x200B && c <= 0x200F;
    }
  }
};

// Writes each byte as its character of the byte alphabet.
class ByteLevelNormalizer : public Normalizer {
 public:
  void Apply(NormalizedText& normalized) const override {
    GrowingText& out = normalized.scratch;
    out.clear();
    out.reserve(normalized.text.size() + normalized.text.size() / 4);
    for (const char byte : normalized.text) {
      AppendUtf8(kByteAlphabet[static_cast<unsigned char>(byte)], out);
    }
    if (normalized.alignment != nullptr) Align(normalized.text, *normalized.alignment);
    std::swap(normalized.text, out);
  }

 private:
  static void Align(std::string_view text, Alignment& alignment) {
    const Alignment before = std::exchange(alignment, alignment.Restarted());
    size_t size = 0;
    for (size_t at = 0; at < text.size(); ++at) {
      size += Utf8Size(kByteAlphabet[static_cast<unsigned char>(text[at])]);
      alignment.ExtendTo(size, before[at]);
    }
  }
};

// A component without options.
template <typename Component>
REPRISE_SMALL Parsed Plain(const JsonFields& fields) {
  fields.OnlyFields("type");
  return std::make_unique<Component>();
}

template <NormalizationForm form>
REPRISE_SMALL Parsed Form(const JsonFields& fields) {
  fields.OnlyFields("type");
  return std::make_unique<FormNormalizer>(form);
}

constexpr ComponentType<Normalizer> kTypes[] = {
    {"Sequence", SequenceNormalizer::FromFields},
    {"Prepend", PrependNormalizer::FromFields},
    {"Replace", ReplaceNormalizer::FromFields},
    {"Strip", StripNormalizer::FromFields},
    {"NFC", Form<NormalizationForm::kNfc>},
    {"NFD", Form<NormalizationForm::kNfd>},
    {"NFKC", Form<NormalizationForm::kNfkc>},
    {"NFKD", Form<NormalizationForm::kNfkd>},
    {"Lowercase", Plain<LowercaseNormalizer>},
    {"StripAccents", Plain<StripAccentsNormalizer>},
    {"Nmt", Plain<NmtNormalizer>},
    {"ByteLevel", Plain<ByteLevelNormalizer>},
    {"BertNormalizer", ParseBertNormalizer},
    {"Precompiled", ParsePrecompiledNormalizer},
};

}  // namespace

void RewriteCharacters(NormalizedText& normalized, void (*write)(char32_t c, GrowingText& out)) {
  if (MemoryWatch::Lacks()) return;
  GrowingText& out = normalized.scratch;
  out.clear();
  out.reserve(normalized.text.size());
  if (normalized.alignment != nullptr) {
    const Alignment before =
        std::exchange(*normalized.alignment, normalized.alignment->Restarted());
    for (size_t at = 0; at < normalized.text.size();) {
      const TextRange range = before[at];
      write(ReadUtf8(normalized.text, at), out);
      normalized.alignment->ExtendTo(out.size(), range);
    }
    out.clear();
  }
  for (size_t at = 0; at < normalized.text.size();) {
    const bool is_first = at == 0;
    write(ReadUtf8(normalized.text, at), out);
    if (is_first && out.empty()) normalized.keeps_start = false;
  }
  std::swap(normalized.text, out);
}

void NormalizeForm(NormalizedText& normalized, NormalizationForm form) {
  constexpr auto kData = NormalizationData::kVersion9;
  if (MemoryWatch::Lacks()) return;
  if (normalized.alignment != nullptr) {
    normalized.alignment->Rewrite(normalized.text,
                                  NormalizedCharacters(normalized.text, form, kData));
  }
  normalized.scratch.clear();
  AppendNormalized(normalized.text, form, kData, normalized.scratch);
  std::swap(normalized.text, normalized.scratch);
}

REPRISE_SMALL Parsed Normalizer::Parse(const JsonFields& fields) {
  return ParseComponent<Normalizer>(fields, kTypes);
}

}  // namespace reprise
