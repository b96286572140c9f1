#include "tokenizer/training/suffix_array.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "random/philox.h"

namespace reprise {
namespace {

using Text = std::vector<uint32_t>;

std::vector<int32_t> SortedSuffixes(const Text& text) {
  std::vector<int32_t> suffixes(text.size());
  std::iota(suffixes.begin(), suffixes.end(), 0);
  std::ranges::sort(suffixes, [&](int32_t a, int32_t b) {
    return std::lexicographical_compare(text.begin() + a, text.end(), text.begin() + b, text.end());
  });
  return suffixes;
}

void ExpectSorted(const Text& text, uint32_t alphabet_size) {
  const std::vector<int32_t> suffixes = SuffixArray(text, alphabet_size);
  ASSERT_EQ(suffixes, SortedSuffixes(text)) << testing::PrintToString(text);
  const std::vector<int32_t> prefixes = CommonPrefixes(text, suffixes);
  ASSERT_EQ(prefixes.size(), text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    int32_t shared = 0;
    if (i > 0) {
      const auto mismatch = std::mismatch(text.begin() + suffixes[i - 1], text.end(),
                                          text.begin() + suffixes[i], text.end());
      shared = static_cast<int32_t>(mismatch.second - text.begin()) - suffixes[i];
    }
    ASSERT_EQ(prefixes[i], shared) << i << " of " << testing::PrintToString(text);
  }
}

TEST(SuffixArray, SortsEveryShortText) {
  for (uint32_t length = 0; length <= 7; ++length) {
    for (uint32_t code = 0; code < 1u << (2 * length); ++code) {
      Text text;
      for (uint32_t i = 0; i < length; ++i) text.push_back(code >> (2 * i) & 3);
      if (std::ranges::count(text, 3u) == 0) ExpectSorted(text, 3);
    }
  }
}

TEST(SuffixArray, SortsRandomAndPeriodicTexts) {
  const auto source = *RandomSource::Create(1, RandomStream::kInit);
  uint64_t position = 0;
  for (int round = 0; round < 300; ++round) {
    const uint32_t alphabet_size = 1 + source.Bits(position++) % 5;
    const uint32_t period = 1 + source.Bits(position++) % 40;
    Text text(1 + source.Bits(position++) % 200);
    for (uint32_t& symbol : text) symbol = source.Bits(position++) % alphabet_size;
    if (round % 2 == 0) {
      for (size_t i = period; i < text.size(); ++i) text[i] = text[i - period];
    }
    ExpectSorted(text, alphabet_size);
  }
}

}  // namespace
}  // namespace reprise
