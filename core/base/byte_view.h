// Memory as bytes.
#pragma once

#include <cstdint>
#include <ranges>
#include <span>

namespace reprise {

// The bytes of values that lie side by side, as the machine has them; they live as long as the
// values do.
template <std::ranges::contiguous_range Values>
std::span<const uint8_t> BytesOf(const Values& values) {
  const std::span view(values);
  return {reinterpret_cast<const uint8_t*>(view.data()), view.size_bytes()};
}

}  // namespace reprise
