#include "model/parameters.h"

#include <algorithm>
#include <utility>

namespace reprise {
namespace {

class ParameterList {
 public:
  void Add(std::string name, Shape shape, Layout layout, std::vector<Tensor*> parts) {
    list_.push_back({std::move(name), std::move(shape), layout, std::move(parts)});
  }
  void Vector(std::string name, int64_t size, Tensor* tensor) {
    Add(std::move(name), {size}, Layout::kRowMajor, {tensor});
  }
  void Nk(std::string name, int64_t outputs, int64_t inputs, Tensor* tensor) {
    Add(std::move(name), {outputs, inputs}, Layout::kMatrixNk, {tensor});
  }
  std::vector<Parameter> Take() && { return std::move(list_); }

 private:
  std::vector<Parameter> list_;
};

void ListLlama(const ModelConfig& c, ModelWeights* w, ParameterList& list) {
  const int64_t size = c.hidden_size, inner = c.feed_forward_size;
  const int64_t q = c.head_count * c.head_size, kv = c.kv_head_count * c.head_size;
  list.Nk("model.embed_tokens.weight", c.vocab_size, size, &w->token_embedding);
  for (size_t i = 0; i < w->layers.size(); ++i) {
    LayerWeights& layer = w->layers[i];
    const std::string prefix = "model.layers." + std::to_string(i) + ".";
    const auto linear = [&](const char* name, int64_t outputs, int64_t inputs, Tensor* weight,
                            Tensor* bias, bool has_bias) {
      list.Nk(prefix + name + ".weight", outputs, inputs, weight);
      if (has_bias) list.Vector(prefix + name + ".bias", outputs, bias);
    };
    const bool attention_bias = c.has_attention_bias, mlp_bias = c.has_mlp_bias;
    list.Vector(prefix + "input_layernorm.weight", size, &layer.attention_norm);
    linear("self_attn.q_proj", q, size, &layer.q, &layer.q_bias, attention_bias);
    linear("self_attn.k_proj", kv, size, &layer.k, &layer.k_bias, attention_bias);
    linear("self_attn.v_proj", kv, size, &layer.v, &layer.v_bias, attention_bias);
    linear("self_attn.o_proj", size, q, &layer.o, &layer.o_bias, attention_bias);
    list.Vector(prefix + "post_attention_layernorm.weight", size, &layer.feed_forward_norm);
    linear("mlp.gate_proj", inner, size, &layer.gate, &layer.gate_bias, mlp_bias);
    linear("mlp.up_proj", inner, size, &layer.up, &layer.up_bias, mlp_bias);
    linear("mlp.down_proj", size, inner, &layer.down, &layer.down_bias, mlp_bias);
  }
  list.Vector("model.norm.weight", size, &w->final_norm);
}

void ListGpt2(const ModelConfig& c, ModelWeights* w, ParameterList& list) {
  const int64_t size = c.hidden_size, inner = c.feed_forward_size;
  list.Nk("transformer.wte.weight", c.vocab_size, size, &w->token_embedding);
  list.Add("transformer.wpe.weight", {c.context_tokens, size}, Layout::kRowMajor,
           {&w->position_embedding});
  for (size_t i = 0; i < w->layers.size(); ++i) {
    LayerWeights& layer = w->layers[i];
    const std::string prefix = "transformer.h." + std::to_string(i) + ".";
    const auto linear = [&](const char* name, int64_t inputs, int64_t outputs,
                            std::vector<Tensor*> weights, std::vector<Tensor*> biases) {
      list.Add(prefix + name + ".weight", {inputs, outputs}, Layout::kMatrixKn, std::move(weights));
      list.Add(prefix + name + ".bias", {outputs}, Layout::kRowMajor, std::move(biases));
    };
    list.Vector(prefix + "ln_1.weight", size, &layer.attention_norm);
    list.Vector(prefix + "ln_1.bias", size, &layer.attention_norm_bias);
    linear("attn.c_attn", size, 3 * size, {&layer.q, &layer.k, &layer.v},
           {&layer.q_bias, &layer.k_bias, &layer.v_bias});
    linear("attn.c_proj", size, size, {&layer.o}, {&layer.o_bias});
    list.Vector(prefix + "ln_2.weight", size, &layer.feed_forward_norm);
    list.Vector(prefix + "ln_2.bias", size, &layer.feed_forward_norm_bias);
    linear("mlp.c_fc", size, inner, {&layer.up}, {&layer.up_bias});
    linear("mlp.c_proj", inner, size, {&layer.down}, {&layer.down_bias});
  }
  list.Vector("transformer.ln_f.weight", size, &w->final_norm);
  list.Vector("transformer.ln_f.bias", size, &w->final_norm_bias);
}

}  // namespace

Shape PartShape(const Parameter& parameter) {
  const auto parts = static_cast<int64_t>(parameter.parts.size());
  const Shape& whole = parameter.shape;
  return whole.rank() == 1 ? Shape{whole[0] / parts} : Shape{whole[0], whole[1] / parts};
}

std::vector<Parameter> ListParameters(const ModelConfig& config, ModelWeights* weights) {
  weights->layers.resize(static_cast<size_t>(config.layer_count));
  ParameterList list;
  if (config.architecture == Architecture::kLlama) {
    ListLlama(config, weights, list);
  } else {
    ListGpt2(config, weights, list);
  }
  if (!config.ties_embeddings) {
    list.Nk("lm_head.weight", config.vocab_size, config.hidden_size, &weights->output);
  }
  return std::move(list).Take();
}

WeightLoader::WeightLoader(const ModelConfig& config, Backend* backend, ModelWeights* weights)
    : config_(&config), backend_(backend), weights_(weights) {
  for (Parameter& parameter : ListParameters(config, weights)) {
    parameter_count_ += parameter.shape.element_count();
    slots_[parameter.name].parameter = parameter;
  }
}

Status WeightLoader::BeginFile(std::string_view file, int64_t file_bytes) {
  file_ = file;
  ++file_count_;
  file_bytes_ = file_bytes;
  received_bytes_ = 0;
  has_header_ = false;
  pending_.clear();
  header_ = {};
  entry_ = 0;
  if (file_bytes < 8) REPRISE_TRY(SafetensorsHeaderSize({}, file_bytes, file_));
  return {};
}

// Checkpoints hold more than parameters: buffers that transformers computes anew (GPT-2's causal
// mask, rotary frequencies), and an output projection although it is tied.
bool WeightLoader::IsIgnored(std::string_view name) const {
  if (name == "lm_head.weight") return config_->ties_embeddings;
  if (config_->architecture == Architecture::kGpt2) {
    return name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias");
  }
  return name.ends_with(".rotary_emb.inv_freq");
}

WeightLoader::Slot* WeightLoader::Find(const std::string& name) {
  auto found = slots_.find(name);
  // The hub's GPT-2 checkpoints come without the prefix.
  if (found == slots_.end() && config_->architecture == Architecture::kGpt2) {
    found = slots_.find("transformer." + name);
  }
  return found == slots_.end() ? nullptr : &found->second;
}

Status WeightLoader::CheckEntry(const SafetensorsEntry& entry, int64_t* bytes) {
  const auto fail = [&](ErrorCode code, const std::string& reason) {
    return Fail(Error(code, file_ + ", tensor \"" + entry.name + "\": " + reason)
                    .With("file", file_)
                    .With("tensor", entry.name));
  };
  Slot* slot = Find(entry.name);
  if (slot == nullptr) {
    if (IsIgnored(entry.name)) return {};
    return fail(ErrorCode::kUnexpectedTensor, "the model has no such tensor");
  }
  if (slot->is_listed) return fail(ErrorCode::kInvalidSafetensors, "was loaded already");
  if (entry.shape != slot->parameter.shape) {
    return fail(ErrorCode::kShapeMismatch, "expected shape " + slot->parameter.shape.ToString() +
                                               ", found " + entry.shape.ToString());
  }
  const Shape shape = PartShape(slot->parameter);
  const Layout layout = slot->parameter.layout;
  if (Status size = backend_->CheckSize(entry.dtype, shape, layout); !size) {
    return Fail(std::move(size).error().With("file", file_).With("tensor", entry.name));
  }
  const auto parts = static_cast<int64_t>(slot->parameter.parts.size());
  *bytes += parts * backend_->StorageBytes(entry.dtype, shape, layout);
  slot->is_listed = true;
  return {};
}

Status WeightLoader::CheckMemory(int64_t bytes) const {
  const auto has = backend_->free_bytes();
  if (!has || bytes <= *has) return {};
  return Fail(Error(ErrorCode::kOutOfMemory, file_ + ": its tensors need " + std::to_string(bytes) +
                                                 " bytes; there are " + std::to_string(*has))
                  .With("file", file_)
                  .With("needs_bytes", bytes)
                  .With("has_bytes", *has));
}

Status WeightLoader::Allocate(const SafetensorsEntry& entry, const Slot& slot) {
  for (Tensor* part : slot.parameter.parts) {
    auto tensor =
        backend_->AllocateUnset(entry.dtype, PartShape(slot.parameter), slot.parameter.layout);
    if (!tensor) {
      return Fail(std::move(tensor).error().With("file", file_).With("tensor", entry.name));
    }
    *part = *std::move(tensor);
  }
  return {};
}

Status WeightLoader::ReadHeader() {
  REPRISE_ASSIGN(header_, ParseSafetensorsHeader(pending_, file_bytes_, file_));
  pending_.clear();
  has_header_ = true;
  int64_t bytes = 0;
  for (const SafetensorsEntry& entry : header_.entries) REPRISE_TRY(CheckEntry(entry, &bytes));
  return CheckMemory(bytes);
}

Status WeightLoader::Push(std::span<const uint8_t> bytes) {
  if (received_bytes_ + static_cast<int64_t>(bytes.size()) > file_bytes_) {
    return Fail(Error(ErrorCode::kInvalidSafetensors, file_ + ": longer than the " +
                                                          std::to_string(file_bytes_) +
                                                          " bytes that were announced")
                    .With("file", file_));
  }
  while (!has_header_ && !bytes.empty()) {
    int64_t needed = 8;
    if (pending_.size() >= 8) {
      REPRISE_ASSIGN(needed, SafetensorsHeaderSize(pending_, file_bytes_, file_));
    }
    const size_t take = std::min(bytes.size(), static_cast<size_t>(needed) - pending_.size());
    pending_.insert(pending_.end(), bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(take));
    bytes = bytes.subspan(take);
    received_bytes_ += static_cast<int64_t>(take);
    if (pending_.size() < 8) continue;
    REPRISE_ASSIGN(needed, SafetensorsHeaderSize(pending_, file_bytes_, file_));
    if (static_cast<int64_t>(pending_.size()) == needed) REPRISE_TRY(ReadHeader());
  }
  while (!bytes.empty()) {
    while (header_.entries[entry_].end_bytes == received_bytes_) ++entry_;
    const SafetensorsEntry& entry = header_.entries[entry_];
    Slot* slot = Find(entry.name);
    if (slot != nullptr && received_bytes_ == entry.begin_bytes) {
      REPRISE_TRY(Allocate(entry, *slot));
    }
    const auto size = static_cast<int64_t>(SizeInBytes(entry.dtype));
    // The header lies contiguous, so at most one element is split between two pieces.
    const int64_t first = (received_bytes_ - entry.begin_bytes) / size;
    const int64_t left = entry.end_bytes - received_bytes_;
    auto take = std::min(static_cast<int64_t>(bytes.size()), left);
    if (!pending_.empty() || take < size) {
      take = std::min(take, size - static_cast<int64_t>(pending_.size()));
      pending_.insert(pending_.end(), bytes.begin(), bytes.begin() + take);
      if (static_cast<int64_t>(pending_.size()) == size) {
        if (slot != nullptr) WriteElements(entry, *slot, first, pending_);
        pending_.clear();
      }
    } else {
      take -= take % size;
      if (slot != nullptr) {
        WriteElements(entry, *slot, first, bytes.first(static_cast<size_t>(take)));
      }
    }
    bytes = bytes.subspan(static_cast<size_t>(take));
    received_bytes_ += take;
  }
  return {};
}

void WeightLoader::WriteElements(const SafetensorsEntry& entry, Slot& slot, int64_t first,
                                 std::span<const uint8_t> bytes) {
  const Parameter& parameter = slot.parameter;
  if (parameter.parts.size() == 1) {
    backend_->Write(*parameter.parts[0], first, bytes);
    return;
  }
  const auto parts = static_cast<int64_t>(parameter.parts.size());
  const int64_t size = SizeInBytes(entry.dtype);
  const int64_t columns = parameter.shape[parameter.shape.rank() - 1], width = columns / parts;
  while (!bytes.empty()) {
    const int64_t row = first / columns, column = first % columns;
    const int64_t part = column / width, offset = column % width;
    const int64_t count = std::min(width - offset, static_cast<int64_t>(bytes.size()) / size);
    backend_->Write(*parameter.parts[static_cast<size_t>(part)], row * width + offset,
                    bytes.first(static_cast<size_t>(count * size)));
    bytes = bytes.subspan(static_cast<size_t>(count * size));
    first += count;
  }
}

Status WeightLoader::EndFile() {
  if (received_bytes_ != file_bytes_) {
    return Fail(Error(ErrorCode::kInvalidSafetensors, file_ + ": ended after " +
                                                          std::to_string(received_bytes_) + " of " +
                                                          std::to_string(file_bytes_) + " bytes")
                    .With("file", file_)
                    .With("byte", received_bytes_));
  }
  return {};
}

Status WeightLoader::Finish() {
  for (const auto& [name, slot] : slots_) {
    if (slot.is_listed) continue;
    // Of several files, none is the one that lacks it.
    Error error(ErrorCode::kMissingTensor, (file_count_ == 1 ? file_ : "the weights") +
                                               ": there is no tensor \"" + name + "\" of shape " +
                                               slot.parameter.shape.ToString());
    if (file_count_ == 1) error = std::move(error).With("file", file_);
    return Fail(std::move(error).With("tensor", name));
  }
  if (config_->ties_embeddings) weights_->output = weights_->token_embedding;
  return {};
}

}  // namespace reprise
