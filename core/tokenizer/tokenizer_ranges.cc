// Encoding with ranges: the stages of a tokenizer on texts that carry an alignment.
#include <algorithm>
#include <utility>

#include "tokenizer/tokenizer.h"

namespace reprise {

Status Tokenizer::AppendWordWithRanges(const PreTokenizedText& words,
                                       const PreTokenizedText::Word& word,
                                       GrowingArray<TextRange>& parts,
                                       TokenizedText& tokens) const {
  const std::string_view view = words.View(word);
  parts.clear();
  const size_t first = tokens.ids.size();
  REPRISE_TRY(model_->EncodeWithRanges(view, tokens.ids, parts));
  REPRISE_TRY(MemoryWatch::Check());
  for (size_t i = 0; i < parts.size(); ++i) {
    // What the reference library lets lie beyond the word's end stands at its end here.
    const size_t start = std::min<size_t>(parts[i].start, view.size() - 1);
    const size_t end = std::min<size_t>(parts[i].end, view.size());
    tokens.ranges.push_back(words.alignment->Cover(word.start + start, word.start + end));
    if (post_processor_.trims().empty()) continue;
    const std::string_view part = view.substr(start, end - start);
    tokens.spaces.push_back(TokenSpaces::Of(model_->TokenText(tokens.ids[first + i], part)));
  }
  return {};
}

void Tokenizer::AppendAddedWithRange(int32_t id, std::string_view text, TextRange range,
                                     TokenizedText& tokens) const {
  tokens.ids.push_back(id);
  tokens.ranges.push_back(range);
  if (!post_processor_.trims().empty()) tokens.spaces.push_back(TokenSpaces::Of(text));
}

Status Tokenizer::EncodePartWithRanges(std::string_view text, size_t start,
                                       const std::set<int32_t>& refused,
                                       TokenizedText& tokens) const {
  NormalizedText normalized{GrowingText(text), start == 0,
                            std::make_unique<Alignment>(text, start)};
  REPRISE_TRY(MemoryWatch::Check());
  if (normalizer_ != nullptr) normalizer_->Apply(normalized);
  REPRISE_TRY(MemoryWatch::Check());
  const std::string_view whole = normalized.text;
  GrowingArray<TextRange> parts;
  for (const TextPart& part : added_tokens_.Split(whole, /*normalized=*/true, refused)) {
    const std::string_view between = whole.substr(part.start, part.end - part.start);
    if (part.token) {
      AppendAddedWithRange(*part.token, between, normalized.alignment->Cover(part.start, part.end),
                           tokens);
      continue;
    }
    PreTokenizedText words(
        {GrowingText(between), normalized.keeps_start && part.start == 0,
         std::make_unique<Alignment>(normalized.alignment->Slice(part.start, part.end))});
    REPRISE_TRY(MemoryWatch::Check());
    if (pre_tokenizer_ != nullptr) pre_tokenizer_->Apply(words);
    REPRISE_TRY(MemoryWatch::Check());
    for (const PreTokenizedText::Word& word : words.words) {
      REPRISE_TRY(AppendWordWithRanges(words, word, parts, tokens));
    }
  }
  return {};
}

Result<TokenizedText> Tokenizer::EncodeTextWithRanges(std::string_view text,
                                                      const std::set<int32_t>& refused) const {
  REPRISE_TRY(CheckText(text));
  const MemoryWatch watch;
  TokenizedText tokens;
  for (const TextPart& part : added_tokens_.Split(text, /*normalized=*/false, refused)) {
    const std::string_view between = text.substr(part.start, part.end - part.start);
    if (part.token) {
      const TextRange range{static_cast<uint32_t>(part.start), static_cast<uint32_t>(part.end)};
      AppendAddedWithRange(*part.token, between, range, tokens);
    } else {
      REPRISE_TRY(EncodePartWithRanges(between, part.start, refused, tokens));
    }
  }
  REPRISE_TRY(MemoryWatch::Check());
  return tokens;
}

}  // namespace reprise
