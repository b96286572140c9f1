// token_logprob: how likely the next token was.
#pragma once

#include "backend/backend.h"

namespace reprise {

// logprobs[position + r] = log_softmax(logits[r])[ids[position + r + 1]]. logits: [>= rows, V] f32.
// ids: [>= position + rows + 1] i32. logprobs: [>= position + rows, 1] f32; NaN where a logit of
// the row is NaN or inf.
inline void TokenLogprob(Backend& backend, const Tensor& logits, const Tensor& ids,
                         const Tensor& logprobs, const OpParams& params) {
  REPRISE_CHECK(params.rows <= logits.shape[0] &&
                    params.position + params.rows + 1 <= ids.shape[0] &&
                    params.position + params.rows <= logprobs.shape[0],
                "token_logprob: shapes agree");
  backend.Submit({OpId::kTokenLogprob, {logits, ids}, {logprobs}, params});
}

}  // namespace reprise
