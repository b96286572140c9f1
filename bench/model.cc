// Decode and prefill of a random model in the shape of SmolLM2-135M, beside what the memory gives
// (each weight is read once a token) and what a matrix product reaches.
#include <bit>
#include <cmath>
#include <cstring>

#include "backend/cpu/cpu_kernels.h"
#include "backend/reference/reference_kernels.h"
#include "bench/bench.h"
#include "bench/product.h"
#include "model/causal_lm.h"
#include "numerics/float16.h"
#include "random/philox.h"

namespace reprise::bench {
namespace {

constexpr int64_t kContext = 768, kPrompt = 512, kDecoded = 24;

ModelConfig SmolLm2(int64_t layers) {
  ModelConfig c;
  c.architecture = Architecture::kLlama;
  c.vocab_size = 49152;
  c.hidden_size = 576;
  c.layer_count = layers;
  c.head_count = 9;
  c.kv_head_count = 3;
  c.head_size = 64;
  c.feed_forward_size = 1536;
  c.context_tokens = 8192;
  c.norm_epsilon = 1e-5;
  c.rope_theta = 100000;
  c.ties_embeddings = true;
  return c;
}

// A safetensors file of random weights, pushed as it is made: uniform in ±0.05.
void LoadRandomWeights(CausalLm& model, DType dtype) {
  const int64_t size = SizeInBytes(dtype);
  const std::string name = dtype == DType::kF32 ? "F32" : dtype == DType::kF16 ? "F16" : "BF16";
  std::string header;
  int64_t elements = 0;
  ModelWeights unused;
  for (const Parameter& p : ListParameters(model.config(), &unused)) {
    const int64_t count = p.shape.element_count();
    header += (header.empty() ? "{\"" : ",\"") + p.name + R"(":{"dtype":")" + name +
              R"(","shape":)" + p.shape.ToString() + R"(,"data_offsets":[)" +
              std::to_string(elements * size) + "," + std::to_string((elements + count) * size) +
              "]}";
    elements += count;
  }
  header += "}";
  WeightLoader& loader = model.loader();
  const auto file_bytes = static_cast<int64_t>(8 + header.size()) + elements * size;
  Require(loader.BeginFile("random", file_bytes).has_value(), "the file begins");
  const uint64_t header_size = header.size();
  std::vector<uint8_t> bytes(8);
  std::memcpy(bytes.data(), &header_size, 8);
  bytes.insert(bytes.end(), header.begin(), header.end());
  Require(loader.Push(bytes).has_value(), "the header is taken");
  constexpr int64_t kPiece = 1 << 18;
  for (int64_t first = 0; first < elements; first += kPiece) {
    const int64_t count = std::min(kPiece, elements - first);
    bytes.resize(static_cast<size_t>(count * size));
    for (int64_t i = 0; i < count; i += 4) {
      const auto random =
          Philox4x32({static_cast<uint32_t>((first + i) / 4), 0, 0, 0}, {20261124, 0});
      for (int64_t j = i; j < std::min(i + 4, count); ++j) {
        const float value =
            (static_cast<float>(random[static_cast<size_t>(j - i)] >> 8) * 0x1p-24f - 0.5f) * 0.1f;
        const uint16_t half = dtype == DType::kF16 ? F32ToF16(value) : F32ToBf16(value);
        const uint32_t bits = size == 4 ? std::bit_cast<uint32_t>(value) : half;
        std::memcpy(bytes.data() + j * size, &bits, static_cast<size_t>(size));
      }
    }
    Require(loader.Push(bytes).has_value(), "the weights are taken");
  }
  Require(loader.EndFile() && loader.Finish(), "the model is whole");
}

class RandomModel {
 public:
  RandomModel(const KernelTable& kernels, int threads, DType dtype, int64_t layers)
      : pool_(threads) {
    auto backend = std::make_unique<HostBackend>(&kernels, &pool_, &budget_);
    auto model = CausalLm::Create(SmolLm2(layers), std::move(backend), kContext);
    Require(model.has_value(), "memory suffices");
    model_ = *std::move(model);
    Require(model_->Prepare(INT64_MAX).value_or(false), "memory suffices");
    LoadRandomWeights(*model_, dtype);
    std::vector<int32_t> ids(kContext);
    for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int32_t>(i * 7919 % 49152);
    model_->WriteTokens(ids, 0);
  }

  // Positions [first, first + count), in pieces of `rows`, and the logits of the last.
  std::vector<float> Forward(int64_t first, int64_t count, int64_t rows) {
    for (int64_t at = first; at < first + count; at += rows) {
      const int64_t piece = std::min(rows, first + count - at);
      model_->SubmitForward(at, piece);
      if (at + piece == first + count) model_->SubmitLogits(piece - 1, 1, model_->last_logits());
    }
    const ReadTicket ticket =
        model_->backend().Read(model_->last_logits(), 0, model_->config().vocab_size);
    while (model_->backend().Advance(1000) == BackendState::kWorking) {
    }
    std::vector<uint8_t> bytes;
    Require(model_->backend().Poll(ticket, &bytes).value_or(false), "the logits have come");
    std::vector<float> logits(bytes.size() / 4);
    std::memcpy(logits.data(), bytes.data(), bytes.size());
    Require(std::isfinite(logits[0]), "logits are finite");
    return logits;
  }

 private:
  ThreadPool pool_;
  MemoryBudget budget_;
  std::unique_ptr<CausalLm> model_;
};

// Multiply-adds of the matrix products and the attention of a prompt, and weights that a decoded
// token reads.
double PromptFlops(const ModelConfig& c, int64_t tokens) {
  const int64_t q = c.head_count * c.head_size, kv = c.kv_head_count * c.head_size;
  const int64_t layer = c.hidden_size * (2 * q + 2 * kv + 3 * c.feed_forward_size);
  const int64_t attention = tokens * (tokens + 1) / 2 * 2 * q;
  return 2.0 * static_cast<double>(c.layer_count * (layer * tokens + attention) +
                                   c.vocab_size * c.hidden_size);
}
double WeightBytes(const ModelConfig& c, DType dtype) {
  const int64_t q = c.head_count * c.head_size, kv = c.kv_head_count * c.head_size;
  const int64_t layer = c.hidden_size * (2 * q + 2 * kv + 3 * c.feed_forward_size);
  return static_cast<double>((c.layer_count * layer + c.vocab_size * c.hidden_size) *
                             SizeInBytes(dtype));
}

void CheckAgainstReference(const Options& options) {
  RandomModel found(CpuKernels(options.level), options.threads, options.dtype, 2);
  RandomModel expected(ReferenceKernels(), 1, options.dtype, 2);
  Require(found.Forward(0, 5, 5) == expected.Forward(0, 5, 5),
          "two layers give the reference backend's logits");
}

}  // namespace

void Model(const Options& options) {
  CheckAgainstReference(options);
  const ModelConfig config = SmolLm2(30);
  RandomModel model(CpuKernels(options.level), options.threads, options.dtype, 30);
  Require(model.Forward(0, 40, CausalLm::kChunkTokens) == model.Forward(0, 40, 1),
          "prefill and decode give the same logits");
  Product product(CpuKernels(options.level), options.threads, DType::kF32, kProductSize);
  MemoryReader memory(options.level, int64_t{512} << 20);
  std::vector<double> decode, prefill, bandwidth, rate, decode_share, prefill_share;
  for (int round = 0; round < options.rounds; ++round) {
    bandwidth.push_back(memory.BytesPerSecond(options.threads));
    decode.push_back(kDecoded / Time([&] { model.Forward(kPrompt, kDecoded, 1); }));
    decode_share.push_back(decode.back() * WeightBytes(config, options.dtype) / bandwidth.back());
    rate.push_back(product.flops() / Time([&] { product.Run(); }));
    prefill.push_back(kPrompt / Time([&] { model.Forward(0, kPrompt, CausalLm::kChunkTokens); }));
    prefill_share.push_back(prefill.back() / kPrompt * PromptFlops(config, kPrompt) / rate.back());
  }
  Report("model", options,
         {{"decode_tokens_per_s", Median(decode)},
          {"memory_gb_per_s", Median(bandwidth) / 1e9},
          {"decode_share_of_memory", Median(decode_share)},
          {"prefill_tokens_per_s", Median(prefill)},
          {"matmul_gflops", Median(rate) / 1e9},
          {"prefill_share_of_matmul", Median(prefill_share)}});
}

}  // namespace reprise::bench
