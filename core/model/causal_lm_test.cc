// The forward pass against other programs' numbers, and against itself in other pieces.
#include "model/causal_lm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <ostream>
#include <tuple>

#include "backend/cpu/cpu_kernels.h"
#include "backend/host/host_backend.h"
#include "backend/reference/reference_kernels.h"
#include "base/json_reader.h"
#include "tests/support/test_files.h"
#include "tests/support/test_models.h"

namespace reprise {
namespace {

// A backend to run on.
struct TestBackend {
  std::string name;
  const KernelTable* kernels;
  int threads;

  friend void PrintTo(const TestBackend& backend, std::ostream* out) { *out << backend.name; }
};

std::vector<TestBackend> TestBackends() {
  std::vector<TestBackend> backends = {{"reference", &ReferenceKernels(), 1}};
  for (SimdLevel level : AvailableSimdLevels()) {
    const std::string name = "cpu_" + std::string(SimdLevelName(level));
    backends.push_back({name, &CpuKernels(level), 1});
    if (ThreadPool::HasThreads()) backends.push_back({name + "_3_threads", &CpuKernels(level), 3});
  }
  return backends;
}

class ModelTest : public testing::Test {
 protected:
  virtual const TestBackend& test_backend() const = 0;
  void SetUp() override { pool_.emplace(test_backend().threads); }

  std::unique_ptr<CausalLm> Load(const std::string& folder, int64_t context_tokens) {
    return LoadOn(test_backend().kernels, &*pool_, folder, context_tokens);
  }

  std::unique_ptr<CausalLm> LoadOn(const KernelTable* kernels, ThreadPool* pool,
                                   const std::string& folder, int64_t context_tokens) {
    auto config = ParseModelConfig(ReadTestFile(folder + "/config.json"), "config.json");
    EXPECT_TRUE(config) << config.error().message;
    auto backend = std::make_unique<HostBackend>(kernels, pool, &budget_);
    auto model = CausalLm::Create(*config, std::move(backend), context_tokens);
    EXPECT_TRUE(model) << model.error().message;
    PrepareModel(**model);
    const std::string file = ReadTestFile(folder + "/model.safetensors");
    WeightLoader& loader = (*model)->loader();
    EXPECT_TRUE(loader.BeginFile("model.safetensors", static_cast<int64_t>(file.size())));
    // Pieces of an odd size split the header and elements.
    for (size_t i = 0; i < file.size(); i += 4099) {
      const std::string_view piece = std::string_view(file).substr(i, 4099);
      const Status pushed =
          loader.Push({reinterpret_cast<const uint8_t*>(piece.data()), piece.size()});
      EXPECT_TRUE(pushed) << pushed.error().message;
    }
    EXPECT_TRUE(loader.EndFile());
    const Status finished = loader.Finish();
    EXPECT_TRUE(finished) << finished.error().message;
    return *std::move(model);
  }

  static std::vector<float> ReadFloats(Backend& backend, const Tensor& tensor) {
    const ReadTicket ticket = backend.Read(tensor, 0, tensor.shape.element_count());
    while (backend.Advance(100) == BackendState::kWorking) {
    }
    std::vector<uint8_t> bytes;
    EXPECT_TRUE(backend.Poll(ticket, &bytes).value_or(false));
    std::vector<float> values(bytes.size() / 4);
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }

  // Logits of every position, computed in pieces of `rows`.
  static std::vector<float> Logits(CausalLm& model, const std::vector<int32_t>& ids, int64_t rows) {
    EXPECT_TRUE(model.CheckTokens(ids, "tokens"));
    model.WriteTokens(ids, 0);
    std::vector<float> all;
    for (int64_t first = 0; first < static_cast<int64_t>(ids.size()); first += rows) {
      const int64_t count = std::min(rows, static_cast<int64_t>(ids.size()) - first);
      auto logits = model.backend().Allocate(DType::kF32, {count, model.config().vocab_size},
                                             Layout::kRowMajor);
      EXPECT_TRUE(logits);
      model.SubmitForward(first, count);
      model.SubmitLogits(0, count, *logits);
      const std::vector<float> part = ReadFloats(model.backend(), *logits);
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }

  static std::vector<int32_t> Ids(const JsonValue& value) {
    std::vector<int32_t> ids;
    for (const JsonValue& id : value.array()) ids.push_back(static_cast<int32_t>(id.integer()));
    return ids;
  }

  static std::vector<int32_t> Greedy(CausalLm& model, std::vector<int32_t> ids, size_t count) {
    const auto vocab = model.config().vocab_size;
    size_t done = 0;
    std::vector<int32_t> made;
    while (made.size() < count) {
      const std::vector<int32_t> fresh(ids.begin() + static_cast<std::ptrdiff_t>(done), ids.end());
      model.WriteTokens(fresh, static_cast<int64_t>(done));
      model.SubmitForward(static_cast<int64_t>(done), static_cast<int64_t>(fresh.size()));
      model.SubmitLogits(static_cast<int64_t>(fresh.size()) - 1, 1, model.last_logits());
      const auto logits = ReadFloats(model.backend(), model.last_logits());
      EXPECT_EQ(static_cast<int64_t>(logits.size()), vocab);
      const auto best = std::max_element(logits.begin(), logits.end()) - logits.begin();
      done = ids.size();
      ids.push_back(static_cast<int32_t>(best));
      made.push_back(ids.back());
    }
    return made;
  }

  // The greatest difference over the greatest magnitude of what is expected.
  static double RelativeError(std::span<const float> found, std::span<const float> expected) {
    EXPECT_EQ(found.size(), expected.size());
    double largest = 0, difference = 0;
    for (size_t i = 0; i < found.size(); ++i) {
      largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
      difference = std::max(difference, std::abs(static_cast<double>(found[i]) - expected[i]));
    }
    return difference / largest;
  }

  std::optional<ThreadPool> pool_;
  MemoryBudget budget_;
};

class CausalLmTest : public ModelTest, public testing::WithParamInterface<TestBackend> {
 protected:
  const TestBackend& test_backend() const override { return GetParam(); }
};

INSTANTIATE_TEST_SUITE_P(Backends, CausalLmTest, testing::ValuesIn(TestBackends()),
                         [](const auto& info) { return info.param.name; });

TEST_P(CausalLmTest, EveryWayThroughGivesATokenTheSameBits) {
  auto model = Load(FixturePath("models/stories-260k"), 300);
  std::vector<int32_t> ids(150);
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int32_t>(i * 37 % 512);
  const auto whole = Logits(*model, ids, 128);
  for (const int64_t rows : {int64_t{1}, int64_t{7}, int64_t{50}}) {
    const auto pieces = Logits(*model, ids, rows);
    ASSERT_EQ(pieces.size(), whole.size());
    EXPECT_EQ(std::memcmp(pieces.data(), whole.data(), whole.size() * 4), 0) << rows;
  }
}

TEST_P(CausalLmTest, GivesTheBitsOfTheReferenceBackend) {
  ThreadPool pool(1);
  const std::string folder = FixturePath("models/stories-260k");
  auto model = Load(folder, 128);
  auto reference = LoadOn(&ReferenceKernels(), &pool, folder, 128);
  std::vector<int32_t> ids(100);
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int32_t>(i * 61 % 512);
  const auto found = Logits(*model, ids, 128), expected = Logits(*reference, ids, 128);
  ASSERT_EQ(found.size(), expected.size());
  EXPECT_EQ(std::memcmp(found.data(), expected.data(), found.size() * 4), 0);
}

TEST_P(CausalLmTest, EqualsTransformersOnTheStoryModel) {
  const std::string folder = ReferencePath("stories260K");
  if (folder.empty()) return;
  const auto reference = ParseJson(ReadTestFile(folder + "/reference.json"), "reference.json");
  ASSERT_TRUE(reference);
  auto model = Load(folder, 512);
  for (const JsonValue& test : reference->Find("cases")->array()) {
    const auto ids = Ids(*test.Find("ids"));
    const auto logits = Logits(*model, ids, 128);
    std::vector<float> expected;
    for (const JsonValue& value : test.Find("last_logits")->array()) {
      expected.push_back(static_cast<float>(value.number()));
    }
    const auto last = std::span(logits).last(expected.size());
    EXPECT_LE(RelativeError(last, expected), 2e-5) << test.Find("prompt")->string();
    const auto greedy = Ids(*test.Find("greedy"));
    EXPECT_EQ(Greedy(*model, ids, greedy.size()), greedy) << test.Find("prompt")->string();
  }
}

class ReferenceModelTest
    : public ModelTest,
      public testing::WithParamInterface<std::tuple<const char*, TestBackend>> {
 protected:
  const TestBackend& test_backend() const override { return std::get<1>(GetParam()); }
};

TEST_P(ReferenceModelTest, EqualsTransformers) {
  const std::string folder = ReferencePath(std::string("models/") + std::get<0>(GetParam()));
  if (folder.empty()) return;
  const auto reference = ParseJson(ReadTestFile(folder + "/reference.json"), "reference.json");
  ASSERT_TRUE(reference);
  auto model = Load(folder, 128);
  std::vector<float> logits;
  for (const JsonValue& row : reference->Find("batch")->array()) {
    auto ids = Ids(row);
    ids.pop_back();  // the last one is only a label
    const auto part = Logits(*model, ids, 128);
    logits.insert(logits.end(), part.begin(), part.end());
  }
  const std::string file = ReadTestFile(folder + "/reference.safetensors");
  const auto bytes = std::span(reinterpret_cast<const uint8_t*>(file.data()), file.size());
  const auto size = static_cast<int64_t>(file.size());
  const auto header_size = SafetensorsHeaderSize(bytes.first(8), size, "reference.safetensors");
  ASSERT_TRUE(header_size);
  const auto header = ParseSafetensorsHeader(bytes.first(static_cast<size_t>(*header_size)), size,
                                             "reference.safetensors");
  ASSERT_TRUE(header);
  const auto entry = std::find_if(header->entries.begin(), header->entries.end(),
                                  [](const SafetensorsEntry& e) { return e.name == "logits"; });
  ASSERT_NE(entry, header->entries.end());
  std::vector<float> expected(static_cast<size_t>(entry->shape.element_count()));
  std::memcpy(expected.data(), file.data() + entry->begin_bytes, expected.size() * 4);
  EXPECT_LE(RelativeError(logits, expected), 2e-5);

  for (const JsonValue& test : reference->Find("greedy")->array()) {
    const auto tokens = Ids(*test.Find("tokens"));
    EXPECT_EQ(Greedy(*model, Ids(*test.Find("prompt")), tokens.size()), tokens);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ReferenceModelTest,
                         testing::Combine(testing::Values("llama", "llama-tied-mha", "mistral",
                                                          "gpt2"),
                                          testing::ValuesIn(TestBackends())),
                         [](const auto& info) {
                           std::string name = std::get<0>(info.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name + "_on_" + std::get<1>(info.param).name;
                         });

TEST_P(CausalLmTest, TellsTokensThatItCannotTake) {
  auto model = Load(FixturePath("models/stories-260k"), 4);
  EXPECT_EQ(model->CheckTokens({}, "tokens").error().code, ErrorCode::kInvalidArgument);
  const std::vector<int32_t> outside = {1, 512}, negative = {-1}, long_prompt = {1, 2, 3, 4, 5};
  EXPECT_EQ(model->CheckTokens(outside, "tokens").error().code, ErrorCode::kTokenOutOfRange);
  EXPECT_EQ(model->CheckTokens(negative, "tokens").error().code, ErrorCode::kTokenOutOfRange);
  EXPECT_EQ(model->CheckTokens(long_prompt, "tokens").error().code, ErrorCode::kContextOverflow);
}

TEST_P(CausalLmTest, ReleasesEverything) {
  {
    auto model = Load(FixturePath("models/stories-260k"), 64);
  }
  EXPECT_EQ(budget_.used_bytes, 0);
}

TEST_P(CausalLmTest, SaysWhenMemoryDoesNotSuffice) {
  const auto config =
      ParseModelConfig(ReadTestFile(FixturePath("models/stories-260k/config.json")), "config.json");
  budget_.limit_bytes = 100'000;
  const auto model = CausalLm::Create(
      *config, std::make_unique<HostBackend>(test_backend().kernels, &*pool_, &budget_), 512);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kOutOfMemory);
  EXPECT_EQ(budget_.used_bytes, 0);
}

}  // namespace
}  // namespace reprise
