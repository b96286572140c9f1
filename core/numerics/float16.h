// Conversions between f32 and the 16-bit float formats, as integer operations on bit patterns so
// that every target gives the same bits.
#pragma once

#include <bit>
#include <cstdint>

namespace reprise {

// IEEE 754 binary16 to binary32; exact. A NaN becomes 0x7fc00000.
constexpr float F16ToF32(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t magnitude = half & 0x7fff;
  if (magnitude > 0x7c00) return std::bit_cast<float>(0x7fc00000u);
  if (magnitude == 0x7c00) return std::bit_cast<float>(sign | 0x7f800000u);
  if (magnitude >= 0x0400) return std::bit_cast<float>(sign | ((magnitude << 13) + (112u << 23)));
  // Subnormal: magnitude units of 2^-24, a product that binary32 holds exactly.
  const float value = static_cast<float>(magnitude) * 0x1p-24f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(value));
}

// binary32 to binary16, to nearest with ties to even; overflow gives infinity, a NaN 0x7e00.
constexpr uint16_t F32ToF16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000);
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return 0x7e00;
  // 0x477ff000 is 65520, half-way between the largest finite half and 2^16.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {  // 2^-14: a normal half
    const uint32_t rounded = magnitude + 0xfff + ((magnitude >> 13) & 1);
    return static_cast<uint16_t>(sign | ((rounded - (112u << 23)) >> 13));
  }
  if (magnitude <= 0x33000000) return sign;  // at most 2^-25: rounds to zero
  // Subnormal: shift the 24-bit significand down to units of 2^-24, rounding to even.
  const uint32_t shift = 126 - (magnitude >> 23);  // 14 … 24
  const uint32_t significand = (magnitude & 0x7fffff) | 0x800000;
  const uint32_t quotient = significand >> shift;
  const uint32_t remainder = significand & ((1u << shift) - 1);
  const uint32_t half_way = 1u << (shift - 1);
  const bool up = remainder > half_way || (remainder == half_way && (quotient & 1));
  return static_cast<uint16_t>(sign | (quotient + up));
}

// bfloat16 (the upper half of binary32) to binary32; exact. A NaN becomes 0x7fc00000.
constexpr float Bf16ToF32(uint16_t bits) {
  if ((bits & 0x7fff) > 0x7f80) return std::bit_cast<float>(0x7fc00000u);
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

// binary32 to bfloat16, to nearest with ties to even; a NaN gives 0x7fc0.
constexpr uint16_t F32ToBf16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fc0;
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

}  // namespace reprise
