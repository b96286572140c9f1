// HEADs of checkpoints: what is written is read again, what is torn or wrong is told apart.
#include "run/checkpoint_head.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "hash/canonical_json.h"

namespace reprise {
namespace {

const std::string kHash(64, '7');

std::string Parts(std::string_view name = "model.safetensors") {
  return R"({"sequence":3,"state":{"step":20,"weightsHash":null,"positions":{"dropout":8},)"
         R"("cursor":{"row":5},"extra":{}},"files":[{"name":")" +
         std::string(name) + R"(","bytes":5,"sha256":")" + kHash + R"(","chunks":[")" + kHash +
         R"("]}]})";
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(CheckpointHead, IsReadAsItWasWritten) {
  const auto text = WriteCheckpointHead(Parts(), "1.2.3", 1);
  ASSERT_TRUE(text) << text.error().message;
  const auto hash = CheckCheckpointHead(*text, "HEAD-a.json");
  ASSERT_TRUE(hash) << hash.error().message;
  // Anybody can compute it.
  std::string others = Replaced(*text, "\"sha256\": \"" + *hash + "\"", "");
  others.erase(others.rfind(','), 1);
  EXPECT_EQ(*HashJson(others, "head"), *hash);
}

TEST(CheckpointHead, WhatIsTornOrDamagedIsToldFromWhatIsForeign) {
  const std::string text = *WriteCheckpointHead(Parts(), "1.2.3", 1);
  for (size_t size = 0; size + 2 < text.size(); ++size) {
    EXPECT_EQ(CheckCheckpointHead(text.substr(0, size), "h").error().code, ErrorCode::kInvalidJson);
  }
  const auto code = [&](std::string_view from, std::string_view to) {
    return CheckCheckpointHead(Replaced(text, from, to), "h").error().code;
  };
  EXPECT_EQ(code("\"sequence\": 3", "\"sequence\": 4"), ErrorCode::kHashMismatch);
  EXPECT_EQ(code("\"step\":20", "\"step\":21"), ErrorCode::kHashMismatch);
  EXPECT_EQ(code("model.", "modem."), ErrorCode::kHashMismatch);
  EXPECT_EQ(code("  \"sha256\": \"", "  \"sha256\": \"0"), ErrorCode::kHashMismatch);
  EXPECT_EQ(code("  \"sha256\": \"", "  \"sha257\": \""), ErrorCode::kHashMismatch);
  EXPECT_EQ(code("reprise-checkpoint", "other"), ErrorCode::kInvalidConfig);
  EXPECT_EQ(code("\"version\": 1", "\"version\": 2"), ErrorCode::kUnsupported);
  EXPECT_EQ(*CheckCheckpointHead("[]", "h").error().Text("path"), "$");
}

TEST(CheckpointHead, WrongPartsAreRefusedWithThePath) {
  const std::string entry = Parts().substr(Parts().find("[{") + 1);
  const std::string one = entry.substr(0, entry.rfind("]}"));
  const std::string upper = Replaced(one, "model", "MODEL");
  const std::pair<std::string, std::string_view> refusals[] = {
      {"[]", "$"},
      {Parts("../a"), "$.files[0].name"},
      {Parts("/etc/passwd"), "$.files[0].name"},
      {Parts("a\\\\b"), "$.files[0].name"},
      {Parts("C:a"), "$.files[0].name"},
      {Parts(".."), "$.files[0].name"},
      {Parts(""), "$.files[0].name"},
      {Replaced(Parts(), "\"bytes\":5", "\"bytes\":8388609"), "$.files[0].chunks"},
      {Replaced(Parts(), "[\"7", "[\"8"), "$.files[0].chunks[0]"},
      {Replaced(Parts(), one, one + "," + upper), "$.files[1].name"},
      {Replaced(Parts(), one, ""), "$.files"},
      {Replaced(Parts(), "\"sequence\":3", "\"sequence\":0"), "$.sequence"},
      {Replaced(Parts(), "\"step\":20", "\"step\":-1"), "$.state.step"},
      {Replaced(Parts(), "\"dropout\":8", "\"dropout\":0.5"), "$.state.positions.dropout"},
      {Replaced(Parts(), "{\"row\":5}", "5"), "$.state.cursor"},
      {Replaced(Parts(), "\"extra\"", "\"more\""), "$.state.more"},
      {Replaced(Parts(), "\"state\"", "\"source\":1,\"state\""), "$.source"},
  };
  for (const auto& [parts, path] : refusals) {
    const auto text = WriteCheckpointHead(parts, "1.2.3", 1);
    ASSERT_FALSE(text) << parts;
    EXPECT_EQ(text.error().code, ErrorCode::kInvalidConfig) << parts;
    EXPECT_EQ(*text.error().Text("path"), path) << parts;
  }
  const std::string twice = Replaced(Parts(), "\"sequence\":3", "\"sequence\":3,\"version\":1");
  EXPECT_EQ(WriteCheckpointHead(twice, "1.2.3", 1).error().code, ErrorCode::kInvalidJson);
}

}  // namespace
}  // namespace reprise
