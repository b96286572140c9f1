// attention: causal attention over the caches of kv_append.
#pragma once

#include "backend/backend.h"

namespace reprise {

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
