#include "backend/cpu/simd/kernels.h"

namespace reprise::REPRISE_SIMD_LEVEL {

const int kWidth = REPRISE_SIMD_WIDTH;

const Kernel kKernels[kOpCount] = {nullptr,   Linear, RmsNorm,  LayerNorm, Rope,        nullptr,
                                   Attention, Swiglu, GeluTanh, Add,       TokenLogprob};

}  // namespace reprise::REPRISE_SIMD_LEVEL
