// Settings of a tokenizer to be trained, and the checks that need no text.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace reprise {

enum class TrainedModelKind : uint8_t { kBpe, kUnigram };
enum class TrainedPreTokenizer : uint8_t { kByteLevel, kMetaspace, kWhitespace };
enum class TrainedNormalizer : uint8_t { kNone, kNfc, kNfd, kNfkc, kNfkd };

struct TokenizerTrainingOptions {
  TrainedModelKind model = TrainedModelKind::kBpe;
  TrainedPreTokenizer pre_tokenizer = TrainedPreTokenizer::kByteLevel;
  TrainedNormalizer normalizer = TrainedNormalizer::kNone;
  int64_t vocab_size = 0;  // special tokens included
  int64_t min_frequency = 0;
  // In characters of the pre-tokenized text. BPE makes a token of three characters or more only
  // where it stays shorter than this, Unigram takes pieces up to it.
  int64_t max_token_length = std::numeric_limits<int64_t>::max();
  std::vector<std::string> special_tokens;
  // Characters that are tokens whether they occur or not, ascending.
  std::vector<char32_t> initial_alphabet;
  // BPE: at most so many single characters, the most frequent ones.
  std::optional<int64_t> limit_alphabet;
  // What stands for text that cannot be written otherwise. Unigram needs one.
  std::optional<std::string> unk_token;

  // The unk token where it is none of the special tokens: it gets id 0, before them.
  std::optional<std::string> added_unk_token() const;
};

// The characters of the byte-level pre-tokenizer, ascending: what each byte is written as.
std::vector<char32_t> ByteLevelAlphabet();

// Errors: invalid_argument with argument, expected and found, for sizes outside their range,
// special tokens that are empty, twice there or no UTF-8, and options that the model does not have.
Status CheckTrainingOptions(const TokenizerTrainingOptions& options);

}  // namespace reprise
