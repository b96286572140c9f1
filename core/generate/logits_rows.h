// The piece of a [rows, vocabulary] matrix of logits that is held at a time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/causal_lm.h"

namespace reprise {

// Logits for as many rows as 16 MiB hold, at least 1 and at most `rows` or a forward's chunk.
// Errors: out_of_memory.
inline Result<Tensor> AllocateLogits(CausalLm& model, int64_t rows) {
  constexpr int64_t kElements = int64_t{4} << 20;
  const int64_t vocab_size = model.config().vocab_size;
  const int64_t most = std::min(rows, CausalLm::kChunkTokens);
  return model.backend().Allocate(
      DType::kF32, {std::clamp<int64_t>(kElements / vocab_size, 1, most), vocab_size},
      Layout::kRowMajor);
}

}  // namespace reprise
