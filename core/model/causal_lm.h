// A causal language model on a backend: weights, activations, the cache of keys and values, and the
// forward pass as a sequence of submitted ops.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "backend/backend.h"
#include "model/config.h"
#include "model/parameters.h"

namespace reprise {

// Keys and values of the positions computed so far.
struct KvCache {
  std::vector<Tensor> keys, values;  // by layer
};

// Bytes by purpose, for a model of this config whose weights have one dtype.
struct MemoryNeed {
  int64_t weights_bytes = 0;
  int64_t cache_bytes = 0;
  int64_t activations_bytes = 0;
  // Why the backend can never hold one of the tensors.
  std::optional<Error> refusal;
};

class CausalLm {
 public:
  // The most tokens that one submission computes: bounds activations and the time to an abort.
  static constexpr int64_t kChunkTokens = 256;

  // Checks that the model can fit; Prepare then makes all but the weights, which `loader` takes
  // after that. context_tokens: 1 … the config's. Errors: invalid_argument, out_of_memory.
  static Result<std::unique_ptr<CausalLm>> Create(const ModelConfig& config,
                                                  std::unique_ptr<Backend> backend,
                                                  int64_t context_tokens);
  // Allocates and fills what the model needs besides its weights, for about `work_units` units of
  // 65,536 multiply-adds; a tensor is allocated at once. True once all of it is there. Errors:
  // out_of_memory.
  Result<bool> Prepare(int64_t work_units);
  static MemoryNeed EstimateMemory(const ModelConfig& config, const Backend& backend, DType weights,
                                   int64_t context_tokens);

  WeightLoader& loader() { return *loader_; }
  const ModelConfig& config() const { return config_; }
  Backend& backend() { return *backend_; }
  int64_t context_tokens() const { return context_tokens_; }
  int64_t parameter_count() const { return loader_->parameter_count(); }

  // Errors, with `argument` as the field of that name: token_out_of_range with position and found;
  // context_overflow where there are more than the context holds; invalid_argument where there are
  // none.
  Status CheckTokens(std::span<const int32_t> ids, std::string_view argument) const;

  // Copies ids to positions [first, …) of the sequence.
  void WriteTokens(std::span<const int32_t> ids, int64_t first);

  // Submits positions [first, first + rows), rows <= kChunkTokens; those before are in the cache.
  void SubmitForward(int64_t first, int64_t rows);

  // Submits logits of rows [row, row + rows) of the last forward into `logits`, [>= rows, V] f32.
  void SubmitLogits(int64_t row, int64_t rows, const Tensor& logits);

  const Tensor& tokens() const { return tokens_; }
  const Tensor& last_logits() const { return last_logits_; }  // [1, V]

 private:
  CausalLm(const ModelConfig& config, std::unique_ptr<Backend> backend, int64_t context_tokens)
      : config_(config), backend_(std::move(backend)), context_tokens_(context_tokens) {}

  // A tensor that Prepare makes.
  struct Wanted {
    Tensor* tensor;
    DType dtype;
    Shape shape;
  };

  void ListWanted();
  void WriteRopeRows(int64_t rows);
  void SubmitLayer(const LayerWeights& layer, const KvCache& cache, size_t index, OpParams params);
  void SubmitNorm(const Tensor& weight, const Tensor& bias, const OpParams& params);

  ModelConfig config_;
  std::unique_ptr<Backend> backend_;  // goes last: every tensor below is its own
  int64_t context_tokens_;
  ModelWeights weights_;
  std::unique_ptr<WeightLoader> loader_;
  KvCache cache_;
  Tensor tokens_, rope_table_, last_logits_;
  Tensor hidden_, normed_, q_, k_, v_, attended_, gate_, up_;
  std::vector<Wanted> wanted_;          // what Prepare has still to make, last first
  std::vector<double> rope_frequency_;  // by pair; empty without rotary positions
  int64_t rope_rows_ = 0;               // of the table, written so far
};

}  // namespace reprise
