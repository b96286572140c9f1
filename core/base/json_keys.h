// Finds a name that an object of a JSON text has twice.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/byte_hash.h"
#include "base/json_reader.h"

namespace reprise {

// Any numbers would do: they are known to all.
inline constexpr HashKey kJsonNameKey = {0xB5297A4D3F84D5B5u, 0x68E31DA4C1B7F9E3u};

struct DuplicateSearch {
  std::optional<size_t> twin;  // the first member whose name an earlier one has
  size_t steps = 0;            // names compared and places looked at; n log2(n) for sorting
};

// In about 3 n steps. Whoever writes names that share places of the hash table makes it sort them
// instead: never more than 32 n + 64 + 4 n log2(n) steps.
DuplicateSearch FindDuplicateName(std::span<const JsonMember> members);

}  // namespace reprise
