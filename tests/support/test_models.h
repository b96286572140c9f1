// Loads models for the C++ tests from folders in Hugging Face layout.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backend/cpu/cpu_kernels.h"
#include "backend/host/host_backend.h"
#include "base/json_reader.h"
#include "model/causal_lm.h"
#include "tests/support/test_files.h"
#include "tokenizer/tokenizer.h"

namespace reprise {

inline void PrepareModel(CausalLm& model) {
  for (Result<bool> is_done = false; !is_done.value_or(true);) {
    is_done = model.Prepare(1000);
    EXPECT_TRUE(is_done) << is_done.error().message;
  }
}

// A model of tests/, with what it runs on. Everything must be gone when it ends.
class TestModel {
 public:
  TestModel(const std::string& folder, int64_t context_tokens,
            const KernelTable& kernels = CpuKernels(AvailableSimdLevels().back())) {
    auto config = ParseModelConfig(ReadTestFile(folder + "/config.json"), "config.json");
    EXPECT_TRUE(config) << config.error().message;
    auto lm = CausalLm::Create(*config, std::make_unique<HostBackend>(&kernels, &pool_, &budget_),
                               context_tokens);
    EXPECT_TRUE(lm) << lm.error().message;
    lm_ = *std::move(lm);
    PrepareModel(*lm_);
    const std::string file = ReadTestFile(folder + "/model.safetensors");
    WeightLoader& loader = lm_->loader();
    EXPECT_TRUE(loader.BeginFile("model.safetensors", static_cast<int64_t>(file.size())));
    EXPECT_TRUE(loader.Push({reinterpret_cast<const uint8_t*>(file.data()), file.size()}));
    EXPECT_TRUE(loader.EndFile());
    EXPECT_TRUE(loader.Finish());
  }
  ~TestModel() {
    lm_.reset();
    EXPECT_EQ(budget_.used_bytes, 0);
  }

  CausalLm* lm() { return lm_.get(); }
  MemoryBudget* budget() { return &budget_; }

 private:
  ThreadPool pool_{1};
  MemoryBudget budget_;
  std::unique_ptr<CausalLm> lm_;
};

inline std::shared_ptr<const Tokenizer> LoadTestTokenizer(const std::string& folder) {
  auto tokenizer = Tokenizer::Parse(ReadTestFile(folder + "/tokenizer.json"), "tokenizer.json");
  EXPECT_TRUE(tokenizer) << tokenizer.error().message;
  return *tokenizer;
}

inline std::vector<int32_t> IdsFromJson(const JsonValue& value) {
  std::vector<int32_t> ids;
  for (const JsonValue& id : value.array()) ids.push_back(static_cast<int32_t>(id.integer()));
  return ids;
}

}  // namespace reprise
