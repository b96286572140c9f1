#include "run/nearest_names.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/json_words.h"

namespace reprise {
namespace {

// Longer ones are no slip of the hand, and the time is a product of lengths.
constexpr size_t kMostBytes = 40;

// "top_k", "top-k" and "TopK" are all "topk".
std::string Plain(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c == '_' || c == '-') continue;
    plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return plain;
}

size_t Distance(std::string_view a, std::string_view b) {
  // Rows of the table of distances between beginnings of a and of b: the last two and this one.
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      now[j] = std::min({changed, last[j] + 1, now[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        now[j] = std::min(now[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

}  // namespace

std::string NearestNames(std::string_view name, std::span<const std::string_view> known) {
  std::string nearest;
  if (name.size() > kMostBytes) return nearest;
  const std::string plain = Plain(name);
  size_t least = plain.size() / 3;
  for (const std::string_view one : known) {
    const size_t distance = Distance(plain, Plain(one));
    if (distance > least) continue;
    if (distance < least) nearest.clear();
    least = distance;
    nearest += (nearest.empty() ? "" : " or ") + QuotedJson(one);
  }
  return nearest;
}

}  // namespace reprise
