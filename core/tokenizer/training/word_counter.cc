#include "tokenizer/training/word_counter.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tokenizer/training/pipeline_json.h"
#include "unicode/utf8.h"

namespace reprise {

WordCounter::WordCounter(const TokenizerTrainingOptions& options)
    : normalizer_(MakeNormalizer(options.normalizer)),
      pre_tokenizer_(MakePreTokenizer(options.pre_tokenizer)) {}

Status WordCounter::Add(std::string_view text) {
  if (const std::optional<size_t> at = FindInvalidUtf8(text)) {
    return Fail(
        Error(ErrorCode::kInvalidArgument, "The text is not UTF-8 at byte " + std::to_string(*at))
            .With("byte", static_cast<int64_t>(*at)));
  }
  const MemoryWatch watch;
  NormalizedText normalized{GrowingText(text)};
  REPRISE_TRY(MemoryWatch::Check());
  if (normalizer_ != nullptr) normalizer_->Apply(normalized);
  REPRISE_TRY(MemoryWatch::Check());
  PreTokenizedText words(std::move(normalized));
  pre_tokenizer_->Apply(words);
  REPRISE_TRY(MemoryWatch::Check());
  for (const PreTokenizedText::Word& word : words.words) {
    const std::string_view view = words.View(word);
    const auto found = counts_.find(view);
    if (found != counts_.end()) {
      ++found->second;
    } else {
      counts_.emplace(view, 1);
    }
  }
  return {};
}

std::vector<CountedWord> WordCounter::Take() {
  std::vector<CountedWord> words;
  words.reserve(counts_.size());
  while (!counts_.empty()) {
    auto node = counts_.extract(counts_.begin());
    words.push_back({std::move(node.key()), node.mapped()});
  }
  std::ranges::sort(words, {}, &CountedWord::text);
  return words;
}

}  // namespace reprise
