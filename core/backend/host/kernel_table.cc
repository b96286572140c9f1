#include "backend/host/kernel_table.h"

#include <algorithm>

namespace reprise {

int64_t ItemCount(const HostOp& op) {
  switch (op.id) {
    case OpId::kLinear:
      return (op.in[1].size[0] + kPanel - 1) / kPanel;
    case OpId::kAttention:
      return op.params.rows * op.params.head_count;
    default:
      return op.params.rows;
  }
}

int64_t ItemCost(const HostOp& op) {
  const OpParams& p = op.params;
  switch (op.id) {
    case OpId::kLinear:
      return p.rows * op.in[1].size[1] * kPanel;
    case OpId::kAttention:
      return (p.position + p.rows) * (2 * p.head_size + 16);
    case OpId::kTokenLogprob:
      return op.in[0].size[1] * 16;
    case OpId::kEmbedding:
      return op.out[0].size[1] * 2;
    case OpId::kRope:
    case OpId::kKvAppend:
      return p.head_size * (p.head_count + p.kv_head_count) * 2;
    default:
      return op.out[0].size[1] * (op.id == OpId::kAdd ? 1 : 12);
  }
}

int64_t ItemGroup(const HostOp& op) {
  if (op.id == OpId::kLinear) return op.params.rows == 1 ? 1 : kTilePanels;
  if (op.id == OpId::kAttention) {
    return std::min(kAttentionRows,
                    op.params.rows * op.params.head_count / op.params.kv_head_count);
  }
  return 1;
}

int64_t ScratchFloats(const HostOp& op) {
  if (op.id == OpId::kLinear) {
    // Widened panels of a k block, a block of rows with a line of the cache between them, and
    // panels of outputs.
    return op.params.rows == 1
               ? 0
               : kTilePanels * kPanel * (kSumBlock + kRowBlock) + kRowBlock * (kSumBlock + kPanel);
  }
  if (op.id == OpId::kAttention) {
    return kAttentionRows * ((op.params.position + op.params.rows + kPanel - 1) / kPanel * kPanel);
  }
  return 0;
}

}  // namespace reprise
