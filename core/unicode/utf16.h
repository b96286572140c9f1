// UTF-16 as JavaScript's strings have it, which may hold lone surrogates.
#pragma once

#include <cstddef>
#include <cstdint>

namespace reprise {

// Writes the UTF-8 of so many units to `utf8`, where three bytes a unit have room, and gives its
// bytes. A lone surrogate becomes U+FFFD. The units may stand at the end of that room, or one byte
// behind it.
size_t WriteUtf8OfUtf16(const uint16_t* units, size_t count, char* utf8);

}  // namespace reprise
