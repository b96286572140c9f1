// swiglu: a gate by silu.
#pragma once

#include "backend/backend.h"

namespace reprise {

// gate = silu(gate) up, silu(x) = x / (1 + e^-x) (Shazeer 2020, eq. 6). Both [>= rows, F] f32.
inline void Swiglu(Backend& backend, const Tensor& up, const Tensor& gate, const OpParams& params) {
  REPRISE_CHECK(up.shape == gate.shape && params.rows <= up.shape[0], "swiglu: shapes agree");
  backend.Submit({OpId::kSwiglu, {up}, {gate}, params});
}

}  // namespace reprise
