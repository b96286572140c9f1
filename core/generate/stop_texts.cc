#include "generate/stop_texts.h"

#include <algorithm>

namespace reprise {

std::string StopTexts::Push(std::string_view text) {
  if (found_) return {};
  held_ += text;
  size_t start = std::string::npos, end = std::string::npos;
  for (const std::string& stop : texts_) {
    const size_t at = held_.find(stop);
    if (at == std::string::npos) continue;
    const size_t stop_end = at + stop.size();
    if (stop_end < end || (stop_end == end && at < start)) start = at, end = stop_end;
  }
  if (start != std::string::npos) {
    found_ = true;
    held_.resize(start);
    return std::exchange(held_, {});
  }
  size_t keep = 0;
  for (const std::string& stop : texts_) {
    size_t length = std::min(stop.size() - 1, held_.size());
    while (length > keep && !held_.ends_with(std::string_view(stop).substr(0, length))) --length;
    keep = std::max(keep, length);
  }
  std::string shown = held_.substr(0, held_.size() - keep);
  held_.erase(0, held_.size() - keep);
  return shown;
}

std::string StopTexts::Finish() { return std::exchange(held_, {}); }

}  // namespace reprise
