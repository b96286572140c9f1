#include "backend/testing/op_cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/float_environment.h"
#include "numerics/float16.h"
#include "random/philox.h"

namespace reprise {
namespace {

constexpr DType kFloats[] = {DType::kF32, DType::kF16, DType::kBF16};
constexpr Layout kMatrices[] = {Layout::kMatrixNk, Layout::kMatrixKn};

class CaseList {
 public:
  std::vector<OpCase> Take() && { return std::move(cases_); }

  void Linear(int64_t rows, int64_t outputs, int64_t inputs) {
    int variant = 0;
    for (DType dtype : kFloats) {
      for (Layout layout : kMatrices) {
        // Bias none, f32, f16 and bf16, and the first row, in turn.
        const int bias = variant % 4, first = variant % 3;
        OpCase c = Named(OpId::kLinear, "rows=" + Text(rows) + " N=" + Text(outputs) +
                                            " K=" + Text(inputs) + " " + Text(dtype) +
                                            (layout == Layout::kMatrixNk ? " nk" : " kn") +
                                            " bias=" + Text(bias) + " first=" + Text(first));
        const bool nk = layout == Layout::kMatrixNk;
        c.inputs = {F32({first + rows, inputs}),
                    {dtype, nk ? Shape{outputs, inputs} : Shape{inputs, outputs}, layout},
                    bias == 0 ? OpTensor{} : OpTensor{kFloats[bias - 1], {outputs}}};
        c.outputs = {F32({rows + variant % 2, outputs})};
        c.params.rows = rows;
        c.params.first = first;
        Add(c);
        ++variant;
      }
    }
  }

  void Embedding(int64_t rows, int64_t size) {
    for (DType dtype : kFloats) {
      for (bool has_positions : {false, true}) {
        OpCase c = Named(OpId::kEmbedding, "rows=" + Text(rows) + " C=" + Text(size) + " " +
                                               Text(dtype) + (has_positions ? " positions" : ""));
        c.id_limit = 37;
        c.inputs = {{dtype, {c.id_limit, size}, Layout::kMatrixNk},
                    {DType::kI32, {rows + 5}, Layout::kRowMajor, Fill::kIds},
                    has_positions ? OpTensor{dtype, {rows + 9, size}} : OpTensor{}};
        c.outputs = {F32({rows, size})};
        c.params.rows = rows;
        c.params.first = 2;
        c.params.position = 3;
        Add(c);
      }
    }
  }

  void Norms(int64_t rows, int64_t size) {
    for (DType dtype : kFloats) {
      for (OpId op : {OpId::kRmsNorm, OpId::kLayerNorm}) {
        OpCase c = Named(op, "rows=" + Text(rows) + " C=" + Text(size) + " " + Text(dtype));
        c.inputs = {F32({rows + 1, size}), {dtype, {size}}};
        if (op == OpId::kLayerNorm) c.inputs.push_back({dtype, {size}});
        c.outputs = {F32({rows, size})};
        c.params.rows = rows;
        c.params.epsilon = 1e-5f;
        Add(c);
      }
    }
  }

  void Rope(int64_t rows, int64_t position, int64_t heads, int64_t head_size) {
    OpCase c = Named(OpId::kRope, "rows=" + Text(rows) + " H=" + Text(heads) +
                                      " D=" + Text(head_size) + " at=" + Text(position));
    c.inputs = {F32({position + rows + 2, head_size})};
    c.outputs = {F32({rows, heads * head_size})};
    c.params = {.rows = rows, .position = position, .head_count = heads, .head_size = head_size};
    Add(c);
  }

  void Attention(int64_t rows, int64_t position, int64_t heads, int64_t kv_heads,
                 int64_t head_size) {
    const std::string text = "rows=" + Text(rows) + " at=" + Text(position) + " H=" + Text(heads) +
                             " G=" + Text(kv_heads) + " D=" + Text(head_size);
    const OpParams params = {.rows = rows,
                             .position = position,
                             .head_count = heads,
                             .kv_head_count = kv_heads,
                             .head_size = head_size};
    const int64_t tokens = position + rows + 3;
    const OpTensor keys = F32({kv_heads, (tokens + 15) / 16, head_size * 16});
    const OpTensor values = F32({kv_heads, tokens, (head_size + 15) / 16 * 16});
    OpCase append = Named(OpId::kKvAppend, text);
    append.inputs = {F32({rows, kv_heads * head_size}), F32({rows, kv_heads * head_size})};
    append.outputs = {keys, values};
    append.params = params;
    Add(append);
    OpCase attention = Named(OpId::kAttention, text);
    attention.inputs = {F32({rows, heads * head_size}), keys, values};
    attention.outputs = {F32({rows, heads * head_size})};
    attention.params = params;
    Add(attention);
  }

  void Elementwise(int64_t rows, int64_t size) {
    for (OpId op : {OpId::kSwiglu, OpId::kGeluTanh, OpId::kAdd}) {
      OpCase c = Named(op, "rows=" + Text(rows) + " C=" + Text(size));
      if (op != OpId::kGeluTanh) c.inputs = {F32({rows + 1, size})};
      c.outputs = {F32({rows + 1, size})};
      c.params.rows = rows;
      Add(c);
    }
  }

  void TokenLogprob(int64_t rows, int64_t position, int64_t vocab) {
    OpCase c = Named(OpId::kTokenLogprob,
                     "rows=" + Text(rows) + " V=" + Text(vocab) + " at=" + Text(position));
    c.id_limit = vocab;
    c.inputs = {F32({rows, vocab}),
                {DType::kI32, {position + rows + 1}, Layout::kRowMajor, Fill::kIds}};
    c.outputs = {F32({position + rows, 1})};
    c.params.rows = rows;
    c.params.position = position;
    Add(c);
  }

 private:
  static std::string Text(int64_t value) { return std::to_string(value); }
  static std::string Text(DType dtype) { return std::string(DTypeName(dtype)); }
  static OpTensor F32(const Shape& shape) { return {DType::kF32, shape}; }
  static OpCase Named(OpId op, const std::string& what) {
    OpCase c;
    c.op = op;
    c.name = std::string(OpName(op)) + " " + what;
    return c;
  }
  // Every case comes with plain numbers and with wide ones.
  void Add(OpCase c) {
    cases_.push_back(c);
    c.name += " wide";
    c.needs_subnormals = true;
    for (auto* tensors : {&c.inputs, &c.outputs}) {
      for (OpTensor& t : *tensors) {
        if (t.fill == Fill::kUnit) t.fill = Fill::kWide;
      }
    }
    cases_.push_back(std::move(c));
  }

  std::vector<OpCase> cases_;
};

float RandomFloat(const RandomSource& random, uint64_t i, Fill fill) {
  const float unit = 2 * random.Uniform(2 * i) - 1;
  if (fill == Fill::kUnit) return unit;
  const uint32_t bits = random.Bits(2 * i + 1);
  if (bits >> 28 == 0) return unit < 0 ? -0.0f : 0.0f;
  // Most numbers near 1, or sums would be of the largest alone.
  return bits >> 30 == 3 ? std::ldexp(unit, -150 + static_cast<int>(bits % 161)) : unit;
}

std::vector<uint8_t> RandomBytes(const OpTensor& t, const OpCase& c, int64_t seed,
                                 uint32_t sequence) {
  const ScopedFloatEnvironment environment;
  const auto random = RandomSource::Create(seed, RandomStream::kInit, sequence);
  EXPECT_TRUE(random);
  const int64_t count = t.shape.element_count(), size = SizeInBytes(t.dtype);
  std::vector<uint8_t> bytes(static_cast<size_t>(count * size));
  for (int64_t i = 0; i < count; ++i) {
    const auto position = static_cast<uint64_t>(i);
    uint32_t bits = 0;
    if (t.fill == Fill::kIds) {
      bits = random->Bits(position) % static_cast<uint32_t>(c.id_limit);
    } else {
      const float value = RandomFloat(*random, position, t.fill);
      bits = t.dtype == DType::kF16    ? F32ToF16(value)
             : t.dtype == DType::kBF16 ? F32ToBf16(value)
                                       : std::bit_cast<uint32_t>(value);
    }
    std::memcpy(bytes.data() + i * size, &bits, static_cast<size_t>(size));
  }
  return bytes;
}

}  // namespace

std::vector<OpCase> OpCases() {
  CaseList list;
  // Every number of rows that the tiles treat apart, then shapes with odd ends.
  for (int64_t rows = 1; rows <= 14; ++rows) list.Linear(rows, 40, 20);
  list.Linear(1, 1, 1);
  list.Linear(1, 100, 600);
  list.Linear(3, 17, 256);
  list.Linear(5, 31, 257);
  list.Linear(29, 64, 255);
  list.Linear(33, 200, 600);
  list.Embedding(1, 16);
  list.Embedding(7, 33);
  for (const int64_t size : {1, 5, 16, 64, 100, 1023, 1024, 1025, 2500}) list.Norms(3, size);
  list.Norms(40, 700);
  list.Rope(1, 0, 1, 2);
  list.Rope(5, 7, 3, 8);
  list.Rope(40, 3, 4, 64);
  list.Rope(2, 1, 2, 36);
  list.Attention(1, 0, 1, 1, 1);
  list.Attention(1, 40, 3, 1, 8);
  list.Attention(5, 0, 4, 4, 16);
  list.Attention(7, 14, 6, 2, 20);
  list.Attention(6, 252, 4, 2, 64);
  list.Attention(2, 1021, 5, 1, 24);
  list.Attention(3, 9, 2, 1, 300);
  list.Attention(33, 100, 9, 3, 64);
  for (const int64_t size : {1, 15, 16, 17, 100, 1536}) list.Elementwise(3, size);
  list.Elementwise(40, 1000);
  list.TokenLogprob(1, 0, 1);
  list.TokenLogprob(3, 2, 50);
  list.TokenLogprob(5, 1, 4099);
  return std::move(list).Take();
}

OpRun StartOpCase(Backend& backend, const OpCase& c, int64_t seed) {
  uint32_t sequence = 0;
  const auto make = [&](const std::vector<OpTensor>& from) {
    std::vector<Tensor> tensors;
    for (const OpTensor& t : from) {
      tensors.emplace_back();
      if (t.shape.rank() == 0) continue;
      auto tensor = backend.Allocate(t.dtype, t.shape, t.layout);
      EXPECT_TRUE(tensor) << c.name << ": " << tensor.error().message;
      tensors.back() = *std::move(tensor);
      const std::vector<uint8_t> bytes = RandomBytes(t, c, seed, sequence++);
      const auto size = static_cast<int64_t>(SizeInBytes(t.dtype));
      const int64_t piece = t.shape.element_count() / 3 | 1;
      for (int64_t first = 0; first < t.shape.element_count(); first += piece) {
        const int64_t count = std::min(piece, t.shape.element_count() - first);
        backend.Write(tensors.back(), first,
                      std::span(bytes).subspan(static_cast<size_t>(first * size),
                                               static_cast<size_t>(count * size)));
      }
    }
    return tensors;
  };
  OpRun run;
  run.inputs = make(c.inputs);
  run.outputs = make(c.outputs);
  backend.Submit({c.op, run.inputs, run.outputs, c.params});
  for (const Tensor& t : run.outputs) {
    run.tickets.push_back(backend.Read(t, 0, t.shape.element_count()));
  }
  return run;
}

std::vector<std::vector<uint8_t>> FinishOpCase(Backend& backend, const OpRun& run) {
  std::vector<std::vector<uint8_t>> results(run.tickets.size());
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_TRUE(backend.Poll(run.tickets[i], &results[i]).value_or(false)) << "output " << i;
  }
  return results;
}

std::vector<std::vector<uint8_t>> RunOpCase(Backend& backend, const OpCase& c, int64_t seed,
                                            int64_t work_units) {
  const OpRun run = StartOpCase(backend, c, seed);
  while (backend.Advance(work_units) == BackendState::kWorking) {
  }
  return FinishOpCase(backend, run);
}

double OpTolerance(OpId op) {
  switch (op) {
    case OpId::kEmbedding:
    case OpId::kKvAppend:
      return 0;  // moved, and at most one addition
    case OpId::kAdd:
      return 0;
    case OpId::kRope:
      return 2e-7;  // two products and a sum, which may be fused
    case OpId::kLinear:
    case OpId::kRmsNorm:
    case OpId::kLayerNorm:
      return 2e-6;  // sums of some hundred terms in another order; 1 / sqrt within 2 ULP
    case OpId::kAttention:
      return 5e-6;  // those, and WGSL's exp: within 3 + 2 |x| ULP
    case OpId::kSwiglu:
      return 2e-6;  // WGSL's exp and division
    case OpId::kGeluTanh:
      return 5e-6;  // WGSL's tanh, by its exp
    case OpId::kTokenLogprob:
      return 5e-6;  // WGSL's exp and log over a long sum
  }
  return 0;
}

}  // namespace reprise
