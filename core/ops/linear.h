// linear: a matrix product with a weight.
#pragma once

#include "backend/backend.h"

namespace reprise {

// y[r] = x[first + r] W^T (+ bias). x: [>= first + rows, K] f32. weight: N outputs and K inputs as
// matrix_nk or matrix_kn, any float dtype. bias: [N] or none. y: [>= rows, N] f32.
// Each sum over k goes in blocks of 256, as docs/numerics.md says.
inline void Linear(Backend& backend, const Tensor& x, const Tensor& weight, const Tensor& bias,
                   const Tensor& y, const OpParams& params) {
  const bool nk = weight.layout == Layout::kMatrixNk;
  const int64_t outputs = weight.shape[nk ? 0 : 1], inputs = weight.shape[nk ? 1 : 0];
  REPRISE_CHECK(weight.layout != Layout::kRowMajor && x.shape[1] == inputs &&
                    y.shape[1] == outputs && params.rows <= y.shape[0] &&
                    params.first + params.rows <= x.shape[0] &&
                    (!bias || bias.shape.element_count() == outputs),
                "linear: shapes agree");
  backend.Submit({OpId::kLinear, {x, weight, bias}, {y}, params});
}

}  // namespace reprise
