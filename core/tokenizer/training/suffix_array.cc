#include "tokenizer/training/suffix_array.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace reprise {
namespace {

constexpr int32_t kNone = -1;

// One level of SA-IS. A suffix is of type S where it is smaller than the one behind it, else of
// type L; the last is of type L, since the end of the text counts as the smallest symbol of all.
// LMS suffixes are those of type S behind one of type L.
class InducedSort {
 public:
  InducedSort(std::span<const uint32_t> text, uint32_t alphabet_size)
      : text_(text), size_(static_cast<int32_t>(text.size())), is_s_(text.size()) {
    for (int32_t i = size_ - 2; i >= 0; --i) {
      const uint32_t here = At(i), next = At(i + 1);
      is_s_[static_cast<size_t>(i)] = here < next || (here == next && IsS(i + 1));
    }
    bucket_starts_.assign(size_t{alphabet_size} + 1, 0);
    for (const uint32_t symbol : text_) ++bucket_starts_[size_t{symbol} + 1];
    for (size_t c = 0; c < alphabet_size; ++c) bucket_starts_[c + 1] += bucket_starts_[c];
  }

  std::vector<int32_t> Sort() {
    std::vector<int32_t> lms;
    for (int32_t i = 1; i < size_; ++i) {
      if (IsLms(i)) lms.push_back(i);
    }
    Induce(lms);
    if (lms.size() > 1) {
      SortLms(lms);
      Induce(lms);
    }
    return std::move(suffixes_);
  }

 private:
  uint32_t At(int32_t i) const { return text_[static_cast<size_t>(i)]; }
  bool IsS(int32_t i) const { return is_s_[static_cast<size_t>(i)]; }
  bool IsLms(int32_t i) const { return i > 0 && IsS(i) && !IsS(i - 1); }

  // Places the LMS suffixes at the ends of their buckets in the order given and sorts all others
  // after them: those of type L from the left, then those of type S from the right.
  void Induce(const std::vector<int32_t>& lms) {
    suffixes_.assign(text_.size(), kNone);
    std::vector<int32_t> ends(bucket_starts_.begin() + 1, bucket_starts_.end());
    for (auto i = lms.rbegin(); i != lms.rend(); ++i) Place(--ends[At(*i)], *i);
    std::vector<int32_t> starts(bucket_starts_.begin(), bucket_starts_.end() - 1);
    if (size_ > 0) Place(starts[At(size_ - 1)]++, size_ - 1);
    for (int32_t rank = 0; rank < size_; ++rank) {
      const int32_t before = suffixes_[static_cast<size_t>(rank)] - 1;
      if (before >= 0 && !IsS(before)) Place(starts[At(before)]++, before);
    }
    ends.assign(bucket_starts_.begin() + 1, bucket_starts_.end());
    for (int32_t rank = size_ - 1; rank >= 0; --rank) {
      const int32_t before = suffixes_[static_cast<size_t>(rank)] - 1;
      if (before >= 0 && IsS(before)) Place(--ends[At(before)], before);
    }
  }

  void Place(int32_t rank, int32_t suffix) { suffixes_[static_cast<size_t>(rank)] = suffix; }

  // Whether the texts from one LMS suffix to the next one are equal. `next` is by the suffix's
  // place, and the text's end for the last one.
  bool AreEqual(int32_t a, int32_t b, const std::vector<int32_t>& next) const {
    const int32_t length = next[static_cast<size_t>(a)] - a;
    if (length != next[static_cast<size_t>(b)] - b) return false;
    if (a + length == size_ || b + length == size_) return false;  // the end is a symbol of its own
    for (int32_t i = 0; i <= length; ++i) {
      if (At(a + i) != At(b + i) || IsS(a + i) != IsS(b + i)) return false;
    }
    return true;
  }

  // Sorts the LMS suffixes, given by place, once Induce has sorted the texts between them: names
  // these texts by rank and sorts the text of their names.
  void SortLms(std::vector<int32_t>& lms) {
    std::vector<int32_t> next(text_.size(), size_);
    for (size_t i = 0; i + 1 < lms.size(); ++i) next[static_cast<size_t>(lms[i])] = lms[i + 1];
    std::vector<uint32_t> name_at(text_.size());
    uint32_t names = 0;
    int32_t previous = kNone;
    for (const int32_t suffix : suffixes_) {
      if (!IsLms(suffix)) continue;
      if (previous == kNone || !AreEqual(previous, suffix, next)) ++names;
      name_at[static_cast<size_t>(suffix)] = names - 1;
      previous = suffix;
    }
    std::vector<uint32_t> reduced;
    for (const int32_t suffix : lms) reduced.push_back(name_at[static_cast<size_t>(suffix)]);
    std::vector<int32_t> sorted;
    for (const int32_t i : SuffixArray(reduced, names)) {
      sorted.push_back(lms[static_cast<size_t>(i)]);
    }
    lms = std::move(sorted);
  }

  const std::span<const uint32_t> text_;
  const int32_t size_;
  std::vector<bool> is_s_;
  std::vector<int32_t> bucket_starts_;  // by symbol, and the size of the text behind them
  std::vector<int32_t> suffixes_;
};

}  // namespace

std::vector<int32_t> SuffixArray(std::span<const uint32_t> text, uint32_t alphabet_size) {
  return InducedSort(text, alphabet_size).Sort();
}

std::vector<int32_t> CommonPrefixes(std::span<const uint32_t> text,
                                    std::span<const int32_t> suffixes) {
  std::vector<uint32_t> ranks(text.size());
  for (size_t rank = 0; rank < suffixes.size(); ++rank) {
    ranks[static_cast<size_t>(suffixes[rank])] = static_cast<uint32_t>(rank);
  }
  std::vector<int32_t> prefixes(text.size());
  size_t shared = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (ranks[i] == 0) {
      shared = 0;
      continue;
    }
    const auto other = static_cast<size_t>(suffixes[ranks[i] - 1]);
    while (std::max(i, other) + shared < text.size() && text[i + shared] == text[other + shared]) {
      ++shared;
    }
    prefixes[ranks[i]] = static_cast<int32_t>(shared);
    if (shared > 0) --shared;
  }
  return prefixes;
}

}  // namespace reprise
