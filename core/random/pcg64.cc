#include "random/pcg64.h"

#include <array>
#include <bit>
#include <cstddef>
#include <numeric>
#include <utility>

#include "base/wide_product.h"

namespace reprise {
namespace {

// Hashes word after word; each meets another multiplier. The constants here and below are those of
// O'Neill's seed_seq_fe, which SeedSequence took over.
class WordHash {
 public:
  WordHash(uint32_t initial, uint32_t multiplier) : key_(initial), multiplier_(multiplier) {}

  uint32_t operator()(uint32_t word) {
    word ^= key_;
    key_ *= multiplier_;
    word *= key_;
    return word ^ word >> 16;
  }

 private:
  uint32_t key_;
  uint32_t multiplier_;
};

uint32_t Mix(uint32_t a, uint32_t b) {
  const uint32_t mixed = 0xCA01F9DD * a - 0x4973F715 * b;
  return mixed ^ mixed >> 16;
}

// SeedSequence(seed).generate_state(4, uint64).
std::array<uint64_t, 4> SpreadSeed(uint64_t seed) {
  // The words of the seed from the lowest; a missing one is a zero.
  std::array<uint32_t, 4> pool = {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)};
  WordHash hash(0x43B0D7E5, 0x931E8875);
  for (uint32_t& word : pool) word = hash(word);
  for (size_t from = 0; from < pool.size(); ++from) {
    for (size_t to = 0; to < pool.size(); ++to) {
      if (from != to) pool[to] = Mix(pool[to], hash(pool[from]));
    }
  }
  WordHash out(0x8B51F9DD, 0x58F38DED);
  std::array<uint64_t, 4> state;
  for (size_t i = 0; i < state.size(); ++i) {
    const uint64_t low = out(pool[2 * i % 4]);
    state[i] = low | uint64_t{out(pool[(2 * i + 1) % 4])} << 32;
  }
  return state;
}

}  // namespace

Pcg64::U128 Pcg64::Add(U128 a, U128 b) {
  const uint64_t low = a.low + b.low;
  return {a.high + b.high + (low < a.low ? 1 : 0), low};
}

Pcg64::Pcg64(uint64_t seed) {
  const auto [high, low, sequence_high, sequence_low] = SpreadSeed(seed);
  // An odd increment, which is twice the number of the sequence and one.
  increment_ = {sequence_high << 1 | sequence_low >> 63, sequence_low << 1 | 1};
  Step();
  state_ = Add(state_, {high, low});
  Step();
}

void Pcg64::Step() {
  constexpr U128 kMultiplier = {0x2360ED051FC65DA4, 0x4385DF649FCCF645};
  const WideProduct lows = MultiplyWide(state_.low, kMultiplier.low);
  const uint64_t crossed = state_.low * kMultiplier.high + state_.high * kMultiplier.low;
  state_ = Add({lows.high + crossed, lows.low}, increment_);
}

uint64_t Pcg64::Next64() {
  Step();
  return std::rotr(state_.high ^ state_.low, static_cast<int>(state_.high >> 58));
}

uint32_t Pcg64::Next32() {
  has_half_ = !has_half_;
  if (!has_half_) return half_;
  const uint64_t both = Next64();
  half_ = static_cast<uint32_t>(both >> 32);
  return static_cast<uint32_t>(both);
}

uint32_t Pcg64::UpTo(uint32_t most) {
  if (most == 0) return 0;
  const uint32_t mask = ~uint32_t{0} >> std::countl_zero(most);
  for (;;) {
    const uint32_t drawn = Next32() & mask;
    if (drawn <= most) return drawn;
  }
}

void DrawNumpyPlaces(Pcg64& generator, uint32_t left, uint32_t until, std::span<uint32_t> order) {
  for (uint32_t i = left; i-- > until;) std::swap(order[i], order[generator.UpTo(i)]);
}

std::vector<uint32_t> NumpyPermutation(uint64_t seed, uint32_t count) {
  Pcg64 generator(seed);
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  DrawNumpyPlaces(generator, count, 0, order);
  return order;
}

}  // namespace reprise
