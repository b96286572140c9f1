// swiglu, gelu_tanh and add: element by element.
#pragma once

#include "backend/backend.h"

namespace reprise {

// gate = silu(gate) up, silu(x) = x / (1 + e^-x) (Shazeer 2020, eq. 6). Both [>= rows, F] f32.
inline void Swiglu(Backend& backend, const Tensor& up, const Tensor& gate, const OpParams& params) {
  REPRISE_CHECK(up.shape == gate.shape && params.rows <= up.shape[0], "swiglu: shapes agree");
  backend.Submit({OpId::kSwiglu, {up}, {gate}, params});
}

// x = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 (Hendrycks and Gimpel 2016), in place.
inline void GeluTanh(Backend& backend, const Tensor& x, const OpParams& params) {
  REPRISE_CHECK(params.rows <= x.shape[0], "gelu_tanh: shapes agree");
  backend.Submit({OpId::kGeluTanh, {}, {x}, params});
}

// y = y + x. Both [>= rows, C] f32.
inline void Add(Backend& backend, const Tensor& x, const Tensor& y, const OpParams& params) {
  REPRISE_CHECK(x.shape[1] == y.shape[1] && params.rows <= x.shape[0] && params.rows <= y.shape[0],
                "add: shapes agree");
  backend.Submit({OpId::kAdd, {x}, {y}, params});
}

}  // namespace reprise
