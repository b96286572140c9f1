#include "base/sort.h"

#include <algorithm>

namespace reprise {
namespace {

// From runs of one each to one run of all, two at a time. As fast as std::sort on what is sorted
// here, in a tenth of the code.
template <typename T>
void MergeRuns(std::vector<T>& values) {
  std::vector<T> merged(values.size());
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
    values.swap(merged);
  }
}

}  // namespace

void Sort(std::vector<NumberedText>& texts) { MergeRuns(texts); }
void Sort(std::vector<uint64_t>& numbers) { MergeRuns(numbers); }

}  // namespace reprise
