#include "model/safetensors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace reprise {
namespace {

std::vector<uint8_t> WithLength(std::string_view json, uint64_t length) {
  std::vector<uint8_t> bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<uint8_t>(length >> (8 * i)));
  bytes.insert(bytes.end(), json.begin(), json.end());
  return bytes;
}

// Parses a file with this header and `data_bytes` bytes of data.
Result<SafetensorsHeader> Parse(std::string_view json, int64_t data_bytes) {
  const auto bytes = WithLength(json, json.size());
  return ParseSafetensorsHeader(bytes, static_cast<int64_t>(bytes.size()) + data_bytes, "m");
}

void ExpectRefused(std::string_view json, int64_t data_bytes, ErrorCode code,
                   std::string_view tensor) {
  const auto result = Parse(json, data_bytes);
  ASSERT_FALSE(result.has_value()) << json;
  EXPECT_EQ(result.error().code, code) << result.error().message;
  ASSERT_NE(result.error().Text("file"), nullptr);
  if (tensor.empty()) {
    EXPECT_EQ(result.error().Text("tensor"), nullptr);
  } else {
    ASSERT_NE(result.error().Text("tensor"), nullptr) << result.error().message;
    EXPECT_EQ(*result.error().Text("tensor"), tensor);
  }
}

TEST(Safetensors, ReadsEntriesInFileOrder) {
  const auto header = Parse(R"({"__metadata__":{"format":"pt"},
      "b":{"dtype":"BF16","shape":[2,2],"data_offsets":[4,12]},
      "e":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},
      "a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})",
                            12);
  ASSERT_TRUE(header.has_value()) << header.error().message;
  ASSERT_EQ(header->entries.size(), 3u);
  EXPECT_EQ(header->entries[0].name, "a");
  EXPECT_EQ(header->entries[1].name, "e");
  EXPECT_EQ(header->entries[2].name, "b");
  EXPECT_EQ(header->entries[2].dtype, DType::kBF16);
  EXPECT_EQ(header->entries[2].shape, (Shape{2, 2}));
  EXPECT_EQ(header->entries[2].begin_bytes, header->data_begin_bytes + 4);
}

TEST(Safetensors, ReadsTheBuiltInModel) {
  std::ifstream file(REPRISE_FIXTURES "/models/stories-260k/model.safetensors", std::ios::binary);
  const std::vector<char> text((std::istreambuf_iterator<char>(file)), {});
  std::vector<uint8_t> bytes(text.begin(), text.end());
  const auto file_bytes = static_cast<int64_t>(bytes.size());
  const auto size = SafetensorsHeaderSize(bytes, file_bytes, "model.safetensors");
  ASSERT_TRUE(size.has_value()) << size.error().message;
  bytes.resize(static_cast<size_t>(*size));
  const auto header = ParseSafetensorsHeader(bytes, file_bytes, "model.safetensors");
  ASSERT_TRUE(header.has_value()) << header.error().message;
  int64_t parameters = 0;
  bool has_embedding = false;
  for (const auto& entry : header->entries) {
    parameters += entry.shape.element_count();
    has_embedding |= entry.name == "model.embed_tokens.weight" && entry.shape == (Shape{512, 64});
  }
  EXPECT_TRUE(has_embedding);
  EXPECT_EQ(parameters, 260032);
}

TEST(Safetensors, RefusesLyingLengths) {
  for (const auto& [length, file_bytes] :
       {std::pair<uint64_t, int64_t>{100'000'001, 1 << 30}, {~uint64_t{0}, 100}, {93, 100}}) {
    const auto size = SafetensorsHeaderSize(WithLength("", length), file_bytes, "m");
    ASSERT_FALSE(size.has_value());
    EXPECT_EQ(size.error().code, ErrorCode::kInvalidSafetensors);
  }
  EXPECT_FALSE(SafetensorsHeaderSize(std::vector<uint8_t>(7), 7, "m").has_value());
  EXPECT_EQ(*SafetensorsHeaderSize(WithLength("", 92), 100, "m"), 100);
}

TEST(Safetensors, RefusesMalformedEntries) {
  constexpr auto kCode = ErrorCode::kInvalidSafetensors;
  ExpectRefused("{", 0, ErrorCode::kInvalidJson, "");
  ExpectRefused("[]", 0, kCode, "");
  ExpectRefused(R"({"a":3})", 0, kCode, "a");
  ExpectRefused(R"({"a":{"shape":[1],"data_offsets":[0,4]}})", 4, kCode, "a");
  ExpectRefused(R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})", 8,
                ErrorCode::kDtypeMismatch, "a");
  ExpectRefused(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, kCode, "a");
  ExpectRefused(R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4, kCode, "a");
  ExpectRefused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4, kCode, "a");
  ExpectRefused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4, kCode, "a");
  ExpectRefused(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}})", 4,
                kCode, "a");
  ExpectRefused(R"({"a":{"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,4]}})", 4,
                kCode, "a");
  ExpectRefused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, kCode, "a");
  ExpectRefused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
                    "a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                8, ErrorCode::kInvalidJson, "");
}

TEST(Safetensors, CountsBytesFromTheStartOfTheFile) {
  const auto result = Parse(R"({"a":x})", 0);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidJson);
  const auto byte = std::ranges::find(result.error().fields, "byte", &ErrorField::name);
  ASSERT_NE(byte, result.error().fields.end());
  EXPECT_EQ(byte->value, "13");
  EXPECT_EQ(result.error().message.find("m, byte 13: "), 0u) << result.error().message;
}

TEST(Safetensors, RefusesOffsetsThatDoNotTileTheData) {
  constexpr auto kCode = ErrorCode::kInvalidSafetensors;
  ExpectRefused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 2, kCode, "a");
  ExpectRefused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 6, kCode, "");
  ExpectRefused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})", 6, kCode, "a");
  ExpectRefused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
                    "b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
                12, kCode, "b");
}

}  // namespace
}  // namespace reprise
