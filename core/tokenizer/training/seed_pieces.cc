#include "tokenizer/training/seed_pieces.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

#include "numerics/elementary.h"
#include "tokenizer/training/suffix_array.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

constexpr size_t kCodePoints = 0x110000;
constexpr uint32_t kWordEnd = 0;  // the symbol behind each word, and that of U+0000

// The words one after the other as numbered characters.
struct FlatText {
  std::vector<char32_t> alphabet;    // ascending; symbol c + 1 is alphabet[c]
  std::vector<int64_t> frequencies;  // by alphabet, in the texts
  std::vector<uint32_t> symbols;
};

Result<FlatText> Flatten(const std::vector<CountedWord>& words) {
  std::vector<int64_t> frequencies(kCodePoints);
  size_t size = words.size();
  for (const CountedWord& word : words) {
    for (size_t at = 0; at < word.text.size(); ++size) {
      frequencies[ReadUtf8(word.text, at)] += word.count;
    }
  }
  if (size > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    return Fail(ErrorCode::kUnsupported, "the distinct words have 2^31 characters or more");
  }
  FlatText flat;
  std::vector<uint32_t> symbol_of(kCodePoints);
  for (size_t c = 1; c < kCodePoints; ++c) {
    if (frequencies[c] == 0) continue;
    flat.alphabet.push_back(static_cast<char32_t>(c));
    flat.frequencies.push_back(frequencies[c]);
    symbol_of[c] = static_cast<uint32_t>(flat.alphabet.size());
  }
  flat.symbols.reserve(size);
  for (const CountedWord& word : words) {
    for (size_t at = 0; at < word.text.size();) {
      flat.symbols.push_back(symbol_of[ReadUtf8(word.text, at)]);
    }
    flat.symbols.push_back(kWordEnd);
  }
  return flat;
}

// A substring of several characters: the first `length` symbols of the suffixes [begin, end).
struct Substring {
  int64_t weight;
  uint32_t begin;
  uint32_t end;
  uint32_t length;
};

class SubstringFinder {
 public:
  SubstringFinder(const FlatText& flat, const std::vector<CountedWord>& words,
                  const SeedOptions& options)
      : symbols_(flat.symbols),
        options_(options),
        suffixes_(SuffixArray(flat.symbols, static_cast<uint32_t>(flat.alphabet.size()) + 1)) {
    if (options.min_frequency > 1) SumFrequencies(words);
  }

  // The inner nodes of the suffix tree, which are the intervals of suffixes with a common prefix
  // (Abouelhoda, Kurtz and Ohlebusch, "Replacing suffix trees with enhanced suffix arrays", 2004).
  std::vector<Substring> Find() {
    const std::vector<int32_t> prefixes = CommonPrefixes(symbols_, suffixes_);
    struct Open {
      uint32_t begin;
      int32_t length;
    };
    std::vector<Open> open;
    for (size_t i = 1; i <= suffixes_.size(); ++i) {
      const int32_t shared = i < suffixes_.size() ? prefixes[i] : 0;
      auto begin = static_cast<uint32_t>(i - 1);
      while (!open.empty() && open.back().length > shared) {
        begin = open.back().begin;
        Take(begin, static_cast<uint32_t>(i), open.back().length);
        open.pop_back();
      }
      if (shared > 0 && (open.empty() || open.back().length < shared)) {
        open.push_back({begin, shared});
      }
    }
    return std::move(found_);
  }

  // Where a substring stands.
  std::span<const uint32_t> Symbols(const Substring& substring) const {
    return symbols_.subspan(static_cast<size_t>(suffixes_[substring.begin]), substring.length);
  }

 private:
  // frequency_sums_[i]: of the first i suffixes, how often their words occur in the texts.
  void SumFrequencies(const std::vector<CountedWord>& words) {
    std::vector<int64_t> of_place(symbols_.size());
    size_t place = 0;
    for (const CountedWord& word : words) {
      for (size_t at = 0; at < word.text.size(); ++place) {
        ReadUtf8(word.text, at);
        of_place[place] = word.count;
      }
      ++place;
    }
    frequency_sums_.push_back(0);
    for (const int32_t suffix : suffixes_) {
      frequency_sums_.push_back(frequency_sums_.back() + of_place[static_cast<size_t>(suffix)]);
    }
  }

  void Take(uint32_t begin, uint32_t end, int32_t length) {
    if (length < 2 || length > options_.max_characters) return;
    const Substring substring{int64_t{end - begin} * length, begin, end,
                              static_cast<uint32_t>(length)};
    if (!frequency_sums_.empty() &&
        frequency_sums_[end] - frequency_sums_[begin] < options_.min_frequency) {
      return;
    }
    if (std::ranges::count(Symbols(substring), kWordEnd) == 0) found_.push_back(substring);
  }

  const std::span<const uint32_t> symbols_;
  const SeedOptions options_;
  const std::vector<int32_t> suffixes_;
  std::vector<int64_t> frequency_sums_;  // empty where no frequency is asked for
  std::vector<Substring> found_;
};

// Weights become logarithms of their shares.
void TakeLogarithms(std::vector<Piece>& pieces) {
  double sum = 0;
  for (const Piece& piece : pieces) sum += piece.score;
  const double log_sum = LogF64(sum);
  for (Piece& piece : pieces) piece.score = LogF64(piece.score) - log_sum;
}

}  // namespace

Result<std::vector<Piece>> MakeSeedPieces(const std::vector<CountedWord>& words,
                                          const SeedOptions& options) {
  REPRISE_ASSIGN(const FlatText flat, Flatten(words));
  std::vector<Piece> pieces;
  std::vector<size_t> characters(flat.alphabet.size());
  std::iota(characters.begin(), characters.end(), size_t{0});
  std::ranges::sort(characters, std::ranges::greater(),
                    [&](size_t c) { return std::pair(flat.frequencies[c], c); });
  for (const size_t c : characters) {
    Piece& piece = pieces.emplace_back();
    AppendUtf8(flat.alphabet[c], piece.text);
    piece.score = static_cast<double>(flat.frequencies[c]);
  }
  SubstringFinder finder(flat, words, options);
  std::vector<Substring> substrings = finder.Find();
  // The order of the suffixes is that of the texts; of two that begin alike the longer is higher.
  std::ranges::sort(substrings, std::ranges::greater(), [](const Substring& substring) {
    return std::tuple(substring.weight, substring.begin, substring.length);
  });
  for (const Substring& substring : substrings) {
    if (pieces.size() >= options.max_pieces) break;
    Piece& piece = pieces.emplace_back();
    for (const uint32_t symbol : finder.Symbols(substring)) {
      AppendUtf8(flat.alphabet[symbol - 1], piece.text);
    }
    piece.score = static_cast<double>(substring.weight);
  }
  TakeLogarithms(pieces);
  return pieces;
}

}  // namespace reprise
