// What the backend puts on the command list. That the records compute the right thing is tested on
// a device, by the package.
#include "backend/webgpu/webgpu_backend.h"

#include <gtest/gtest.h>

#include <cstring>

namespace reprise {
namespace {

template <typename Record>
Record As(std::span<const uint32_t> words, size_t index) {
  Record record;
  const Record empty;
  std::memcpy(static_cast<void*>(&record), words.data() + index * webgpu::kRecordWords,
              sizeof(record));
  EXPECT_EQ(record.kind, empty.kind) << "record " << index;
  return record;
}

size_t Count(const WebGpuDevice::CommandList& list) {
  return list.words.size() / webgpu::kRecordWords;
}

template <typename K>
typename K::Params ParamsOf(const webgpu::DispatchRecord& record) {
  EXPECT_EQ(record.kernel, K::kId);
  typename K::Params params;
  std::memcpy(static_cast<void*>(&params), record.params, sizeof(params));
  return params;
}

// A device that binds 64 bytes at once, so that small matrices are cut.
class WebGpuBackendTest : public testing::Test {
 protected:
  static WebGpuLimits SmallLimits() {
    WebGpuLimits limits;
    limits.max_storage_buffer_binding_size = 64;
    return limits;
  }
  Tensor Make(DType dtype, const Shape& shape, Layout layout = Layout::kRowMajor) {
    auto tensor = backend_.Allocate(dtype, shape, layout);
    EXPECT_TRUE(tensor) << tensor.error().message;
    return *std::move(tensor);
  }

  static OpParams OneRow() {
    OpParams params;
    params.rows = 1;
    return params;
  }

  WebGpuDevice device_{SmallLimits()};
  WebGpuBackend backend_{&device_};
};

TEST_F(WebGpuBackendTest, MakesWritesReadsAndDestroysABuffer) {
  {
    const Tensor tensor = Make(DType::kI32, {4});
    const int32_t values[2] = {7, -1};
    backend_.Write(tensor, 1, {reinterpret_cast<const uint8_t*>(values), sizeof(values)});
    const ReadTicket ticket = backend_.Read(tensor, 1, 3);
    EXPECT_EQ(backend_.Advance(1), BackendState::kWaiting);

    const auto list = device_.TakeCommands();
    ASSERT_EQ(Count(list), 3u);
    const auto create = As<webgpu::CreateBufferRecord>(list.words, 0);
    EXPECT_EQ(create.words, 4u);
    const auto write = As<webgpu::WriteBufferRecord>(list.words, 1);
    EXPECT_EQ(write.buffer, create.buffer);
    EXPECT_EQ(write.first_word, 1u);
    EXPECT_EQ(write.words, 2u);
    EXPECT_EQ(std::memcmp(list.payload.data() + write.payload_word * 4, values, 8), 0);
    const auto read = As<webgpu::ReadBufferRecord>(list.words, 2);
    EXPECT_EQ(read.ticket, ticket);
    EXPECT_EQ(read.first_word, 1u);
    EXPECT_EQ(read.answer_words, 3u);

    std::vector<uint8_t> bytes;
    EXPECT_FALSE(backend_.Poll(ticket, &bytes).value());
    EXPECT_EQ(device_.Answer(read.ticket, std::vector<uint8_t>(8)).error().code,
              ErrorCode::kInvalidArgument);
    EXPECT_TRUE(device_.Answer(read.ticket, std::vector<uint8_t>(12, 5)));
    EXPECT_EQ(backend_.Advance(1), BackendState::kIdle);
    EXPECT_TRUE(backend_.Poll(ticket, &bytes).value());
    EXPECT_EQ(bytes, std::vector<uint8_t>(12, 5));
    EXPECT_FALSE(backend_.Poll(ticket, &bytes).value()) << "bytes come once";
  }
  EXPECT_EQ(Count(device_.TakeCommands()), 1u);
  EXPECT_EQ(backend_.used_bytes(), 0);
  EXPECT_EQ(device_.live_buffers(), 0);
}

TEST_F(WebGpuBackendTest, ASlotComesBackWithAnotherGeneration) {
  Tensor first = Make(DType::kF32, {1});
  const auto one = As<webgpu::CreateBufferRecord>(device_.TakeCommands().words, 0);
  first = {};
  const Tensor second = Make(DType::kF32, {1});
  const auto list = device_.TakeCommands();
  EXPECT_EQ(As<webgpu::DestroyBufferRecord>(list.words, 0).buffer, one.buffer);
  const auto two = As<webgpu::CreateBufferRecord>(list.words, 1);
  EXPECT_EQ(two.buffer & 0xffff, one.buffer & 0xffff);
  EXPECT_NE(two.buffer, one.buffer);
}

TEST_F(WebGpuBackendTest, PatchesHalfWordsAtBothEnds) {
  const Tensor tensor = Make(DType::kBF16, {7});
  const uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  backend_.Write(tensor, 1, bytes);  // elements 1 to 4: half of word 0, word 1, half of word 2
  const auto list = device_.TakeCommands();
  ASSERT_EQ(Count(list), 4u);
  EXPECT_EQ(As<webgpu::CreateBufferRecord>(list.words, 0).words, 4u);
  const auto head = ParamsOf<webgpu::PatchWordKernel>(As<webgpu::DispatchRecord>(list.words, 1));
  EXPECT_EQ(head.word, 0u);
  EXPECT_EQ(head.mask, 0xffff0000u);
  EXPECT_EQ(head.bits, 0x02010000u);
  const auto middle = As<webgpu::WriteBufferRecord>(list.words, 2);
  EXPECT_EQ(middle.first_word, 1u);
  EXPECT_EQ(middle.words, 1u);
  EXPECT_EQ(std::memcmp(list.payload.data(), bytes + 2, 4), 0);
  const auto tail = ParamsOf<webgpu::PatchWordKernel>(As<webgpu::DispatchRecord>(list.words, 3));
  EXPECT_EQ(tail.word, 2u);
  EXPECT_EQ(tail.mask, 0x0000ffffu);
  EXPECT_EQ(tail.bits, 0x00000807u);
}

TEST_F(WebGpuBackendTest, TrimsHalfWordsOfARead) {
  const Tensor tensor = Make(DType::kF16, {7});
  const ReadTicket ticket = backend_.Read(tensor, 3, 3);  // the second half of word 1, word 2
  const auto read = As<webgpu::ReadBufferRecord>(device_.TakeCommands().words, 1);
  EXPECT_EQ(read.first_word, 1u);
  EXPECT_EQ(read.words, 2u);
  const std::vector<uint8_t> answer = {0, 0, 1, 2, 3, 4, 5, 6};
  EXPECT_TRUE(device_.Answer(read.ticket, answer));
  std::vector<uint8_t> bytes;
  EXPECT_TRUE(backend_.Poll(ticket, &bytes).value());
  EXPECT_EQ(bytes, (std::vector<uint8_t>{1, 2, 3, 4, 5, 6}));
}

TEST_F(WebGpuBackendTest, CutsAMatrixThatIsTooLargeToBind) {
  // 5 rows of 6 floats: 2 rows a buffer.
  const Tensor weight = Make(DType::kF32, {5, 6}, Layout::kMatrixNk);
  EXPECT_EQ(device_.live_buffers(), 3);
  EXPECT_EQ(backend_.used_bytes(), 5 * 6 * 4);
  device_.TakeCommands();
  std::vector<uint8_t> bytes(5 * 6 * 4);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i);
  backend_.Write(weight, 3, std::span(bytes).subspan(12, 80));  // elements 3 to 22
  auto list = device_.TakeCommands();
  ASSERT_EQ(Count(list), 2u);
  EXPECT_EQ(As<webgpu::WriteBufferRecord>(list.words, 0).words, 9u);
  const auto second = As<webgpu::WriteBufferRecord>(list.words, 1);
  EXPECT_EQ(second.first_word, 0u);
  EXPECT_EQ(second.words, 11u);
  EXPECT_EQ(list.payload[second.payload_word * 4], 48);

  const Tensor x = Make(DType::kF32, {1, 6}), y = Make(DType::kF32, {1, 5});
  const Tensor table_rows = Make(DType::kF32, {1, 6});
  const Tensor ids = Make(DType::kI32, {1});
  device_.TakeCommands();
  backend_.Submit({OpId::kLinear, {x, weight, {}}, {y}, OneRow()});
  backend_.Submit({OpId::kEmbedding, {weight, ids, {}}, {table_rows}, OneRow()});
  list = device_.TakeCommands();
  ASSERT_EQ(Count(list), 6u);
  const auto last = ParamsOf<webgpu::LinearKernel>(As<webgpu::DispatchRecord>(list.words, 2));
  EXPECT_EQ(last.n_begin, 4u);
  EXPECT_EQ(last.n_end, 5u);
  EXPECT_EQ(last.accumulate, 0u);
  const auto rows = ParamsOf<webgpu::EmbeddingKernel>(As<webgpu::DispatchRecord>(list.words, 4));
  EXPECT_EQ(rows.row_begin, 2u);
  EXPECT_EQ(rows.row_end, 4u);

  const ReadTicket ticket = backend_.Read(weight, 11, 2);  // over the first cut
  list = device_.TakeCommands();
  ASSERT_EQ(Count(list), 2u);
  const auto tail = As<webgpu::ReadBufferRecord>(list.words, 1);
  EXPECT_EQ(tail.ticket, ticket);
  EXPECT_EQ(tail.answer_word, 1u);
  EXPECT_EQ(tail.answer_words, 2u);
}

TEST_F(WebGpuBackendTest, SumsACutMatrixKnInOrder) {
  // Rows of 3 elements of 16 bits: 10 of them fit and end on a word.
  const Tensor weight = Make(DType::kF16, {12, 3}, Layout::kMatrixKn);
  EXPECT_EQ(device_.live_buffers(), 2);
  const Tensor x = Make(DType::kF32, {1, 12}), y = Make(DType::kF32, {1, 3});
  device_.TakeCommands();
  backend_.Submit({OpId::kLinear, {x, weight, {}}, {y}, OneRow()});
  const auto list = device_.TakeCommands();
  ASSERT_EQ(Count(list), 2u);
  const auto first = ParamsOf<webgpu::LinearKernel>(As<webgpu::DispatchRecord>(list.words, 0));
  EXPECT_EQ(first.k_end, 10u);
  EXPECT_EQ(first.accumulate, 0u);
  const auto second = ParamsOf<webgpu::LinearKernel>(As<webgpu::DispatchRecord>(list.words, 1));
  EXPECT_EQ(second.k_begin, 10u);
  EXPECT_EQ(second.k_end, 12u);
  EXPECT_EQ(second.n_end, 3u);
  EXPECT_EQ(second.accumulate, 1u);
}

TEST_F(WebGpuBackendTest, SaysWhatTheDeviceCannotBind) {
  const auto row = backend_.Allocate(DType::kF32, {2, 17}, Layout::kMatrixNk);
  ASSERT_FALSE(row);
  EXPECT_EQ(row.error().code, ErrorCode::kOutOfMemory);
  const auto vector = backend_.Allocate(DType::kF32, {17}, Layout::kRowMajor);
  ASSERT_FALSE(vector);
  EXPECT_NE(
      vector.error().message.find("needs 68 bytes in one buffer; the device binds at most 64"),
      std::string::npos)
      << vector.error().message;
  EXPECT_EQ(Count(device_.TakeCommands()), 0u);
}

TEST_F(WebGpuBackendTest, WaitsForAFenceWhereNothingIsRead) {
  const Tensor x = Make(DType::kF32, {1, 4}), y = Make(DType::kF32, {1, 4});
  EXPECT_EQ(backend_.Advance(1), BackendState::kIdle);
  device_.TakeCommands();
  backend_.Submit({OpId::kAdd, {x}, {y}, OneRow()});
  EXPECT_EQ(backend_.Advance(1), BackendState::kWaiting);
  EXPECT_EQ(backend_.Advance(1), BackendState::kWaiting);
  const auto list = device_.TakeCommands();
  ASSERT_EQ(Count(list), 2u);
  const auto dispatch = As<webgpu::DispatchRecord>(list.words, 0);
  EXPECT_EQ(ParamsOf<webgpu::AddKernel>(dispatch).columns, 4u);
  EXPECT_TRUE(device_.Answer(As<webgpu::FenceRecord>(list.words, 1).ticket, {}));
  EXPECT_EQ(backend_.Advance(1), BackendState::kIdle);
}

TEST_F(WebGpuBackendTest, IgnoresAnswersToWhatWasCancelled) {
  const Tensor x = Make(DType::kF32, {4});
  const ReadTicket ticket = backend_.Read(x, 0, 4);
  backend_.Cancel();
  EXPECT_EQ(backend_.Advance(1), BackendState::kIdle);
  EXPECT_TRUE(device_.Answer(static_cast<uint32_t>(ticket), std::vector<uint8_t>(16)));
  std::vector<uint8_t> bytes;
  EXPECT_FALSE(backend_.Poll(ticket, &bytes).value());
  EXPECT_FALSE(device_.Answer(static_cast<uint32_t>(ticket) + 1, {}));
}

TEST_F(WebGpuBackendTest, ALostDeviceFailsEverything) {
  const Tensor x = Make(DType::kF32, {4});
  const ReadTicket ticket = backend_.Read(x, 0, 4);
  device_.Fail(Error(ErrorCode::kDeviceLost, "gone"));
  EXPECT_EQ(Count(device_.TakeCommands()), 0u);
  EXPECT_EQ(backend_.Advance(1), BackendState::kIdle);
  std::vector<uint8_t> bytes;
  EXPECT_EQ(backend_.Poll(ticket, &bytes).error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(backend_.Allocate(DType::kF32, {4}, Layout::kRowMajor).error().code,
            ErrorCode::kDeviceLost);
}

TEST_F(WebGpuBackendTest, ABufferThatCouldNotBeMadeFailsItsBackendAlone) {
  WebGpuBackend other(&device_);
  {
    const Tensor x = Make(DType::kF32, {4});
    const auto create = As<webgpu::CreateBufferRecord>(device_.TakeCommands().words, 0);
    device_.FailBuffer(create.buffer, Error(ErrorCode::kOutOfMemory, "full"));
    EXPECT_EQ(backend_.status().error().code, ErrorCode::kOutOfMemory);
    EXPECT_TRUE(other.status());
  }
  EXPECT_TRUE(backend_.status()) << "the failed buffer is gone";
}

}  // namespace
}  // namespace reprise
