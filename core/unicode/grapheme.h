// Extended grapheme clusters (UAX #29): what a reader takes for one character.
#pragma once

#include <cstddef>
#include <string_view>

namespace reprise {

// The end of the cluster that starts at `start`, a cluster boundary. Requires valid UTF-8 and
// start < text.size().
size_t GraphemeEnd(std::string_view text, size_t start);

}  // namespace reprise
