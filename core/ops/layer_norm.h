// layer_norm: each row with mean 0 and variance 1.
#pragma once

#include "backend/backend.h"

namespace reprise {

// y = (x - mean(x)) / sqrt(var(x) + epsilon) * weight + bias, var over C and not C - 1 (Ba, Kiros
// and Hinton 2016). x, y: [>= rows, C] f32, y not x. weight, bias: [C].
inline void LayerNorm(Backend& backend, const Tensor& x, const Tensor& weight, const Tensor& bias,
                      const Tensor& y, const OpParams& params) {
  REPRISE_CHECK(x.shape[1] == y.shape[1] && weight.shape.element_count() == x.shape[1] &&
                    bias.shape.element_count() == x.shape[1] && params.rows <= x.shape[0] &&
                    params.rows <= y.shape[0],
                "layer_norm: shapes agree");
  backend.Submit({OpId::kLayerNorm, {x, weight, bias}, {y}, params});
}

}  // namespace reprise
