#include "model/weights_index.h"

#include <gtest/gtest.h>

namespace reprise {
namespace {

TEST(WeightsIndex, NamesEachFileOnceInOrder) {
  const auto index = ParseWeightsIndex(
      R"({"metadata": {"total_size": 12},
          "weight_map": {"a": "2.safetensors", "b": "1.safetensors", "c": "2.safetensors"}})",
      "index");
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ(index->files, (std::vector<std::string>{"1.safetensors", "2.safetensors"}));
  EXPECT_EQ(index->tensor_bytes, 12);
}

TEST(WeightsIndex, TakesAWholeNumberHoweverItIsWritten) {
  for (const std::string_view total : {"12", "12.0", "1.2e1"}) {
    const auto index = ParseWeightsIndex(R"({"weight_map": {"a": "1.safetensors"}, )"
                                         R"("metadata": {"total_size": )" +
                                             std::string(total) + "}}",
                                         "index");
    ASSERT_TRUE(index) << index.error().message;
    EXPECT_EQ(index->tensor_bytes, 12) << total;
  }
}

TEST(WeightsIndex, NeedsNoTotal) {
  for (
      const std::string_view json :
      {R"({"weight_map": {"a": "1.safetensors"}})",
       R"({"weight_map": {"a": "1.safetensors"}, "metadata": {}})",
       R"({"weight_map": {"a": "1.safetensors"}, "metadata": {"total_size": 1.5}})",
       R"({"weight_map": {"a": "1.safetensors"}, "metadata": {"total_size": -1}})",
       R"({"weight_map": {"a": "1.safetensors"}, "metadata": {"total_size": 9007199254740992}})"}) {
    const auto index = ParseWeightsIndex(json, "index");
    ASSERT_TRUE(index) << index.error().message;
    EXPECT_FALSE(index->tensor_bytes);
  }
}

TEST(WeightsIndex, RefusesWithFileAndPath) {
  const struct {
    std::string_view json, path, found;
  } kCases[] = {
      {"[]", "$", "an array"},
      {"{}", "$.weight_map", "nothing"},
      {R"({"weight_map": {}})", "$.weight_map", "an object"},
      {R"({"weight_map": {"a": 5}})", R"($.weight_map["a"])", "5"},
      {R"({"weight_map": {"a": ".safetensors"}})", R"($.weight_map["a"])", R"(".safetensors")"},
      {R"({"weight_map": {"a": "../x.safetensors"}})", R"($.weight_map["a"])",
       R"("../x.safetensors")"},
      {R"({"weight_map": {"a": "x\\y.safetensors"}})", R"($.weight_map["a"])",
       R"("x\\y.safetensors")"},
      {R"({"weight_map": {"a": "x.bin"}})", R"($.weight_map["a"])", R"("x.bin")"},
      {R"({"weight_map": {"a": "x.safetensors"}, "metadata": 5})", "$.metadata", "5"},
      {R"({"weight_map": {"a": "x.safetensors"}, "metadata": {"total_size": "all"}})",
       "$.metadata.total_size", R"("all")"},
  };
  for (const auto& [json, path, found] : kCases) {
    const auto index = ParseWeightsIndex(json, "index");
    ASSERT_FALSE(index) << json;
    EXPECT_EQ(index.error().code, ErrorCode::kInvalidConfig) << json;
    EXPECT_EQ(*index.error().Text("file"), "index");
    EXPECT_EQ(*index.error().Text("path"), path);
    EXPECT_EQ(*index.error().Text("found"), found);
  }
}

TEST(WeightsIndex, RefusesATensorNamedTwice) {
  const auto index =
      ParseWeightsIndex(R"({"weight_map": {"a": "1.safetensors", "a": "2.safetensors"}})", "index");
  ASSERT_FALSE(index);
  EXPECT_EQ(index.error().code, ErrorCode::kInvalidJson);
}

}  // namespace
}  // namespace reprise
