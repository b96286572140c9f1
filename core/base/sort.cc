#include "base/sort.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace reprise {
namespace {

// From runs of one each to one run of all, two at a time, to and fro between the values and as much
// room. As fast as std::sort on what is sorted here, in a tenth of the code.
template <typename T>
void MergeRuns(std::span<T> values, std::span<T> merged) {
  const T* const sorted = values.data();
  for (size_t run = 1; run < values.size(); run *= 2) {
    for (size_t first = 0; first < values.size(); first += 2 * run) {
      const size_t middle = std::min(first + run, values.size());
      const size_t end = std::min(first + 2 * run, values.size());
      size_t left = first, right = middle;
      for (size_t i = first; i < end; ++i) {
        const bool is_right = left == middle || (right < end && values[right] < values[left]);
        merged[i] = values[is_right ? right++ : left++];
      }
    }
    std::swap(values, merged);
  }
  if (values.data() != sorted) std::ranges::copy(values, merged.begin());
}

}  // namespace

void Sort(std::span<NumberedText> texts) {
  std::vector<NumberedText> room(texts.size());
  MergeRuns(texts, std::span(room));
}

void Sort(std::span<uint64_t> numbers) {
  std::vector<uint64_t> room(numbers.size());
  Sort(numbers, room);
}

void Sort(std::span<uint64_t> numbers, std::span<uint64_t> room) { MergeRuns(numbers, room); }

}  // namespace reprise
