// The normalizer of BERT: cleans, sets Chinese characters apart, strips accents, lowers case.
#include <optional>

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

void AppendClean(char32_t c, std::string& out) {
  if (c == '\t' || c == '\n' || c == '\r') {
    out.push_back(' ');
  } else if (c != 0 && c != 0xFFFD && !IsOldControl(c)) {
    AppendUtf8(IsWhiteSpace(c) ? U' ' : c, out);
  }
}

void AppendApart(char32_t c, std::string& out) {
  if (IsChinese(c)) out.push_back(' ');
  AppendUtf8(c, out);
  if (IsChinese(c)) out.push_back(' ');
}

class BertNormalizer : public Normalizer {
 public:
  static Result<std::unique_ptr<const Normalizer>> FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields(
        {"type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase"}));
    auto bert = std::make_unique<BertNormalizer>();
    REPRISE_ASSIGN(bert->cleans_, fields.Boolean("clean_text"));
    REPRISE_ASSIGN(bert->sets_chinese_apart_, fields.Boolean("handle_chinese_chars"));
    REPRISE_ASSIGN(bert->lowers_, fields.Boolean("lowercase"));
    REPRISE_ASSIGN(bert->strips_accents_, fields.Boolean("strip_accents", bert->lowers_));
    return bert;
  }

  void Apply(NormalizedText& normalized) const override {
    if (cleans_) RewriteCharacters(normalized, AppendClean);
    if (sets_chinese_apart_) RewriteCharacters(normalized, AppendApart);
    if (strips_accents_) {
      NormalizeForm(normalized, NormalizationForm::kNfd);
      RewriteCharacters(normalized, [](char32_t c, std::string& out) {
        if (!IsOldNonspacingMark(c)) AppendUtf8(c, out);
      });
    }
    if (lowers_) RewriteCharacters(normalized, AppendLowercase);
  }

 private:
  bool cleans_ = true;
  bool sets_chinese_apart_ = true;
  bool strips_accents_ = true;
  bool lowers_ = true;
};

}  // namespace

Result<std::unique_ptr<const Normalizer>> ParseBertNormalizer(const JsonFields& fields) {
  return BertNormalizer::FromFields(fields);
}

}  // namespace reprise
