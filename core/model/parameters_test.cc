// When the loader takes memory, and how it names what a checkpoint lacks.
#include "model/parameters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "base/byte_view.h"
#include "tests/support/test_models.h"

namespace reprise {
namespace {

class WeightLoaderTest : public testing::Test {
 protected:
  WeightLoaderTest() {
    const std::string json = ReadTestFile(folder_ + "/config.json");
    config_ = *ParseModelConfig(json, "config.json");
    loader_.emplace(config_, &backend_, &weights_);
    const auto bytes = BytesOf(file_);
    header_bytes_ = *SafetensorsHeaderSize(bytes.first(8), file_bytes_, "m");
    header_ =
        *ParseSafetensorsHeader(bytes.first(static_cast<size_t>(header_bytes_)), file_bytes_, "m");
  }

  // Pushes the bytes [begin, end) of the file.
  Status Push(int64_t begin, int64_t end) {
    return loader_->Push(BytesOf(std::string_view(file_).substr(static_cast<size_t>(begin),
                                                                static_cast<size_t>(end - begin))));
  }
  int64_t BytesOfTensor(const SafetensorsEntry& entry) {
    const bool is_matrix = entry.shape.rank() == 2;
    return backend_.StorageBytes(entry.dtype, entry.shape,
                                 is_matrix ? Layout::kMatrixNk : Layout::kRowMajor);
  }
  int64_t AllBytes() {
    int64_t bytes = 0;
    for (const SafetensorsEntry& entry : header_.entries) bytes += BytesOfTensor(entry);
    return bytes;
  }

  const std::string folder_ = FixturePath("models/stories-260k");
  const std::string file_ = ReadTestFile(folder_ + "/model.safetensors");
  const int64_t file_bytes_ = static_cast<int64_t>(file_.size());
  int64_t header_bytes_ = 0;
  SafetensorsHeader header_;
  ModelConfig config_;
  ThreadPool pool_{1};
  MemoryBudget budget_;
  HostBackend backend_{&CpuKernels(AvailableSimdLevels().back()), &pool_, &budget_};
  ModelWeights weights_;
  std::optional<WeightLoader> loader_;
};

TEST_F(WeightLoaderTest, AllocatesATensorWhenItsFirstByteComes) {
  ASSERT_TRUE(loader_->BeginFile("m", file_bytes_));
  ASSERT_TRUE(Push(0, header_bytes_));
  EXPECT_EQ(budget_.used_bytes, 0);
  int64_t expected = 0;
  for (const SafetensorsEntry& entry : header_.entries) {
    ASSERT_TRUE(Push(entry.begin_bytes, entry.begin_bytes + 1));
    expected += BytesOfTensor(entry);
    EXPECT_EQ(budget_.used_bytes, expected) << entry.name;
    ASSERT_TRUE(Push(entry.begin_bytes + 1, entry.end_bytes));
    EXPECT_EQ(budget_.used_bytes, expected) << entry.name;
  }
  EXPECT_TRUE(loader_->EndFile());
  EXPECT_TRUE(loader_->Finish());
}

TEST_F(WeightLoaderTest, RefusesAtItsHeaderAFileThatDoesNotFit) {
  budget_.limit_bytes = AllBytes() - 1;
  ASSERT_TRUE(loader_->BeginFile("m", file_bytes_));
  ASSERT_TRUE(Push(0, header_bytes_ - 1));
  const Status refused = Push(header_bytes_ - 1, header_bytes_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfMemory);
  EXPECT_EQ(*refused.error().Text("file"), "m");
  EXPECT_EQ(budget_.used_bytes, 0);
}

TEST_F(WeightLoaderTest, TakesAFileThatJustFits) {
  budget_.limit_bytes = AllBytes();
  ASSERT_TRUE(loader_->BeginFile("m", file_bytes_));
  EXPECT_TRUE(Push(0, file_bytes_));
  EXPECT_EQ(budget_.used_bytes, budget_.limit_bytes);
}

TEST_F(WeightLoaderTest, OfSeveralFilesNoneIsAtFaultForATensorThatIsMissing) {
  const std::string empty = std::string("\2\0\0\0\0\0\0\0{}", 10);
  const auto push_empty = [&](std::string_view name) {
    ASSERT_TRUE(loader_->BeginFile(name, 10));
    ASSERT_TRUE(loader_->Push(BytesOf(empty)));
    ASSERT_TRUE(loader_->EndFile());
  };
  const auto missing = [&] {
    const Status status = loader_->Finish();
    EXPECT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kMissingTensor);
    EXPECT_NE(status.error().Text("tensor"), nullptr);
    return status.error();
  };
  EXPECT_EQ(missing().message.find("the weights: there is no tensor"), 0u);
  EXPECT_EQ(missing().Text("file"), nullptr);
  push_empty("one");
  EXPECT_EQ(missing().message.find("one: there is no tensor"), 0u);
  EXPECT_EQ(*missing().Text("file"), "one");
  push_empty("two");
  EXPECT_EQ(missing().message.find("the weights: there is no tensor"), 0u);
  EXPECT_EQ(missing().Text("file"), nullptr);
}

}  // namespace
}  // namespace reprise
