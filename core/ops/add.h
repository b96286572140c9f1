// add: a sum, element by element.
#pragma once

#include "backend/backend.h"

namespace reprise {

// y = y + x. Both [>= rows, C] f32.
inline void Add(Backend& backend, const Tensor& x, const Tensor& y, const OpParams& params) {
  REPRISE_CHECK(x.shape[1] == y.shape[1] && params.rows <= x.shape[0] && params.rows <= y.shape[0],
                "add: shapes agree");
  backend.Submit({OpId::kAdd, {x}, {y}, params});
}

}  // namespace reprise
