#include "backend/backend.h"

namespace reprise {

std::string_view OpName(OpId op) {
  switch (op) {
    case OpId::kEmbedding:
      return "embedding";
    case OpId::kLinear:
      return "linear";
    case OpId::kRmsNorm:
      return "rms_norm";
    case OpId::kLayerNorm:
      return "layer_norm";
    case OpId::kRope:
      return "rope";
    case OpId::kKvAppend:
      return "kv_append";
    case OpId::kAttention:
      return "attention";
    case OpId::kSwiglu:
      return "swiglu";
    case OpId::kGeluTanh:
      return "gelu_tanh";
    case OpId::kAdd:
      return "add";
    case OpId::kTokenLogprob:
      return "token_logprob";
  }
  return "unknown";
}

}  // namespace reprise
