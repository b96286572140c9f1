#include "model/causal_lm.h"

#include <algorithm>
#include <string>

#include "base/byte_view.h"
#include "numerics/elementary.h"
#include "ops/add.h"
#include "ops/attention.h"
#include "ops/embedding.h"
#include "ops/gelu_tanh.h"
#include "ops/kv_append.h"
#include "ops/layer_norm.h"
#include "ops/linear.h"
#include "ops/rms_norm.h"
#include "ops/rope.h"
#include "ops/swiglu.h"

namespace reprise {
namespace {

// Refuses a model that cannot fit before any of it is allocated. The weights count as the smallest
// type, since their own is known only once they come.
Status CheckMemory(const ModelConfig& config, const Backend& backend, int64_t context_tokens) {
  const auto has = backend.free_bytes();
  if (!has) return {};
  const MemoryNeed need = CausalLm::EstimateMemory(config, backend, DType::kBF16, context_tokens);
  const int64_t needs = need.weights_bytes + need.cache_bytes + need.activations_bytes;
  if (needs <= *has) return {};
  return Fail(Error(ErrorCode::kOutOfMemory, "the model with a context of " +
                                                 std::to_string(context_tokens) +
                                                 " tokens needs at least " + std::to_string(needs) +
                                                 " bytes; there are " + std::to_string(*has))
                  .With("needs_bytes", needs)
                  .With("has_bytes", *has));
}

}  // namespace

Result<std::unique_ptr<CausalLm>> CausalLm::Create(const ModelConfig& config,
                                                   std::unique_ptr<Backend> backend,
                                                   int64_t context_tokens) {
  if (context_tokens < 1 || context_tokens > config.context_tokens) {
    return Fail(Error(ErrorCode::kInvalidArgument,
                      "contextLength must be an integer from 1 to the model's " +
                          std::to_string(config.context_tokens) + ", found " +
                          std::to_string(context_tokens))
                    .With("argument", "contextLength")
                    .With("found", context_tokens));
  }
  REPRISE_TRY(CheckMemory(config, *backend, context_tokens));
  std::unique_ptr<CausalLm> model(new CausalLm(config, std::move(backend), context_tokens));
  model->loader_ =
      std::make_unique<WeightLoader>(model->config_, model->backend_.get(), &model->weights_);
  model->ListWanted();
  return model;
}

void CausalLm::ListWanted() {
  const ModelConfig& c = config_;
  const int64_t rows = std::min(kChunkTokens, context_tokens_);
  const int64_t q = c.head_count * c.head_size, kv = c.kv_head_count * c.head_size;
  wanted_ = {{&tokens_, DType::kI32, {context_tokens_}},
             {&hidden_, DType::kF32, {rows, c.hidden_size}},
             {&normed_, DType::kF32, {rows, c.hidden_size}},
             {&q_, DType::kF32, {rows, q}},
             {&k_, DType::kF32, {rows, kv}},
             {&v_, DType::kF32, {rows, kv}},
             {&attended_, DType::kF32, {rows, q}},
             {&up_, DType::kF32, {rows, c.feed_forward_size}},
             {&last_logits_, DType::kF32, {1, c.vocab_size}}};
  if (c.architecture == Architecture::kLlama) {
    wanted_.push_back({&gate_, DType::kF32, {rows, c.feed_forward_size}});
  }
  cache_.keys.resize(static_cast<size_t>(c.layer_count));
  cache_.values.resize(static_cast<size_t>(c.layer_count));
  const Shape keys = KeyCacheShape(c.kv_head_count, c.head_size, context_tokens_);
  const Shape values = ValueCacheShape(c.kv_head_count, c.head_size, context_tokens_);
  for (size_t i = 0; i < cache_.keys.size(); ++i) {
    wanted_.push_back({&cache_.keys[i], DType::kF32, keys});
    wanted_.push_back({&cache_.values[i], DType::kF32, values});
  }
  if (c.rope_theta > 0) {
    wanted_.push_back({&rope_table_, DType::kF32, {context_tokens_, c.head_size}});
    rope_frequency_.resize(static_cast<size_t>(c.head_size / 2));
    const double log_theta = LogF64(c.rope_theta);
    for (size_t i = 0; i < rope_frequency_.size(); ++i) {
      rope_frequency_[i] =
          ExpF64(-log_theta * static_cast<double>(2 * i) / static_cast<double>(c.head_size));
    }
  }
  std::ranges::reverse(wanted_);
}

Result<bool> CausalLm::Prepare(int64_t work_units) {
  // What takes about as long as a unit: zeroing so many bytes, and so many cosines or sines.
  constexpr int64_t kUnitBytes = 32768, kUnitAngles = 256;
  constexpr int64_t kMostUnits = 1024;  // of a write, which lies in memory once more
  int64_t left = std::max<int64_t>(1, work_units);
  for (; left > 0 && !wanted_.empty(); wanted_.pop_back()) {
    const Wanted& next = wanted_.back();
    REPRISE_ASSIGN(*next.tensor, backend_->Allocate(next.dtype, next.shape, Layout::kRowMajor));
    left -= 1 + next.shape.element_count() * SizeInBytes(next.dtype) / kUnitBytes;
  }
  const int64_t all_rows = rope_frequency_.empty() ? 0 : context_tokens_;
  while (left > 0 && rope_rows_ < all_rows) {
    const int64_t units = std::min(left, kMostUnits);
    WriteRopeRows(
        std::clamp<int64_t>(units * kUnitAngles / config_.head_size, 1, all_rows - rope_rows_));
    left -= units;
  }
  return wanted_.empty() && rope_rows_ == all_rows;
}

MemoryNeed CausalLm::EstimateMemory(const ModelConfig& c, const Backend& backend, DType weights,
                                    int64_t context_tokens) {
  MemoryNeed need;
  const auto bytes = [&](DType dtype, const Shape& shape, Layout layout) {
    if (const Status size = backend.CheckSize(dtype, shape, layout); !size && !need.refusal) {
      need.refusal = size.error();
    }
    return backend.StorageBytes(dtype, shape, layout);
  };
  const auto f32 = [&](const Shape& shape) { return bytes(DType::kF32, shape, Layout::kRowMajor); };
  ModelWeights unused;
  for (const Parameter& parameter : ListParameters(c, &unused)) {
    const auto parts = static_cast<int64_t>(parameter.parts.size());
    need.weights_bytes += parts * bytes(weights, PartShape(parameter), parameter.layout);
  }
  need.cache_bytes =
      c.layer_count * (f32(KeyCacheShape(c.kv_head_count, c.head_size, context_tokens)) +
                       f32(ValueCacheShape(c.kv_head_count, c.head_size, context_tokens)));
  const int64_t rows = std::min(kChunkTokens, context_tokens);
  const int64_t q = c.head_count * c.head_size, kv = c.kv_head_count * c.head_size;
  const int64_t inner_count = c.architecture == Architecture::kLlama ? 2 : 1;
  need.activations_bytes = 2 * f32({rows, c.hidden_size}) + 2 * f32({rows, q}) +
                           2 * f32({rows, kv}) + inner_count * f32({rows, c.feed_forward_size}) +
                           f32({1, c.vocab_size}) + f32({context_tokens}) +
                           (c.rope_theta > 0 ? f32({context_tokens, c.head_size}) : 0);
  return need;
}

// Angles and their cosines in f64, rounded to f32 once; angle of pair i at position p: p
// theta^(-2i/D).
void CausalLm::WriteRopeRows(int64_t rows) {
  const size_t half = rope_frequency_.size();
  std::vector<float> values(static_cast<size_t>(rows) * 2 * half);
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row) {
    float* cosines = values.data() + row * 2 * half;
    const auto position = static_cast<double>(rope_rows_ + static_cast<int64_t>(row));
    for (size_t i = 0; i < half; ++i) {
      const double angle = position * rope_frequency_[i];
      cosines[i] = static_cast<float>(CosF64(angle));
      cosines[half + i] = static_cast<float>(SinF64(angle));
    }
  }
  backend_->Write(rope_table_, rope_rows_ * config_.head_size, BytesOf(values));
  rope_rows_ += rows;
}

Status CausalLm::CheckTokens(std::span<const int32_t> ids, std::string_view argument) const {
  if (ids.empty()) return RefuseArgument(argument, "at least one token", "none");
  const auto count = static_cast<int64_t>(ids.size());
  if (count > context_tokens_) {
    return Fail(Error(ErrorCode::kContextOverflow, std::to_string(count) +
                                                       " tokens do not fit into the context of " +
                                                       std::to_string(context_tokens_))
                    .With("argument", argument)
                    .With("found", count)
                    .With("expected", context_tokens_));
  }
  for (int64_t i = 0; i < count; ++i) {
    const int64_t id = ids[static_cast<size_t>(i)];
    if (id >= 0 && id < config_.vocab_size) continue;
    return Fail(Error(ErrorCode::kTokenOutOfRange,
                      "token " + std::to_string(id) + " at position " + std::to_string(i) +
                          " is outside the vocabulary of " + std::to_string(config_.vocab_size))
                    .With("argument", argument)
                    .With("position", i)
                    .With("found", id)
                    .With("expected", config_.vocab_size));
  }
  return {};
}

void CausalLm::WriteTokens(std::span<const int32_t> ids, int64_t first) {
  backend_->Write(tokens_, first, BytesOf(ids));
}

void CausalLm::SubmitNorm(const Tensor& weight, const Tensor& bias, const OpParams& params) {
  if (config_.architecture == Architecture::kLlama) {
    RmsNorm(*backend_, hidden_, weight, normed_, params);
  } else {
    LayerNorm(*backend_, hidden_, weight, bias, normed_, params);
  }
}

void CausalLm::SubmitLayer(const LayerWeights& layer, const KvCache& cache, size_t index,
                           OpParams params) {
  Backend& b = *backend_;
  SubmitNorm(layer.attention_norm, layer.attention_norm_bias, params);
  Linear(b, normed_, layer.q, layer.q_bias, q_, params);
  Linear(b, normed_, layer.k, layer.k_bias, k_, params);
  Linear(b, normed_, layer.v, layer.v_bias, v_, params);
  if (rope_table_) {
    OpParams keys = params;
    keys.head_count = params.kv_head_count;
    Rope(b, rope_table_, q_, params);
    Rope(b, rope_table_, k_, keys);
  }
  KvAppend(b, k_, v_, cache.keys[index], cache.values[index], params);
  Attention(b, q_, cache.keys[index], cache.values[index], attended_, params);
  Linear(b, attended_, layer.o, layer.o_bias, normed_, params);
  Add(b, normed_, hidden_, params);
  SubmitNorm(layer.feed_forward_norm, layer.feed_forward_norm_bias, params);
  Linear(b, normed_, layer.up, layer.up_bias, up_, params);
  if (layer.gate) {
    Linear(b, normed_, layer.gate, layer.gate_bias, gate_, params);
    Swiglu(b, up_, gate_, params);
  } else {
    GeluTanh(b, up_, params);
  }
  Linear(b, layer.gate ? gate_ : up_, layer.down, layer.down_bias, normed_, params);
  Add(b, normed_, hidden_, params);
}

void CausalLm::SubmitForward(int64_t first, int64_t rows) {
  REPRISE_CHECK(rows <= kChunkTokens && first + rows <= context_tokens_, "a chunk fits");
  REPRISE_CHECK(hidden_ && wanted_.empty(), "a model is prepared before it computes");
  OpParams params;
  params.rows = rows;
  params.position = first;
  params.head_count = config_.head_count;
  params.kv_head_count = config_.kv_head_count;
  params.head_size = config_.head_size;
  params.epsilon = static_cast<float>(config_.norm_epsilon);
  OpParams embedding = params;
  embedding.first = first;
  Embedding(*backend_, weights_.token_embedding, tokens_, weights_.position_embedding, hidden_,
            embedding);
  for (size_t i = 0; i < weights_.layers.size(); ++i) {
    SubmitLayer(weights_.layers[i], cache_, i, params);
  }
  SubmitNorm(weights_.final_norm, weights_.final_norm_bias, params);
}

void CausalLm::SubmitLogits(int64_t row, int64_t rows, const Tensor& logits) {
  OpParams params;
  params.rows = rows;
  params.first = row;
  Linear(*backend_, normed_, weights_.output, {}, logits, params);
}

}  // namespace reprise
