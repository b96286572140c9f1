#include "dataset/value_numbers.h"

#include <bit>
#include <cstring>

namespace reprise {
namespace {

constexpr uint32_t kNone = 0;

}  // namespace

Status ValueNumbers::Begin(uint64_t rows) {
  REPRISE_TRY(of_row_.Make(rows));
  return slots_.MakeZeros(std::bit_ceil(rows * 2));
}

Status ValueNumbers::Add(std::span<const Sha256Digest> digests) {
  // Of the rows of a call that lacked memory some were counted.
  REPRISE_TRY(digests_.shortage()->Check());
  const uint64_t last_slot = slots_.size() - 1;
  for (const Sha256Digest& digest : digests) {
    uint64_t place;
    std::memcpy(&place, digest.data(), sizeof(place));
    uint32_t* slot;
    do {
      slot = &slots_[place++ & last_slot];
    } while (*slot != kNone && digests_.Values<Sha256Digest>()[*slot - 1] != digest);
    if (*slot == kNone) {
      digests_.Add(digest);
      rows_.Add(uint32_t{0});
      REPRISE_TRY(digests_.shortage()->Check());
      *slot = static_cast<uint32_t>(count());
    }
    const uint32_t number = *slot - 1;
    ++rows(number);
    of_row_[added_++] = number;
  }
  return {};
}

void ValueNumbers::End() {
  slots_.Forget();
  digests_.Clear();
}

}  // namespace reprise
