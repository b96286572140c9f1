// The one table of cases that every backend goes through: each op over shapes, dtypes, layouts and
// ranges of rows, with random data from a seed. Test code; the backends' tests run it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backend/backend.h"

namespace reprise {

enum class Fill : uint8_t {
  kUnit,  // uniform in [-1, 1)
  kWide,  // either sign, magnitudes from the subnormals to 2^10, zeros of both signs among them
  kIds,   // 0 … OpCase::id_limit - 1
};

// A tensor of a case; one without dimensions stands for an optional input that is left out.
struct OpTensor {
  DType dtype = DType::kF32;
  Shape shape;
  Layout layout = Layout::kRowMajor;
  Fill fill = Fill::kUnit;
};

struct OpCase {
  std::string name;  // "linear rows=3 …", unique
  OpId op = OpId::kAdd;
  std::vector<OpTensor> inputs;
  std::vector<OpTensor> outputs;  // filled as well: some are inputs, and the rest stays as it is
  OpParams params;
  int64_t id_limit = 1;
  // Subnormal numbers take part: for backends that keep them.
  bool needs_subnormals = false;
};

// Every case. The same on every call.
std::vector<OpCase> OpCases();

// A case on its way: its op is submitted and its outputs are asked for.
struct OpRun {
  std::vector<Tensor> inputs, outputs;
  std::vector<ReadTicket> tickets;  // of the outputs
};

// Submits a case; its tensors are written in a few pieces of an odd number of elements.
OpRun StartOpCase(Backend& backend, const OpCase& c, int64_t seed);

// The bytes of each output, which must be there.
std::vector<std::vector<uint8_t>> FinishOpCase(Backend& backend, const OpRun& run);

// Both, on a backend that needs no host: runs in slices of `work_units`.
std::vector<std::vector<uint8_t>> RunOpCase(Backend& backend, const OpCase& c, int64_t seed,
                                            int64_t work_units);

// How far a backend whose results are `close` may be from the reference backend: the greatest
// difference of an output's elements over their greatest magnitude. Never widened without the
// error's source beside it.
double OpTolerance(OpId op);

}  // namespace reprise
