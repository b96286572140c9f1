#include "model/safetensors.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/json_reader.h"

namespace reprise {
namespace {

constexpr int64_t kLengthBytes = 8;  // of the JSON's length, before it
constexpr int64_t kMaxJsonBytes = 100'000'000;

Error InvalidFile(std::string_view file, const std::string& reason) {
  return Error(ErrorCode::kInvalidSafetensors, std::string(file) + ": " + reason)
      .With("file", file);
}

Error InvalidTensor(ErrorCode code, std::string_view file, std::string_view tensor,
                    const std::string& reason) {
  return Error(code, std::string(file) + ", tensor \"" + std::string(tensor) + "\": " + reason)
      .With("file", file)
      .With("tensor", tensor);
}

Result<DType> ParseDType(const JsonValue* value, std::string_view file, std::string_view tensor) {
  if (value == nullptr || !value->is_string()) {
    return Fail(InvalidTensor(ErrorCode::kInvalidSafetensors, file, tensor,
                              "expected a string under \"dtype\""));
  }
  if (value->string() == "F32") return DType::kF32;
  if (value->string() == "F16") return DType::kF16;
  if (value->string() == "BF16") return DType::kBF16;
  return Fail(InvalidTensor(
      ErrorCode::kDtypeMismatch, file, tensor,
      "expected dtype F32, F16 or BF16, found \"" + std::string(value->string()) + "\""));
}

Result<std::vector<int64_t>> ParseSizes(const JsonValue* value, std::string_view key,
                                        std::string_view file, std::string_view tensor) {
  const auto wrong = [&] {
    return Fail(InvalidTensor(
        ErrorCode::kInvalidSafetensors, file, tensor,
        "expected an array of non-negative integers under \"" + std::string(key) + "\""));
  };
  if (value == nullptr || !value->is_array()) return wrong();
  std::vector<int64_t> sizes;
  for (const JsonValue& element : value->array()) {
    if (element.kind() != JsonValue::Kind::kInt || element.integer() < 0) return wrong();
    sizes.push_back(element.integer());
  }
  return sizes;
}

Result<SafetensorsEntry> ParseEntry(const JsonMember& member, int64_t data_begin,
                                    int64_t data_bytes, std::string_view file) {
  const auto& [name, value] = member;
  const auto fail = [&](const std::string& reason) {
    return Fail(InvalidTensor(ErrorCode::kInvalidSafetensors, file, name, reason));
  };
  SafetensorsEntry entry;
  entry.name = name;
  REPRISE_ASSIGN(entry.dtype, ParseDType(value.Find("dtype"), file, name));
  REPRISE_ASSIGN(auto sizes, ParseSizes(value.Find("shape"), "shape", file, name));
  auto shape = Shape::Create(std::move(sizes));
  if (!shape) return fail(shape.error().message);
  entry.shape = *std::move(shape);
  REPRISE_ASSIGN(const auto offsets,
                 ParseSizes(value.Find("data_offsets"), "data_offsets", file, name));
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    return fail("expected two ascending numbers under \"data_offsets\"");
  }
  if (offsets[1] > data_bytes) {
    return fail("ends at byte " + std::to_string(offsets[1]) + " of the data, which has " +
                std::to_string(data_bytes) + " bytes");
  }
  int64_t bytes = 0;
  if (__builtin_mul_overflow(entry.shape.element_count(), int64_t{SizeInBytes(entry.dtype)},
                             &bytes) ||
      bytes != offsets[1] - offsets[0]) {
    return fail("shape " + entry.shape.ToString() + " of " + std::string(DTypeName(entry.dtype)) +
                " does not take the " + std::to_string(offsets[1] - offsets[0]) +
                " bytes of its data_offsets");
  }
  entry.begin_bytes = data_begin + offsets[0];
  entry.end_bytes = data_begin + offsets[1];
  return entry;
}

// The data is covered once and whole, as the format demands.
Status CheckCoverage(const SafetensorsHeader& header, int64_t file_bytes, std::string_view file) {
  int64_t covered = header.data_begin_bytes;
  for (const SafetensorsEntry& entry : header.entries) {
    if (entry.begin_bytes != covered) {
      return Fail(InvalidTensor(ErrorCode::kInvalidSafetensors, file, entry.name,
                                entry.begin_bytes < covered
                                    ? "overlaps the tensor before it"
                                    : "leaves a gap after the tensor before it"));
    }
    covered = entry.end_bytes;
  }
  if (covered != file_bytes) {
    return Fail(InvalidFile(
        file, std::to_string(file_bytes - covered) + " bytes at the end belong to no tensor"));
  }
  return {};
}

}  // namespace

Result<int64_t> SafetensorsHeaderSize(std::span<const uint8_t> prefix, int64_t file_bytes,
                                      std::string_view file) {
  if (static_cast<int64_t>(prefix.size()) < kLengthBytes || file_bytes < kLengthBytes) {
    return Fail(InvalidFile(file, "shorter than the 8 bytes of the header's length"));
  }
  uint64_t json_bytes = 0;
  for (int i = 0; i < kLengthBytes; ++i) json_bytes |= uint64_t{prefix[i]} << (8 * i);
  if (json_bytes > kMaxJsonBytes) {
    return Fail(InvalidFile(
        file, "a header of " + std::to_string(json_bytes) + " bytes; the format allows 100000000"));
  }
  const int64_t size = kLengthBytes + static_cast<int64_t>(json_bytes);
  if (size > file_bytes) {
    return Fail(InvalidFile(file, "truncated: the header needs " + std::to_string(size) +
                                      " bytes, the file has " + std::to_string(file_bytes)));
  }
  return size;
}

Result<SafetensorsHeader> ParseSafetensorsHeader(std::span<const uint8_t> header_bytes,
                                                 int64_t file_bytes, std::string_view file) {
  REPRISE_ASSIGN(const int64_t size, SafetensorsHeaderSize(header_bytes, file_bytes, file));
  REPRISE_CHECK(static_cast<int64_t>(header_bytes.size()) == size, "the whole header is given");
  const std::string_view json(reinterpret_cast<const char*>(header_bytes.data()) + kLengthBytes,
                              header_bytes.size() - kLengthBytes);
  REPRISE_ASSIGN(const JsonValue root, ParseJson(json, file, kLengthBytes));
  if (!root.is_object()) return Fail(InvalidFile(file, "expected a JSON object as the header"));
  SafetensorsHeader header;
  header.data_begin_bytes = size;
  for (const JsonMember& member : root.object()) {
    if (member.name == "__metadata__") continue;
    REPRISE_ASSIGN(auto entry, ParseEntry(member, size, file_bytes - size, file));
    header.entries.push_back(std::move(entry));
  }
  // Empty tensors share their begin with the next one, so end and name complete the order.
  std::sort(header.entries.begin(), header.entries.end(), [](const auto& a, const auto& b) {
    return std::tie(a.begin_bytes, a.end_bytes, a.name) <
           std::tie(b.begin_bytes, b.end_bytes, b.name);
  });
  REPRISE_TRY(CheckCoverage(header, file_bytes, file));
  return header;
}

}  // namespace reprise
