#include "base/json_keys.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "base/small_code.h"
#include "base/sort.h"

namespace reprise {
namespace {

REPRISE_SMALL DuplicateSearch FindAmongFew(std::span<const JsonMember> members) {
  DuplicateSearch search;
  for (size_t i = 0; i < members.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      ++search.steps;
      if (EqualBytes(members[i].name, members[j].name)) {
        search.twin = i;
        return search;
      }
    }
  }
  return search;
}

// By a hash table with open addressing. False where it takes too many steps.
REPRISE_SMALL bool FindByHash(std::span<const JsonMember> members, DuplicateSearch& search) {
  struct Slot {
    uint32_t hash;
    uint32_t place;  // from 1 on
  };
  std::vector<Slot> table(std::bit_ceil(members.size() * 3 / 2), Slot{});
  const size_t mask = table.size() - 1;
  const size_t most = 32 * members.size();
  constexpr size_t kBatch = 64;
  for (size_t first = 0; first < members.size(); first += kBatch) {
    const auto batch = members.subspan(first, std::min(kBatch, members.size() - first));
    uint64_t hashes[kBatch];
    for (size_t i = 0; i < batch.size(); ++i) {
      hashes[i] = HashBytes(batch[i].name, kJsonNameKey);
      PrefetchMemory(&table[static_cast<size_t>(hashes[i]) & mask]);
    }
    for (size_t i = 0; i < batch.size(); ++i) {
      const auto hash = static_cast<uint32_t>(hashes[i] >> 32);
      size_t at = static_cast<size_t>(hashes[i]) & mask;
      for (; table[at].place != 0; at = (at + 1) & mask) {
        ++search.steps;
        if (table[at].hash == hash &&
            EqualBytes(members[table[at].place - 1].name, batch[i].name)) {
          search.twin = first + i;
          return true;
        }
      }
      table[at] = {hash, static_cast<uint32_t>(first + i + 1)};
      if (++search.steps > most) return false;
    }
  }
  return true;
}

REPRISE_SMALL void FindBySorting(std::span<const JsonMember> members, DuplicateSearch& search) {
  std::vector<NumberedText> names;
  for (const JsonMember& member : members) {
    names.emplace_back(member.name, static_cast<int32_t>(names.size()));
  }
  Sort(names);
  search.steps += names.size() * static_cast<size_t>(std::bit_width(names.size()));
  for (size_t i = 1; i < names.size(); ++i) {
    if (names[i].first != names[i - 1].first) continue;
    const auto place = static_cast<size_t>(names[i].second);
    search.twin = std::min(place, search.twin.value_or(members.size()));
  }
}

}  // namespace

DuplicateSearch FindDuplicateName(std::span<const JsonMember> members) {
  constexpr size_t kFew = 16;
  if (members.size() <= kFew) return FindAmongFew(members);
  DuplicateSearch search;
  if (!FindByHash(members, search)) FindBySorting(members, search);
  return search;
}

}  // namespace reprise
