#include "tokenizer/pre_tokenizer.h"

#include <utility>
#include <vector>

namespace reprise {
namespace {

class SequencePreTokenizer : public PreTokenizer {
 public:
  static ParsedPreTokenizer FromFields(const JsonFields& fields) {
    fields.OnlyFields("type pretokenizers");
    const size_t count = fields.Array("pretokenizers").size();
    auto sequence = std::make_unique<SequencePreTokenizer>();
    for (size_t i = 0; i < count && fields.ok(); ++i) {
      sequence->parts_.push_back(Parse(fields.Element("pretokenizers", i)));
    }
    return sequence;
  }

  void Apply(PreTokenizedText& words) const override { ApplyFrom(0, words); }

  PreTokenizedText ApplyToPortion(std::string_view text, bool is_first, size_t& at,
                                  size_t size) const override {
    if (parts_.empty()) return PreTokenizer::ApplyToPortion(text, is_first, at, size);
    PreTokenizedText words = parts_[0]->ApplyToPortion(text, is_first, at, size);
    ApplyFrom(1, words);
    return words;
  }

  bool WritesBytes() const override { return !parts_.empty() && parts_.back()->WritesBytes(); }
  void KeepBytes() override { parts_.back()->KeepBytes(); }

 private:
  void ApplyFrom(size_t first, PreTokenizedText& words) const {
    for (size_t i = first; i < parts_.size(); ++i) {
      if (!MemoryWatch::Lacks()) parts_[i]->Apply(words);
    }
  }

  std::vector<std::unique_ptr<PreTokenizer>> parts_;
};

}  // namespace

void WordAppender::Flush() { out_.Append({pending_, std::exchange(count_, 0)}); }

PreTokenizedText::PreTokenizedText(NormalizedText normalized)
    : text(std::move(normalized.text)),
      first_word_is_first(normalized.keeps_start),
      alignment(std::move(normalized.alignment)) {
  if (!text.empty()) words.push_back({0, text.size()});
}

PreTokenizedText PreTokenizer::ApplyUpTo(size_t end, std::string_view text, bool is_first,
                                         size_t& at) const {
  PreTokenizedText words({GrowingText(text.substr(at, end - at)), is_first && at == 0});
  Apply(words);
  at = end;
  return words;
}

ParsedPreTokenizer PreTokenizer::Parse(const JsonFields& fields) {
  const std::string_view type = fields.String("type");
  if (type == "Sequence") return SequencePreTokenizer::FromFields(fields);
  if (type == "ByteLevel") return ParseByteLevelPreTokenizer(fields);
  if (type == "Metaspace") return ParseMetaspacePreTokenizer(fields);
  return ParseSplittingPreTokenizer(fields);
}

}  // namespace reprise
