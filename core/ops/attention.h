// rope, kv_append and attention: causal attention over a cache of keys and values.
#pragma once

#include "backend/backend.h"

namespace reprise {

// Rotates each head of x in place by its position (Su et al. 2021, eq. 34, in the half-split order
// of Llama): with a = x[i], b = x[i + D/2]: a cos - b sin, b cos + a sin.
// table: [T, D] f32, D/2 cosines and then D/2 sines a position. x: [>= rows, head_count D] f32.
inline void Rope(Backend& backend, const Tensor& table, const Tensor& x, const OpParams& params) {
  REPRISE_CHECK(table.shape[1] == params.head_size && params.head_size % 2 == 0 &&
                    x.shape[1] == params.head_count * params.head_size &&
                    params.position + params.rows <= table.shape[0],
                "rope: shapes agree");
  backend.Submit({OpId::kRope, {table}, {x}, params});
}

// Shapes of the caches of T positions: keys [G, ceil(T / 16), D 16], panels of 16 positions with
// the positions innermost; values [G, T, D rounded up to 16].
inline Shape KeyCacheShape(int64_t kv_heads, int64_t head_size, int64_t tokens) {
  return {kv_heads, (tokens + 15) / 16, head_size * 16};
}
inline Shape ValueCacheShape(int64_t kv_heads, int64_t head_size, int64_t tokens) {
  return {kv_heads, tokens, (head_size + 15) / 16 * 16};
}

// Puts rows of k and v, [>= rows, G D] f32, into the caches at position ….
inline void KvAppend(Backend& backend, const Tensor& k, const Tensor& v, const Tensor& keys,
                     const Tensor& values, const OpParams& params) {
  REPRISE_CHECK(k.shape[1] == params.kv_head_count * params.head_size && k.shape == v.shape &&
                    params.position + params.rows <= values.shape[1],
                "kv_append: shapes agree");
  backend.Submit({OpId::kKvAppend, {k, v}, {keys, values}, params});
}

// y[r, h] = softmax(q[r, h] K^T / sqrt(D)) V over positions 0 … position + r (Vaswani et al. 2017,
// eq. 1), where head h reads key-value head h / (H / G) (Ainslie et al. 2023). q, y: [>= rows, H D]
// f32. A row's bits do not depend on which rows are computed with it.
inline void Attention(Backend& backend, const Tensor& q, const Tensor& keys, const Tensor& values,
                      const Tensor& y, const OpParams& params) {
  REPRISE_CHECK(q.shape == y.shape && q.shape[1] == params.head_count * params.head_size &&
                    params.position + params.rows <= values.shape[1],
                "attention: shapes agree");
  backend.Submit({OpId::kAttention, {q, keys, values}, {y}, params});
}

}  // namespace reprise
