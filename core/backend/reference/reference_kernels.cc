#include "backend/reference/reference_kernels.h"

#include <bit>
#include <cmath>

#include "numerics/elementary.h"
#include "numerics/float16.h"
#include "numerics/lane_sum.h"

namespace reprise {
namespace {

float Element(const HostTensor& tensor, int64_t index) {
  switch (tensor.dtype) {
    case DType::kF16:
      return F16ToF32(tensor.u16()[index]);
    case DType::kBF16:
      return Bf16ToF32(tensor.u16()[index]);
    default:
      return tensor.f32()[index];
  }
}

float Weight(const HostTensor& matrix, int64_t n, int64_t k) {
  return Element(matrix, (n / kPanel * matrix.size[1] + k) * kPanel + n % kPanel);
}

// LaneSum in scalar code: f(0) … f(count - 1) in 16 lanes (element i goes to lane i mod 16), in
// blocks of kLaneBlock elements; block sums are added lane by lane, and the lanes by the tree of
// SumLanes.
template <typename F>
float ScalarLaneSum(int64_t count, F f) {
  float total[kLanes] = {};
  for (int64_t block = 0; block < count; block += kLaneBlock) {
    float lane[kLanes] = {};
    for (int64_t i = block; i < block + kLaneBlock && i < count; ++i) lane[i % kLanes] += f(i);
    for (int l = 0; l < kLanes; ++l) total[l] += lane[l];
  }
  return SumLanes(Load(total));
}

// Sum of f(0) … f(count - 1) in blocks of 256, each ascending, the block sums ascending.
template <typename F>
float BlockSum(int64_t count, F f) {
  float total = 0;
  for (int64_t block = 0; block < count; block += kSumBlock) {
    float sum = 0;
    for (int64_t i = block; i < block + kSumBlock && i < count; ++i) sum += f(i);
    total += sum;
  }
  return total;
}

void Embedding(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.out[0].size[1];
  for (int64_t row = begin; row < end; ++row) {
    const int64_t id = op.in[1].i32()[op.params.first + row];
    float* out = op.out[0].f32() + row * size;
    for (int64_t c = 0; c < size; ++c) {
      out[c] = Weight(op.in[0], id, c);
      if (op.in[2]) out[c] += Element(op.in[2], (op.params.position + row) * size + c);
    }
  }
}

void Linear(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t outputs = op.in[1].size[0], inputs = op.in[1].size[1];
  for (int64_t n = begin * kPanel; n < end * kPanel && n < outputs; ++n) {
    for (int64_t row = 0; row < op.params.rows; ++row) {
      const float* x = op.in[0].f32() + (op.params.first + row) * inputs;
      float y = BlockSum(inputs, [&](int64_t k) { return x[k] * Weight(op.in[1], n, k); });
      if (op.in[2]) y += Element(op.in[2], n);
      op.out[0].f32()[row * outputs + n] = y;
    }
  }
}

void RmsNorm(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.out[0].size[1];
  for (int64_t row = begin; row < end; ++row) {
    const float* x = op.in[0].f32() + row * size;
    const float squares = ScalarLaneSum(size, [&](int64_t i) { return x[i] * x[i]; });
    const float scale = 1.0f / std::sqrt(squares / static_cast<float>(size) + op.params.epsilon);
    for (int64_t i = 0; i < size; ++i) {
      op.out[0].f32()[row * size + i] = x[i] * scale * Element(op.in[1], i);
    }
  }
}

void LayerNorm(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.out[0].size[1];
  const auto count = static_cast<float>(size);
  for (int64_t row = begin; row < end; ++row) {
    const float* x = op.in[0].f32() + row * size;
    const float mean = ScalarLaneSum(size, [&](int64_t i) { return x[i]; }) / count;
    const float squares =
        ScalarLaneSum(size, [&](int64_t i) { return (x[i] - mean) * (x[i] - mean); });
    const float scale = 1.0f / std::sqrt(squares / count + op.params.epsilon);
    for (int64_t i = 0; i < size; ++i) {
      op.out[0].f32()[row * size + i] =
          (x[i] - mean) * scale * Element(op.in[1], i) + Element(op.in[2], i);
    }
  }
}

void Rope(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.params.head_size, half = size / 2;
  for (int64_t row = begin; row < end; ++row) {
    const float* cosine = op.in[0].f32() + (op.params.position + row) * size;
    const float* sine = cosine + half;
    for (int64_t head = 0; head < op.params.head_count; ++head) {
      float* x = op.out[0].f32() + (row * op.params.head_count + head) * size;
      for (int64_t i = 0; i < half; ++i) {
        const float a = x[i], b = x[i + half];
        x[i] = a * cosine[i] - b * sine[i];
        x[i + half] = b * cosine[i] + a * sine[i];
      }
    }
  }
}

void KvAppend(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.params.head_size, heads = op.params.kv_head_count;
  const int64_t key_stride = op.out[0].size[1] * op.out[0].size[2];
  const int64_t value_size = op.out[1].size[2], value_stride = op.out[1].size[1] * value_size;
  for (int64_t row = begin; row < end; ++row) {
    const int64_t position = op.params.position + row;
    for (int64_t head = 0; head < heads; ++head) {
      float* key = op.out[0].f32() + head * key_stride + position / kPanel * size * kPanel +
                   position % kPanel;
      float* value = op.out[1].f32() + head * value_stride + position * value_size;
      for (int64_t d = 0; d < size; ++d) {
        key[d * kPanel] = op.in[0].f32()[(row * heads + head) * size + d];
        value[d] = op.in[1].f32()[(row * heads + head) * size + d];
      }
    }
  }
}

void Attention(const HostOp& op, int64_t begin, int64_t end, float* score) {
  const OpParams& p = op.params;
  const int64_t size = p.head_size;
  const int64_t key_stride = op.in[1].size[1] * op.in[1].size[2];
  const int64_t value_size = op.in[2].size[2], value_stride = op.in[2].size[1] * value_size;
  const float scale = 1.0f / std::sqrt(static_cast<float>(size));
  for (int64_t item = begin; item < end; ++item) {
    const auto [row, head, kv_head] = AttentionItem(p, item);
    const int64_t count = p.position + row + 1;
    const float* q = op.in[0].f32() + (row * p.head_count + head) * size;
    const float* keys = op.in[1].f32() + kv_head * key_stride;
    const float* values = op.in[2].f32() + kv_head * value_stride;
    float largest = -INFINITY;
    for (int64_t j = 0; j < count; ++j) {
      const float* key = keys + j / kPanel * size * kPanel + j % kPanel;
      score[j] = BlockSum(size, [&](int64_t d) { return q[d] * key[d * kPanel]; }) * scale;
      if (score[j] > largest) largest = score[j];
    }
    for (int64_t j = 0; j < count; ++j) score[j] = ExpF32(score[j] - largest);
    const float sum = ScalarLaneSum(count, [&](int64_t j) { return score[j]; });
    for (int64_t d = 0; d < size; ++d) {
      const float y =
          BlockSum(count, [&](int64_t j) { return score[j] * values[j * value_size + d]; });
      op.out[0].f32()[(row * p.head_count + head) * size + d] = y / sum;
    }
  }
}

void Swiglu(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.out[0].size[1];
  for (int64_t i = begin * size; i < end * size; ++i) {
    float& x = op.out[0].f32()[i];
    x = x / (1.0f + ExpF32(-x)) * op.in[0].f32()[i];
  }
}

void GeluTanh(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.out[0].size[1];
  for (int64_t i = begin * size; i < end * size; ++i) {
    float& x = op.out[0].f32()[i];
    const float inner = 0.797884561f * (x + 0.044715f * x * x * x);
    x = 0.5f * x * (1.0f + TanhF32(inner));
  }
}

void Add(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.out[0].size[1];
  for (int64_t i = begin * size; i < end * size; ++i) op.out[0].f32()[i] += op.in[0].f32()[i];
}

void TokenLogprob(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.in[0].size[1];
  for (int64_t row = begin; row < end; ++row) {
    const float* logits = op.in[0].f32() + row * size;
    float largest = -INFINITY;
    for (int64_t i = 0; i < size; ++i) largest = logits[i] > largest ? logits[i] : largest;
    const float sum = ScalarLaneSum(size, [&](int64_t i) { return ExpF32(logits[i] - largest); });
    const int64_t position = op.params.position + row;
    op.out[0].f32()[position] = logits[op.in[1].i32()[position + 1]] - largest - LogF32(sum);
  }
}

}  // namespace

const KernelTable& ReferenceKernels() {
  static constexpr KernelTable table = {"reference",
                                        1,
                                        {Embedding, Linear, RmsNorm, LayerNorm, Rope, KvAppend,
                                         Attention, Swiglu, GeluTanh, Add, TokenLogprob}};
  return table;
}

}  // namespace reprise
