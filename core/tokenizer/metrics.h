// What a tokenizer makes of a set of texts, in figures. docs/tokenizer-metrics.md defines each and
// names its source.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tokenizer/text_batch.h"
#include "tokenizer/tokenizer.h"
#include "unicode/script.h"

namespace reprise {

// Of one script's part of the texts.
struct ScriptCounts {
  int64_t tokens = 0;      // whose first character that is no white space is of the script
  int64_t words = 0;       // with a character of the script
  int64_t characters = 0;  // but white space
};

// Counts of any number of texts. Adding them up is exact, so that their order does not matter.
struct TokenizationCounts {
  int64_t texts = 0;
  int64_t bytes = 0;
  int64_t characters = 0;  // code points
  int64_t words = 0;       // longest runs of characters that are no white space
  int64_t tokens = 0;
  int64_t unknown_tokens = 0;
  int64_t byte_fallback_tokens = 0;
  int64_t uncovered_bytes = 0;              // that unknown and byte fallback tokens stand for
  std::vector<int64_t> occurrences;         // by id
  std::array<ScriptCounts, 256> scripts{};  // by the script's number
};

struct TokenizerMetrics {
  struct Fertility {
    double tokens_per_word = 0;
    double tokens_per_character = 0;
  };
  struct OfScript {
    std::string_view name;
    Fertility fertility;
  };
  struct Token {
    int32_t id = 0;
    int64_t count = 0;
  };
  static constexpr size_t kListed = 10;

  TokenizationCounts counts;
  double text_coverage = 0;        // share of the bytes, 0 to 1
  double vocabulary_coverage = 0;  // share of the tokens, 0 to 1
  double bits_per_token = 0;
  double normalized_entropy = 0;  // 0 to 1
  Fertility fertility;
  std::vector<OfScript> by_script;  // of those that occur, by name
  double bytes_per_token = 0;
  // Of the tokens that occur, at most kListed each; of equals the smaller id comes first.
  std::vector<Token> longest;  // by characters as the vocabulary has them, byte fallback by bytes
  std::vector<Token> most_frequent;
};

// The same bits on every machine. A ratio to nothing is 0.
TokenizerMetrics MetricsOf(const Tokenizer& tokenizer, const TokenizationCounts& counts);

// Encodes texts, without what a post-processor adds, and counts.
class MetricsBatch final : public TextBatch {
 public:
  // `sizes` are the bytes of each of the texts, which follow each other. Errors of Step: those of
  // Tokenizer::Encode, with the field argument ("texts[3]").
  MetricsBatch(std::shared_ptr<const Tokenizer> tokenizer, std::string_view texts,
               std::span<const uint32_t> sizes);

  // Nothing before all is done.
  const std::optional<TokenizerMetrics>& metrics() const { return metrics_; }

 private:
  Status Process(size_t i) override;
  Status Finish() override;
  Status Add(std::string_view text, const TokenizedText& tokens);

  const std::shared_ptr<const Tokenizer> tokenizer_;
  const GrowingText texts_;
  const std::vector<uint8_t> is_byte_fallback_;  // by id
  std::mutex mutex_;                             // of counts_
  TokenizationCounts counts_;
  std::optional<TokenizerMetrics> metrics_;
};

}  // namespace reprise
