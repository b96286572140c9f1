// The normalizer of BERT: cleans, sets Chinese characters apart, strips accents, lowers case.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/small_code.h"
#include "tokenizer/normalizer.h"
#include "unicode/case_mapping.h"
#include "unicode/category.h"
#include "unicode/normalization.h"

namespace reprise {
namespace {

// The reference library knows the categories of Unicode 8.0.

bool IsOldControl(char32_t c) {
  switch (CategoryOf(c)) {
    case Category::kCc:
    case Category::kCf:
    case Category::kCo:
      return AgeOf(c) == UnicodeAge::kUpTo8;
    default:
      return false;
  }
}

// Five code points have changed their category since.
bool IsOldNonspacingMark(char32_t c) {
  if (c == 0x1734) return true;
  if (c == 0x1885 || c == 0x1886 || c == 0xA9BD || c == 0x111C9) return false;
  return CategoryOf(c) == Category::kMn && AgeOf(c) == UnicodeAge::kUpTo8;
}

bool IsChinese(char32_t c) {
  constexpr struct {
    char32_t first, last;
  } kBlocks[] = {{0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F},
                 {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};
  for (const auto& block : kBlocks) {
    if (c >= block.first && c <= block.last) return true;
  }
  return false;
}

void AppendClean(char32_t c, GrowingText& out) {
  if (c == '\t' || c == '\n' || c == '\r') {
    out.push_back(' ');
  } else if (c != 0 && c != 0xFFFD && !IsOldControl(c)) {
    AppendUtf8(IsWhiteSpace(c) ? U' ' : c, out);
  }
}

void AppendApart(char32_t c, GrowingText& out) {
  if (IsChinese(c)) out.push_back(' ');
  AppendUtf8(c, out);
  if (IsChinese(c)) out.push_back(' ');
}

class BertNormalizer : public Normalizer {
 public:
  REPRISE_SMALL static std::unique_ptr<Normalizer> FromFields(const JsonFields& fields) {
    fields.OnlyFields("type clean_text handle_chinese_chars strip_accents lowercase");
    auto bert = std::make_unique<BertNormalizer>();
    bert->cleans_ = fields.Boolean("clean_text");
    bert->sets_chinese_apart_ = fields.Boolean("handle_chinese_chars");
    bert->lowers_ = fields.Boolean("lowercase");
    bert->strips_accents_ = fields.Boolean("strip_accents", bert->lowers_);
    for (size_t c = 0; c < bert->ascii_.size(); ++c) {
      const char character = static_cast<char>(c);
      NormalizedText one{GrowingText(std::string_view(&character, 1))};
      bert->ApplySteps(one);
      bert->ascii_[c] = one.text.empty() ? kGone : static_cast<int16_t>(one.text[0]);
    }
    return bert;
  }

  // What becomes of ASCII does not depend on what stands beside it, nor the other way round unless
  // ASCII goes and marks meet.
  void Apply(NormalizedText& normalized) const override {
    const auto is_plain = [&](char c) {
      return static_cast<unsigned char>(c) >= ascii_.size() || Image(c) != kGone;
    };
    const bool is_plain_text =
        std::all_of(normalized.text.begin(), normalized.text.end(), is_plain);
    if (normalized.alignment != nullptr || !is_plain_text) return ApplySteps(normalized);
    const GrowingText text = std::exchange(normalized.text, GrowingText());
    normalized.text.reserve(text.size() + text.size() / 8);
    NormalizedText part;
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    for (auto at = text.begin(); at != text.end();) {
      const auto behind = is_ascii(*at) ? std::find_if_not(at, text.end(), is_ascii)
                                        : std::find_if(at, text.end(), is_ascii);
      const std::string_view run(at, behind);
      if (is_ascii(*at)) {
        AppendAscii(run, normalized.text);
      } else {
        part.text.clear();
        part.text.Append(run);
        part.keeps_start = true;
        ApplySteps(part);
        normalized.text.Append(part.text);
        if (at == text.begin() && !part.keeps_start) normalized.keeps_start = false;
      }
      at = behind;
    }
  }

 private:
  static constexpr int16_t kGone = -1;

  int16_t Image(char c) const { return ascii_[static_cast<unsigned char>(c)]; }

  void AppendAscii(std::string_view run, GrowingText& out) const {
    char* to = out.Extend(run.size());
    if (to == nullptr) return;
    for (const char c : run) *to++ = static_cast<char>(Image(c));
  }

  void ApplySteps(NormalizedText& normalized) const {
    if (cleans_) RewriteCharacters(normalized, AppendClean);
    if (sets_chinese_apart_) RewriteCharacters(normalized, AppendApart);
    if (strips_accents_) {
      NormalizeForm(normalized, NormalizationForm::kNfd);
      RewriteCharacters(normalized, [](char32_t c, GrowingText& out) {
        if (!IsOldNonspacingMark(c)) AppendUtf8(c, out);
      });
    }
    if (lowers_) RewriteCharacters(normalized, AppendLowercase);
  }

  bool cleans_ = true;
  bool sets_chinese_apart_ = true;
  bool strips_accents_ = true;
  bool lowers_ = true;
  std::array<int16_t, 128> ascii_;  // what becomes of it; kGone: nothing
};

}  // namespace

std::unique_ptr<Normalizer> ParseBertNormalizer(const JsonFields& fields) {
  return BertNormalizer::FromFields(fields);
}

}  // namespace reprise
