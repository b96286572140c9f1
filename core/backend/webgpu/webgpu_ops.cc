// How each op becomes dispatches: grids, parameters and buffers of its kernel.
#include "backend/webgpu/webgpu_backend.h"

namespace reprise {
namespace {

uint32_t U32(int64_t value) {
  REPRISE_CHECK(value >= 0 && value <= UINT32_MAX, "a kernel's parameter holds 32 bits");
  return static_cast<uint32_t>(value);
}

// What a kernel's constants call an element type; 0 stands for a tensor that is not there.
uint32_t DTypeConstant(const Tensor& tensor) {
  return tensor ? static_cast<uint32_t>(tensor.dtype) : 0;
}

uint32_t GroupsFor(int64_t items, uint32_t workgroup_size) {
  return U32((items + workgroup_size - 1) / workgroup_size);
}

}  // namespace

using webgpu::AddKernel;
using webgpu::AttentionKernel;
using webgpu::EmbeddingKernel;
using webgpu::GeluTanhKernel;
using webgpu::KvAppendKernel;
using webgpu::LayerNormKernel;
using webgpu::LinearKernel;
using webgpu::RmsNormKernel;
using webgpu::RopeKernel;
using webgpu::SwigluKernel;
using webgpu::TokenLogprobKernel;

void WebGpuBackend::Submit(OpCall call) {
  has_work_since_ = true;
  switch (call.op) {
    case OpId::kEmbedding:
      return SubmitEmbedding(call);
    case OpId::kLinear:
      return SubmitLinear(call);
    case OpId::kRmsNorm:
      return SubmitRmsNorm(call);
    case OpId::kLayerNorm:
      return SubmitLayerNorm(call);
    case OpId::kRope:
      return SubmitRope(call);
    case OpId::kKvAppend:
      return SubmitKvAppend(call);
    case OpId::kAttention:
      return SubmitAttention(call);
    case OpId::kSwiglu:
      return SubmitSwiglu(call);
    case OpId::kGeluTanh:
      return SubmitGeluTanh(call);
    case OpId::kAdd:
      return SubmitAdd(call);
    case OpId::kTokenLogprob:
      return SubmitTokenLogprob(call);
  }
}

// One dispatch a segment of the table; each writes the rows whose ids it holds.
void WebGpuBackend::SubmitEmbedding(const OpCall& call) {
  const Tensor &table = call.inputs[0], &positions = call.inputs[2], &x = call.outputs[0];
  for (const WebGpuSegment& segment : StorageOf(table).segments) {
    EmbeddingKernel::Params params;
    params.first = U32(call.params.first);
    params.position = U32(call.params.position);
    params.columns = U32(x.shape[1]);
    params.row_begin = U32(segment.first_row);
    params.row_end = U32(segment.first_row + segment.rows);
    // A binding must be there; without positions the table stands in and is not read.
    const BufferId position_buffer = positions ? Buffer(positions) : segment.buffer;
    device_->Dispatch<EmbeddingKernel>(
        {GroupsFor(x.shape[1], EmbeddingKernel::kWorkgroupSize), U32(call.params.rows), 1},
        {DTypeConstant(table), DTypeConstant(positions)}, params,
        {segment.buffer, Buffer(call.inputs[1]), position_buffer, Buffer(x)});
  }
}

void WebGpuBackend::SubmitLinear(const OpCall& call) {
  for (const WebGpuSegment& segment : StorageOf(call.inputs[1]).segments) {
    SubmitLinearSegment(call, segment);
  }
}

// Rows of a matrix_nk are outputs; rows of a matrix_kn are inputs, whose sums later segments go on.
void WebGpuBackend::SubmitLinearSegment(const OpCall& call, const WebGpuSegment& segment) {
  const Tensor &x = call.inputs[0], &weight = call.inputs[1], &bias = call.inputs[2];
  const bool nk = weight.layout == Layout::kMatrixNk;
  const int64_t end = segment.first_row + segment.rows;
  LinearKernel::Params params;
  params.first = U32(call.params.first);
  params.outputs = U32(weight.shape[nk ? 0 : 1]);
  params.inputs = U32(weight.shape[nk ? 1 : 0]);
  params.n_begin = nk ? U32(segment.first_row) : 0;
  params.n_end = nk ? U32(end) : params.outputs;
  params.k_begin = nk ? 0 : U32(segment.first_row);
  params.k_end = nk ? params.inputs : U32(end);
  params.n_stride = nk ? params.inputs : 1;
  params.k_stride = nk ? 1 : params.outputs;
  params.accumulate = params.k_begin > 0 ? 1 : 0;
  // A binding must be there; without a bias the weight stands in and is not read.
  const BufferId bias_buffer = bias ? Buffer(bias) : segment.buffer;
  device_->Dispatch<LinearKernel>(
      {GroupsFor(params.n_end - params.n_begin, LinearKernel::kWorkgroupSize),
       U32(call.params.rows), 1},
      {DTypeConstant(weight), DTypeConstant(bias)}, params,
      {Buffer(x), segment.buffer, bias_buffer, Buffer(call.outputs[0])});
}

void WebGpuBackend::SubmitRmsNorm(const OpCall& call) {
  const Tensor &x = call.inputs[0], &weight = call.inputs[1];
  device_->Dispatch<RmsNormKernel>({U32(call.params.rows), 1, 1}, {DTypeConstant(weight)},
                                   {U32(x.shape[1]), call.params.epsilon},
                                   {Buffer(x), Buffer(weight), Buffer(call.outputs[0])});
}

void WebGpuBackend::SubmitLayerNorm(const OpCall& call) {
  const Tensor &x = call.inputs[0], &weight = call.inputs[1], &bias = call.inputs[2];
  device_->Dispatch<LayerNormKernel>(
      {U32(call.params.rows), 1, 1}, {DTypeConstant(weight), DTypeConstant(bias)},
      {U32(x.shape[1]), call.params.epsilon},
      {Buffer(x), Buffer(weight), Buffer(bias), Buffer(call.outputs[0])});
}

void WebGpuBackend::SubmitRope(const OpCall& call) {
  const OpParams& p = call.params;
  const int64_t pairs = p.head_count * p.head_size / 2;
  device_->Dispatch<RopeKernel>({GroupsFor(pairs, RopeKernel::kWorkgroupSize), U32(p.rows), 1}, {},
                                {U32(p.position), U32(p.head_count), U32(p.head_size)},
                                {Buffer(call.inputs[0]), Buffer(call.outputs[0])});
}

void WebGpuBackend::SubmitKvAppend(const OpCall& call) {
  const OpParams& p = call.params;
  const Tensor &keys = call.outputs[0], &values = call.outputs[1];
  KvAppendKernel::Params params;
  params.position = U32(p.position);
  params.kv_head_count = U32(p.kv_head_count);
  params.head_size = U32(p.head_size);
  params.key_stride = U32(keys.shape[1] * keys.shape[2]);
  params.value_size = U32(values.shape[2]);
  params.value_stride = U32(values.shape[1] * values.shape[2]);
  const int64_t columns = p.kv_head_count * p.head_size;
  device_->Dispatch<KvAppendKernel>(
      {GroupsFor(columns, KvAppendKernel::kWorkgroupSize), U32(p.rows), 1}, {}, params,
      {Buffer(call.inputs[0]), Buffer(call.inputs[1]), Buffer(keys), Buffer(values)});
}

void WebGpuBackend::SubmitAttention(const OpCall& call) {
  const OpParams& p = call.params;
  const Tensor &keys = call.inputs[1], &values = call.inputs[2];
  AttentionKernel::Params params;
  params.position = U32(p.position);
  params.head_count = U32(p.head_count);
  params.head_size = U32(p.head_size);
  params.group_size = U32(p.head_count / p.kv_head_count);
  params.key_stride = U32(keys.shape[1] * keys.shape[2]);
  params.value_size = U32(values.shape[2]);
  params.value_stride = U32(values.shape[1] * values.shape[2]);
  device_->Dispatch<AttentionKernel>(
      {U32(p.head_count), U32(p.rows), 1}, {}, params,
      {Buffer(call.inputs[0]), Buffer(keys), Buffer(values), Buffer(call.outputs[0])});
}

void WebGpuBackend::SubmitSwiglu(const OpCall& call) {
  const int64_t columns = call.outputs[0].shape[1];
  device_->Dispatch<SwigluKernel>(
      {GroupsFor(columns, SwigluKernel::kWorkgroupSize), U32(call.params.rows), 1}, {},
      {U32(columns)}, {Buffer(call.inputs[0]), Buffer(call.outputs[0])});
}

void WebGpuBackend::SubmitGeluTanh(const OpCall& call) {
  const int64_t columns = call.outputs[0].shape[1];
  device_->Dispatch<GeluTanhKernel>(
      {GroupsFor(columns, GeluTanhKernel::kWorkgroupSize), U32(call.params.rows), 1}, {},
      {U32(columns)}, {Buffer(call.outputs[0])});
}

void WebGpuBackend::SubmitAdd(const OpCall& call) {
  const int64_t columns = call.outputs[0].shape[1];
  device_->Dispatch<AddKernel>(
      {GroupsFor(columns, AddKernel::kWorkgroupSize), U32(call.params.rows), 1}, {}, {U32(columns)},
      {Buffer(call.inputs[0]), Buffer(call.outputs[0])});
}

void WebGpuBackend::SubmitTokenLogprob(const OpCall& call) {
  const Tensor& logits = call.inputs[0];
  device_->Dispatch<TokenLogprobKernel>(
      {U32(call.params.rows), 1, 1}, {}, {U32(call.params.position), U32(logits.shape[1])},
      {Buffer(logits), Buffer(call.inputs[1]), Buffer(call.outputs[0])});
}

}  // namespace reprise
