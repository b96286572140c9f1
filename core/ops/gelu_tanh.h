// gelu_tanh: an activation, element by element.
#pragma once

#include "backend/backend.h"

namespace reprise {

// x = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 (Hendrycks and Gimpel 2016), in place.
inline void GeluTanh(Backend& backend, const Tensor& x, const OpParams& params) {
  REPRISE_CHECK(params.rows <= x.shape[0], "gelu_tanh: shapes agree");
  backend.Submit({OpId::kGeluTanh, {}, {x}, params});
}

}  // namespace reprise
