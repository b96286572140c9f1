// The element types of tensors.
#pragma once

#include <cstdint>
#include <string_view>

namespace reprise {

// The values cross the C ABI and stand in records; they never change.
enum class DType : uint8_t { kF32 = 1, kF16 = 2, kBF16 = 3, kI32 = 4 };

constexpr uint32_t SizeInBytes(DType dtype) {
  return dtype == DType::kF16 || dtype == DType::kBF16 ? 2 : 4;
}

// "f32", "f16", "bf16" or "i32".
constexpr std::string_view DTypeName(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "f32";
    case DType::kF16:
      return "f16";
    case DType::kBF16:
      return "bf16";
    case DType::kI32:
      return "i32";
  }
  return "unknown";
}

}  // namespace reprise
