#include "base/fill_in.h"

namespace reprise {

std::string FillIn(std::string_view pattern, std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) {
    const size_t place = pattern.find("{}");
    text.append(pattern, 0, place).append(part);
    pattern.remove_prefix(place + 2);
  }
  return text.append(pattern);
}

}  // namespace reprise
