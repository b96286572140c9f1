#include "tokenizer/training/training_options.h"

#include <algorithm>
#include <set>

#include "tokenizer/byte_alphabet.h"
#include "tokenizer/vocabulary.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

constexpr int64_t kMaxVocabSize = Vocabulary::kMaxTokens;

Status CheckRange(std::string_view argument, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return {};
  return RefuseArgument(argument,
                        "an integer from " + std::to_string(low) + " to " + std::to_string(high),
                        std::to_string(value));
}

Status CheckSpecialTokens(const std::vector<std::string>& tokens) {
  std::set<std::string_view> seen;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const std::string argument = "specialTokens[" + std::to_string(i) + "]";
    if (tokens[i].empty()) return RefuseArgument(argument, "a token of some text", "\"\"");
    if (FindInvalidUtf8(tokens[i])) return RefuseArgument(argument, "UTF-8", "other bytes");
    if (!seen.insert(tokens[i]).second) {
      return RefuseArgument(argument, "each token once", "\"" + tokens[i] + "\" again");
    }
  }
  return {};
}

}  // namespace

std::optional<std::string> TokenizerTrainingOptions::added_unk_token() const {
  if (!unk_token || std::ranges::count(special_tokens, *unk_token) != 0) return std::nullopt;
  return unk_token;
}

std::vector<char32_t> ByteLevelAlphabet() {
  std::vector<char32_t> alphabet(kByteAlphabet.begin(), kByteAlphabet.end());
  std::ranges::sort(alphabet);
  return alphabet;
}

Status CheckTrainingOptions(const TokenizerTrainingOptions& options) {
  constexpr int64_t kMost = int64_t{1} << 53;
  const bool is_bpe = options.model == TrainedModelKind::kBpe;
  REPRISE_TRY(CheckRange("vocabSize", options.vocab_size, 1, kMaxVocabSize));
  REPRISE_TRY(CheckRange("minFrequency", options.min_frequency, 0, kMost));
  if (options.max_token_length != std::numeric_limits<int64_t>::max()) {
    REPRISE_TRY(CheckRange("maxTokenLength", options.max_token_length, is_bpe ? 2 : 1, kMost));
  }
  if (options.limit_alphabet) {
    if (!is_bpe) return RefuseArgument("limitAlphabet", "the model 'bpe'", "'unigram'");
    REPRISE_TRY(CheckRange("limitAlphabet", *options.limit_alphabet, 1, kMaxVocabSize));
  }
  if (!is_bpe && !options.unk_token) return RefuseArgument("unkToken", "a token", "none");
  if (options.unk_token) {
    if (options.unk_token->empty()) return RefuseArgument("unkToken", "some text", "\"\"");
    if (FindInvalidUtf8(*options.unk_token)) {
      return RefuseArgument("unkToken", "UTF-8", "other bytes");
    }
  }
  return CheckSpecialTokens(options.special_tokens);
}

}  // namespace reprise
