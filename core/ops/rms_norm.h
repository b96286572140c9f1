// rms_norm: each row divided by its root mean square.
#pragma once

#include "backend/backend.h"

namespace reprise {

// y = x / sqrt(mean(x^2) + epsilon) * weight (Zhang and Sennrich 2019, eq. 4). x, y: [>= rows, C]
// f32, y not x. weight: [C].
inline void RmsNorm(Backend& backend, const Tensor& x, const Tensor& weight, const Tensor& y,
                    const OpParams& params) {
  REPRISE_CHECK(x.shape[1] == y.shape[1] && weight.shape.element_count() == x.shape[1] &&
                    params.rows <= x.shape[0] && params.rows <= y.shape[0],
                "rms_norm: shapes agree");
  backend.Submit({OpId::kRmsNorm, {x, weight}, {y}, params});
}

}  // namespace reprise
