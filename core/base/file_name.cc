#include "base/file_name.h"

#include <algorithm>

namespace reprise {

bool IsFileName(std::string_view text) {
  const bool is_plain = std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '/' || c == '\\' || c == ':' || byte < 0x20 || byte == 0x7F;
  });
  return is_plain && !text.empty() && text.size() <= 255 && text != "." && text != "..";
}

std::optional<std::string_view> LastFileName(std::string_view path) {
  constexpr std::string_view kSeparators = "/\\";
  const size_t last = path.find_last_not_of(kSeparators);
  if (last == std::string_view::npos) return std::nullopt;
  path = path.substr(0, last + 1);
  const size_t separator = path.find_last_of(kSeparators);
  if (separator != std::string_view::npos) path.remove_prefix(separator + 1);
  if (!IsFileName(path)) return std::nullopt;
  return path;
}

}  // namespace reprise
