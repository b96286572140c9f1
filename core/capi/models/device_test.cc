// The calls that lend a context a device. What the commands compute is tested on a device, by the
// package.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "backend/webgpu/commands.h"
#include "base/error_codes.h"
#include "base/json_reader.h"
#include "capi/reprise.h"
#include "tests/support/test_files.h"

namespace reprise {
namespace {

constexpr std::string_view kLimits =
    R"({"maxBufferSize": 268435456, "maxStorageBufferBindingSize": 134217728,
        "maxComputeWorkgroupsPerDimension": 65535})";

int32_t Code(ErrorCode code) { return -static_cast<int32_t>(code); }

class DeviceCallsTest : public testing::Test {
 protected:
  int32_t Open(std::string_view limits = kLimits) {
    return reprise_device_open(context_.get(), limits.data(), limits.size());
  }
  int32_t MakeModel() {
    const std::string config = ReadTestFile(FixturePath("models/stories-260k/config.json"));
    constexpr std::string_view kFile = "config.json", kOptions = R"({"backend": "webgpu"})";
    const int32_t model =
        reprise_model_create(context_.get(), config.data(), config.size(), kFile.data(),
                             kFile.size(), kOptions.data(), kOptions.size());
    if (model < 0) return model;
    const int32_t prepared = reprise_model_prepare(context_.get(), model, INT32_MAX);
    return prepared < 0 ? prepared : model;
  }
  std::string Result() const {
    return {reinterpret_cast<const char*>(reprise_result(context_.get())),
            reprise_result_size(context_.get())};
  }
  int32_t Fail(ErrorCode code, std::string_view message) {
    return reprise_device_failed(context_.get(), static_cast<int32_t>(code), message.data(),
                                 message.size());
  }
  int32_t BeginFile(int32_t model) {
    return reprise_model_begin_file(context_.get(), model, "w", 1, 100);
  }

  std::unique_ptr<reprise_context, void (*)(reprise_context*)> context_{reprise_open(1, "", 0),
                                                                        reprise_close};
};

TEST_F(DeviceCallsTest, WithoutADeviceThereIsNoModelOnIt) {
  EXPECT_EQ(reprise_device_take_commands(context_.get()), 0);
  EXPECT_EQ(MakeModel(), Code(ErrorCode::kDeviceUnavailable));
  EXPECT_EQ(reprise_device_answer(context_.get(), 1, nullptr, 0),
            Code(ErrorCode::kDeviceUnavailable));
}

TEST_F(DeviceCallsTest, RefusesLimitsThatAreNone) {
  EXPECT_EQ(Open("{}"), Code(ErrorCode::kInvalidArgument));
  EXPECT_EQ(Open(R"({"maxBufferSize": 0, "maxStorageBufferBindingSize": 1,
                     "maxComputeWorkgroupsPerDimension": 1})"),
            Code(ErrorCode::kInvalidArgument));
  EXPECT_NE(Result().find("maxBufferSize must be at least 1, found 0"), std::string::npos);
}

TEST_F(DeviceCallsTest, RecordsWhatAModelDoesBesideTheResult) {
  ASSERT_EQ(Open(), 0);
  const int32_t model = MakeModel();
  ASSERT_GT(model, 0);
  const std::string result = Result();
  const int32_t words = reprise_device_take_commands(context_.get());
  EXPECT_GT(words, 0);
  EXPECT_EQ(words % static_cast<int32_t>(webgpu::kRecordWords), 0);
  EXPECT_EQ(reprise_device_commands(context_.get())[0], webgpu::CreateBufferRecord().kind);
  EXPECT_GT(reprise_device_payload_size(context_.get()), 0u) << "the table of rope";
  EXPECT_EQ(Result(), result);
  EXPECT_EQ(reprise_device_take_commands(context_.get()), 0);
  EXPECT_EQ(reprise_release(context_.get(), model), 0);
  EXPECT_GT(reprise_device_take_commands(context_.get()), 0) << "buffers are destroyed";
  EXPECT_EQ(reprise_device_answer(context_.get(), 1, nullptr, 0),
            Code(ErrorCode::kInvalidArgument));
}

TEST_F(DeviceCallsTest, TheEstimateIsWhatAModelTakes) {
  const std::string config = ReadTestFile(FixturePath("models/stories-260k/config.json"));
  const auto estimate = [&](const std::string& limits) {
    const std::string options = R"({"backend": "webgpu", "limits": )" + limits + "}";
    EXPECT_EQ(reprise_estimate_memory(context_.get(), config.data(), config.size(), "c", 1,
                                      options.data(), options.size()),
              0)
        << Result();
    return *ParseJson(Result(), "estimate");
  };
  // Without a device.
  const JsonValue fitting = estimate(std::string(kLimits));
  EXPECT_EQ(fitting.Find("reason"), nullptr);
  const int64_t weights = fitting.Find("weightsBytes")->integer();
  EXPECT_EQ(weights, 4 * fitting.Find("parameters")->integer()) << "no panels are padded here";
  const int64_t rest =
      fitting.Find("cacheBytes")->integer() + fitting.Find("activationsBytes")->integer();

  ASSERT_EQ(Open(), 0);
  const int32_t model = MakeModel();
  const std::string file = ReadTestFile(FixturePath("models/stories-260k/model.safetensors"));
  int64_t made = 0;
  const auto count_made = [&] {
    const int32_t words = reprise_device_take_commands(context_.get());
    const uint32_t* records = reprise_device_commands(context_.get());
    for (int32_t i = 0; i < words; i += static_cast<int32_t>(webgpu::kRecordWords)) {
      if (records[i] == webgpu::CreateBufferRecord().kind) made += int64_t{4} * records[i + 2];
    }
  };
  count_made();
  EXPECT_EQ(made, rest);
  EXPECT_EQ(
      reprise_model_begin_file(context_.get(), model, "w", 1, static_cast<double>(file.size())), 0);
  EXPECT_EQ(reprise_model_push(context_.get(), model, reinterpret_cast<const uint8_t*>(file.data()),
                               file.size()),
            0);
  count_made();
  EXPECT_EQ(made, rest + weights);

  // The values in a layer's cache, [4, 512, 16] f32, take 128 KiB.
  const JsonValue tight = estimate(
      R"({"maxBufferSize": 131068, "maxStorageBufferBindingSize": 1000000000,
          "maxComputeWorkgroupsPerDimension": 65535})");
  ASSERT_NE(tight.Find("reason"), nullptr);
  EXPECT_NE(tight.Find("reason")->string().find("binds at most 131068"), std::string::npos);
}

TEST_F(DeviceCallsTest, ABufferThatCouldNotBeMadeFailsItsModel) {
  ASSERT_EQ(Open(), 0);
  const int32_t model = MakeModel(), other = MakeModel();
  ASSERT_GT(reprise_device_take_commands(context_.get()), 0);
  const uint32_t first = reprise_device_commands(context_.get())[1];
  EXPECT_EQ(reprise_device_buffer_failed(context_.get(), first, 4096, "full", 4), 0);
  EXPECT_EQ(BeginFile(model), Code(ErrorCode::kOutOfMemory));
  EXPECT_NE(Result().find("full"), std::string::npos);
  EXPECT_EQ(BeginFile(other), 0);
}

TEST_F(DeviceCallsTest, AfterAFailureAnotherDeviceMayBeOpened) {
  ASSERT_EQ(Open(), 0);
  EXPECT_EQ(Open(), Code(ErrorCode::kBusy));
  const int32_t model = MakeModel();
  EXPECT_EQ(reprise_device_failed(context_.get(), 99, "", 0), Code(ErrorCode::kInvalidArgument));
  EXPECT_EQ(Fail(ErrorCode::kDeviceLost, "unplugged"), 0);
  EXPECT_EQ(BeginFile(model), Code(ErrorCode::kDeviceLost));
  EXPECT_NE(Result().find("unplugged"), std::string::npos);
  EXPECT_EQ(MakeModel(), Code(ErrorCode::kDeviceLost));
  EXPECT_EQ(Open(), 0);
  const int32_t next = MakeModel();
  EXPECT_EQ(BeginFile(next), 0);
  EXPECT_EQ(reprise_release(context_.get(), model), 0);
}

}  // namespace
}  // namespace reprise
