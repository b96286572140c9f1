// rope: positions as rotations.
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

}  // namespace reprise
