#include "tokenizer/metrics.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/sort.h"
#include "numerics/elementary.h"
#include "unicode/category.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

// For each byte of a text at which a character starts: its script's number, or kWhiteSpace.
constexpr uint16_t kWhiteSpace = 256;
using CharacterScripts = GrowingArray<uint16_t>;

// The scripts that characters of other scripts are written with (UAX #24, 5.2).
class SharedScripts {
 public:
  bool Has(Script script) const { return script == common_ || script == inherited_; }
  Script common() const { return common_; }

 private:
  const Script common_ = *ScriptByName("Common");
  const Script inherited_ = *ScriptByName("Inherited");
};

// The scripts of one word, where a character that scripts share has that of the one before it that
// is not shared, else of the one behind, else Common.
void ReadWord(std::string_view text, size_t start, size_t end, const SharedScripts& shared,
              CharacterScripts& scripts) {
  std::optional<Script> last;
  for (size_t at = start; at < end;) {
    const size_t character = at;
    const Script script = ScriptOf(ReadUtf8(text, at));
    if (!shared.Has(script)) {
      if (!last) std::fill(&scripts[start], &scripts[character], script);
      last = script;
    }
    scripts[character] = last.value_or(shared.common());
  }
}

// Counts characters and words. Nothing counts where memory lacks.
CharacterScripts CountText(std::string_view text, TokenizationCounts& counts) {
  static const SharedScripts shared;
  CharacterScripts scripts;
  scripts.resize(text.size(), kWhiteSpace);
  if (MemoryWatch::Lacks()) return scripts;
  std::array<int64_t, 256> last_word{};  // with a character of the script; 0 for none
  size_t start = 0;                      // of the word at hand
  const auto end_word = [&](size_t end) {
    if (start == end) return;
    ++counts.words;
    ReadWord(text, start, end, shared, scripts);
    for (size_t at = start; at < end; at += Utf8Length(text[at])) {
      ScriptCounts& of = counts.scripts[scripts[at]];
      ++of.characters;
      if (std::exchange(last_word[scripts[at]], counts.words) != counts.words) ++of.words;
    }
  };
  for (size_t at = 0; at < text.size();) {
    const size_t character = at;
    ++counts.characters;
    if (!IsWhiteSpace(ReadUtf8(text, at))) continue;
    end_word(character);
    start = at;
  }
  end_word(text.size());
  return scripts;
}

std::optional<uint16_t> FirstScript(std::string_view text, TextRange range,
                                    const CharacterScripts& scripts) {
  for (size_t at = range.start; at < range.end; at += Utf8Length(text[at])) {
    if (scripts[at] != kWhiteSpace) return scripts[at];
  }
  return std::nullopt;
}

// Bytes in any of the ranges.
int64_t UnionSize(std::span<const TextRange> ranges) {
  GrowingArray<uint64_t> sorted;
  sorted.reserve(ranges.size());
  for (const TextRange range : ranges) sorted.push_back(PackPair(range.start, range.end));
  GrowingArray<uint64_t> room;
  if (room.Extend(sorted.size()) != nullptr) Sort(sorted, room);
  int64_t size = 0;
  uint32_t end = 0;
  for (const uint64_t range : sorted) {
    const uint32_t start = std::max(FirstOfPair(range), end);
    if (SecondOfPair(range) <= start) continue;
    size += SecondOfPair(range) - start;
    end = SecondOfPair(range);
  }
  return size;
}

double Ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double Log2(int64_t x) {
  constexpr double kLn2 = 0x1.62e42fefa39efp-1;
  return LogF64(static_cast<double>(x)) / kLn2;
}

// The sum of p log2(1/p), in the order of ids, so that it is one sum everywhere.
double Entropy(const TokenizationCounts& counts) {
  double bits = 0;
  for (const int64_t count : counts.occurrences) {
    if (count > 0) bits += Ratio(count, counts.tokens) * (Log2(counts.tokens) - Log2(count));
  }
  return bits;
}

int64_t CountCharacters(std::string_view text) {
  int64_t characters = 0;
  for (size_t at = 0; at < text.size(); at += Utf8Length(text[at])) ++characters;
  return characters;
}

// Of each id, whether it is a byte fallback token.
std::vector<uint8_t> ByteFallback(const Tokenizer& tokenizer) {
  std::vector<uint8_t> is_byte(static_cast<size_t>(tokenizer.token_id_limit()));
  for (const int32_t id : tokenizer.byte_fallback_ids()) is_byte[static_cast<size_t>(id)] = 1;
  return is_byte;
}

// The first of the tokens by descending key, of equals by ascending id. One key for each token.
std::vector<TokenizerMetrics::Token> Greatest(std::span<const TokenizerMetrics::Token> tokens,
                                              std::span<const int64_t> keys) {
  std::vector<size_t> greatest;  // places in `tokens`, which come by ascending id
  for (size_t i = 0; i < tokens.size(); ++i) {
    const auto is_less = [&](int64_t key, size_t place) { return key > keys[place]; };
    const auto place = std::upper_bound(greatest.begin(), greatest.end(), keys[i], is_less);
    greatest.insert(place, i);
    if (greatest.size() > TokenizerMetrics::kListed) greatest.pop_back();
  }
  std::vector<TokenizerMetrics::Token> listed;
  for (const size_t place : greatest) listed.push_back(tokens[place]);
  return listed;
}

std::vector<TokenizerMetrics::OfScript> ByScript(const TokenizationCounts& counts) {
  std::vector<TokenizerMetrics::OfScript> scripts;
  for (size_t number = 0; number < counts.scripts.size(); ++number) {
    const ScriptCounts& of = counts.scripts[number];
    if (of.characters == 0) continue;
    const auto script = static_cast<Script>(number);
    scripts.push_back({script == kNoScript ? "Unknown" : ScriptName(script),
                       {Ratio(of.tokens, of.words), Ratio(of.tokens, of.characters)}});
  }
  // Scripts have their numbers in the order of their names; the unknown one has the lowest.
  if (counts.scripts[kNoScript].characters > 0) {
    size_t at = 0;
    for (; at + 1 < scripts.size() && scripts[at + 1].name < scripts[at].name; ++at) {
      std::swap(scripts[at], scripts[at + 1]);
    }
  }
  return scripts;
}

}  // namespace

TokenizerMetrics MetricsOf(const Tokenizer& tokenizer, const TokenizationCounts& counts) {
  TokenizerMetrics metrics;
  metrics.counts = counts;
  metrics.text_coverage = Ratio(counts.bytes - counts.uncovered_bytes, counts.bytes);
  std::vector<TokenizerMetrics::Token> used;
  for (size_t id = 0; id < counts.occurrences.size(); ++id) {
    if (counts.occurrences[id] > 0) {
      used.push_back({static_cast<int32_t>(id), counts.occurrences[id]});
    }
  }
  metrics.vocabulary_coverage = Ratio(std::ssize(used), tokenizer.vocab_size());
  metrics.bits_per_token = Entropy(counts);
  if (tokenizer.vocab_size() > 1) {
    // Rounding may carry a full entropy over 1.
    metrics.normalized_entropy =
        std::min(1.0, metrics.bits_per_token / Log2(tokenizer.vocab_size()));
  }
  metrics.fertility = {Ratio(counts.tokens, counts.words), Ratio(counts.tokens, counts.characters)};
  metrics.by_script = ByScript(counts);
  metrics.bytes_per_token = Ratio(counts.bytes, counts.tokens);
  const std::vector<uint8_t> is_byte = ByteFallback(tokenizer);
  std::vector<int64_t> lengths, frequencies;
  for (const TokenizerMetrics::Token& token : used) {
    frequencies.push_back(token.count);
    // <0x0A> is a name for one byte.
    lengths.push_back(is_byte[static_cast<size_t>(token.id)] != 0
                          ? 1
                          : CountCharacters(*tokenizer.IdToToken(token.id)));
  }
  metrics.longest = Greatest(used, lengths);
  metrics.most_frequent = Greatest(used, frequencies);
  return metrics;
}

MetricsBatch::MetricsBatch(std::shared_ptr<const Tokenizer> tokenizer, std::string_view texts,
                           std::span<const uint32_t> sizes)
    : TextBatch(sizes),
      tokenizer_(std::move(tokenizer)),
      texts_(texts),
      is_byte_fallback_(ByteFallback(*tokenizer_)) {
  counts_.occurrences.resize(static_cast<size_t>(tokenizer_->token_id_limit()));
}

Status MetricsBatch::Process(size_t i) {
  const std::string_view text = std::string_view(texts_).substr(start(i), size(i));
  auto tokens = tokenizer_->EncodeTextWithRanges(text, {});
  if (!tokens) return NameItem(std::move(tokens).error(), "texts", i);
  auto status = Add(text, *tokens);
  if (!status) return NameItem(std::move(status).error(), "texts", i);
  return {};
}

Status MetricsBatch::Add(std::string_view text, const TokenizedText& tokens) {
  const MemoryWatch watch;
  TokenizationCounts own;
  const CharacterScripts scripts = CountText(text, own);
  REPRISE_TRY(MemoryWatch::Check());
  GrowingArray<TextRange> uncovered;
  for (size_t t = 0; t < tokens.ids.size(); ++t) {
    const int32_t id = tokens.ids[t];
    const bool is_unknown = id == tokenizer_->unk_id();
    const bool is_byte = is_byte_fallback_[static_cast<size_t>(id)] != 0;
    own.unknown_tokens += is_unknown;
    own.byte_fallback_tokens += is_byte;
    if (is_unknown || is_byte) uncovered.push_back(tokens.ranges[t]);
    const auto script = FirstScript(text, tokens.ranges[t], scripts);
    if (script) ++own.scripts[*script].tokens;
  }
  own.uncovered_bytes = UnionSize(uncovered);
  REPRISE_TRY(MemoryWatch::Check());
  const std::lock_guard lock(mutex_);
  ++counts_.texts;
  counts_.bytes += std::ssize(text);
  counts_.characters += own.characters;
  counts_.words += own.words;
  counts_.tokens += std::ssize(tokens.ids);
  counts_.unknown_tokens += own.unknown_tokens;
  counts_.byte_fallback_tokens += own.byte_fallback_tokens;
  counts_.uncovered_bytes += own.uncovered_bytes;
  for (const int32_t id : tokens.ids) ++counts_.occurrences[static_cast<size_t>(id)];
  for (size_t s = 0; s < own.scripts.size(); ++s) {
    counts_.scripts[s].tokens += own.scripts[s].tokens;
    counts_.scripts[s].words += own.scripts[s].words;
    counts_.scripts[s].characters += own.scripts[s].characters;
  }
  return {};
}

Status MetricsBatch::Finish() {
  metrics_ = MetricsOf(*tokenizer_, counts_);
  return {};
}

}  // namespace reprise
