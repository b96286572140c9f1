// Puts texts together for messages.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace reprise {

// The pattern with a part in place of each {}, from left to right; as many of each. One call is
// much less code than a + for every piece.
std::string FillIn(std::string_view pattern, std::initializer_list<std::string_view> parts);

}  // namespace reprise
