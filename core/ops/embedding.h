// embedding: rows of a table by token id.
#pragma once

#include "backend/backend.h"

namespace reprise {

// x[r] = table[ids[first + r]] (+ positions[position + r] where positions are learned).
// table: [V, C], a matrix_nk of any float dtype. ids: [>= first + rows] i32, each in 0 … V - 1.
// positions: [T, C] row_major or none. x: [>= rows, C] f32.
inline void Embedding(Backend& backend, const Tensor& table, const Tensor& ids,
                      const Tensor& positions, const Tensor& x, const OpParams& params) {
  REPRISE_CHECK(table.layout == Layout::kMatrixNk && table.shape[1] == x.shape[1] &&
                    params.rows <= x.shape[0] && params.first + params.rows <= ids.shape[0],
                "embedding: shapes agree");
  REPRISE_CHECK(!positions || params.position + params.rows <= positions.shape[0],
                "embedding: positions lie inside the table");
  backend.Submit({OpId::kEmbedding, {table, ids, positions}, {x}, params});
}

}  // namespace reprise
