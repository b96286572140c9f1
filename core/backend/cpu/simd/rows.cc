// The ops that go row by row: norms, rope, elementwise ops and token_logprob.
#include "backend/cpu/simd/chunks.h"
#include "backend/cpu/simd/kernels.h"
#include "numerics/elementary.h"

namespace reprise::REPRISE_SIMD_LEVEL {

void RmsNorm(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.out[0].size[1];
  for (int64_t row = begin; row < end; ++row) {
    const float* x = op.in[0].f32() + row * size;
    float* y = op.out[0].f32() + row * size;
    const float squares = LaneSum(size, [&](int64_t i, int count) REPRISE_LAMBDA {
      const f32x16 a = LoadChunk(x + i, count);
      return a * a;
    });
    const f32x16 scale =
        Splat(1.0f / __builtin_sqrtf(squares / static_cast<float>(size) + op.params.epsilon));
    ForChunks(0, size, [&](int64_t i, int count) REPRISE_LAMBDA {
      StoreChunk(y + i, count, LoadChunk(x + i, count) * scale * LoadWeights(op.in[1], i));
    });
  }
}

void LayerNorm(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.out[0].size[1];
  const auto count_f32 = static_cast<float>(size);
  for (int64_t row = begin; row < end; ++row) {
    const float* x = op.in[0].f32() + row * size;
    float* y = op.out[0].f32() + row * size;
    const float mean = LaneSum(size, [&](int64_t i, int count)
                                         REPRISE_LAMBDA { return LoadChunk(x + i, count); }) /
                       count_f32;
    const float squares = LaneSum(size, [&](int64_t i, int count) REPRISE_LAMBDA {
      const f32x16 a = LoadChunk(x + i, count) - Splat(mean);
      return KeepChunk(a * a, count);
    });
    const float scale = 1.0f / __builtin_sqrtf(squares / count_f32 + op.params.epsilon);
    ForChunks(0, size, [&](int64_t i, int count) REPRISE_LAMBDA {
      const f32x16 a = (LoadChunk(x + i, count) - Splat(mean)) * Splat(scale);
      StoreChunk(y + i, count, a * LoadWeights(op.in[1], i) + LoadWeights(op.in[2], i));
    });
  }
}

void Rope(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.params.head_size, half = size / 2, heads = op.params.head_count;
  for (int64_t row = begin; row < end; ++row) {
    const float* cosine = op.in[0].f32() + (op.params.position + row) * size;
    const float* sine = cosine + half;
    for (int64_t head = 0; head < heads; ++head) {
      float* x = op.out[0].f32() + (row * heads + head) * size;
      ForChunks(0, half, [&](int64_t i, int count) REPRISE_LAMBDA {
        const f32x16 a = LoadChunk(x + i, count), b = LoadChunk(x + half + i, count);
        const f32x16 c = LoadChunk(cosine + i, count), s = LoadChunk(sine + i, count);
        StoreChunk(x + i, count, a * c - b * s);
        StoreChunk(x + half + i, count, b * c + a * s);
      });
    }
  }
}

void Swiglu(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.out[0].size[1];
  const float* up = op.in[0].f32();
  float* gate = op.out[0].f32();
  ForChunks(begin * size, end * size, [&](int64_t i, int count) REPRISE_LAMBDA {
    const f32x16 x = LoadChunk(gate + i, count);
    const f32x16 silu = x / (Splat(1.0f) + Exp(Splat(0.0f) - x));
    StoreChunk(gate + i, count, silu * LoadChunk(up + i, count));
  });
}

void GeluTanh(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.out[0].size[1];
  float* values = op.out[0].f32();
  ForChunks(begin * size, end * size, [&](int64_t i, int count) REPRISE_LAMBDA {
    const f32x16 x = LoadChunk(values + i, count);
    const f32x16 inner = Splat(0.797884561f) * (x + Splat(0.044715f) * x * x * x);
    StoreChunk(values + i, count, Splat(0.5f) * x * (Splat(1.0f) + Tanh(inner)));
  });
}

void Add(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.out[0].size[1];
  const float* x = op.in[0].f32();
  float* y = op.out[0].f32();
  ForChunks(begin * size, end * size, [&](int64_t i, int count) REPRISE_LAMBDA {
    StoreChunk(y + i, count, LoadChunk(y + i, count) + LoadChunk(x + i, count));
  });
}

void TokenLogprob(const HostOp& op, int64_t begin, int64_t end, float*) {
  const int64_t size = op.in[0].size[1];
  for (int64_t row = begin; row < end; ++row) {
    const float* logits = op.in[0].f32() + row * size;
    f32x16 top = Splat(-__builtin_inff());
    ForChunks(0, size, [&](int64_t i, int count) REPRISE_LAMBDA {
      const f32x16 a =
          count == kLanes ? Load(logits + i) : LoadPartial(logits + i, count, -__builtin_inff());
      top = Max(top, a);
    });
    const float largest = MaxLanes(top);
    const float sum = LaneSum(size, [&](int64_t i, int count) REPRISE_LAMBDA {
      return KeepChunk(Exp(LoadChunk(logits + i, count) - Splat(largest)), count);
    });
    float log_sum[kLanes];
    Store(log_sum, Log(Splat(sum)));
    const int64_t position = op.params.position + row;
    op.out[0].f32()[position] = logits[op.in[1].i32()[position + 1]] - largest - log_sum[0];
  }
}

}  // namespace reprise::REPRISE_SIMD_LEVEL
