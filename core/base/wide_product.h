// The product of two 64-bit numbers in full.
#pragma once

#include <cstdint>

namespace reprise {

struct WideProduct {
  uint64_t high;
  uint64_t low;
};

inline WideProduct MultiplyWide(uint64_t a, uint64_t b) {
#if defined(__wasm__)
  // There is no such instruction, and a call for it costs more than this.
  constexpr uint64_t kLow = 0xFFFFFFFF;
  const uint64_t low = (a & kLow) * (b & kLow), high = (a >> 32) * (b >> 32);
  const uint64_t left = (a >> 32) * (b & kLow), right = (a & kLow) * (b >> 32);
  const uint64_t middle = (low >> 32) + (left & kLow) + (right & kLow);
  return {high + (left >> 32) + (right >> 32) + (middle >> 32), middle << 32 | (low & kLow)};
#else
  const auto product = static_cast<unsigned __int128>(a) * b;
  return {static_cast<uint64_t>(product >> 64), static_cast<uint64_t>(product)};
#endif
}

}  // namespace reprise
