// The kernels of one SIMD level. The files of this folder are compiled once a level, with
// REPRISE_SIMD_LEVEL the level's namespace and REPRISE_SIMD_WIDTH its floats a native vector. They
// use no inline function but those of internal linkage and those that are always inlined: a shared
// copy might be the one of a level that the machine lacks (the build checks the symbols).
#pragma once

#include "backend/host/kernel_table.h"
#include "numerics/f32x16.h"

namespace reprise::REPRISE_SIMD_LEVEL {

void Linear(const HostOp& op, int64_t begin, int64_t end, float* scratch);
void RmsNorm(const HostOp& op, int64_t begin, int64_t end, float* scratch);
void LayerNorm(const HostOp& op, int64_t begin, int64_t end, float* scratch);
void Rope(const HostOp& op, int64_t begin, int64_t end, float* scratch);
void Attention(const HostOp& op, int64_t begin, int64_t end, float* scratch);
void Swiglu(const HostOp& op, int64_t begin, int64_t end, float* scratch);
void GeluTanh(const HostOp& op, int64_t begin, int64_t end, float* scratch);
void Add(const HostOp& op, int64_t begin, int64_t end, float* scratch);
void TokenLogprob(const HostOp& op, int64_t begin, int64_t end, float* scratch);

// By OpId; none where the op only moves single elements, which lanes cannot help.
extern const Kernel kKernels[kOpCount];
extern const int kWidth;  // REPRISE_SIMD_WIDTH

}  // namespace reprise::REPRISE_SIMD_LEVEL
