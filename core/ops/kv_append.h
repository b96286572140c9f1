// kv_append: keys and values into their caches.
#pragma once

#include "backend/backend.h"

namespace reprise {

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

}  // namespace reprise
