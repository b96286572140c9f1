// Which known names somebody may have meant by a wrong one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace reprise {

// The names at the least distance from `name`, as `"topK" or "topP"`; empty where none is near.
// Distance is the number of letters added, left out, changed or swapped with the next (optimal
// string alignment), after case, _ and - are put aside; near is up to a third of the letters.
std::string NearestNames(std::string_view name, std::span<const std::string_view> known);

}  // namespace reprise
