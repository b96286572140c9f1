// The weights of a model by the checkpoint's own names, and their loading: a safetensors file is
// pushed in pieces of any size, and each tensor goes straight into its backend's storage.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/backend.h"
#include "model/config.h"
#include "model/safetensors.h"

namespace reprise {

// The tensors of one layer; a bias or the like that the architecture has not is empty.
struct LayerWeights {
  Tensor attention_norm, attention_norm_bias;
  Tensor q, k, v, o, q_bias, k_bias, v_bias, o_bias;
  Tensor feed_forward_norm, feed_forward_norm_bias;
  Tensor gate, gate_bias;  // Llama only
  Tensor up, up_bias, down, down_bias;
};

struct ModelWeights {
  Tensor token_embedding, position_embedding;
  std::vector<LayerWeights> layers;
  Tensor final_norm, final_norm_bias;
  Tensor output;  // the token embedding itself where they are tied
};

// A tensor that a checkpoint must hold. Several parts lie side by side along its last axis (GPT-2's
// query, key and value).
struct Parameter {
  std::string name;
  Shape shape;
  Layout layout = Layout::kRowMajor;
  std::vector<Tensor*> parts;
};

// The shape of each part: the last axis divided by their number.
Shape PartShape(const Parameter& parameter);

// The parameters of such a model, pointing into `weights`, whose layers are made here.
std::vector<Parameter> ListParameters(const ModelConfig& config, ModelWeights* weights);

// Fills weights from one or several safetensors files. A header is checked whole as soon as it is
// there, the memory for its tensors included; each tensor is allocated when its first byte comes,
// so that a Push takes a time that its bytes give. Errors come with file and tensor: those of the
// header, missing_tensor, unexpected_tensor, shape_mismatch, dtype_mismatch, out_of_memory (all
// tensors of a file together have no one's name), invalid_safetensors where a file ends early or a
// tensor comes twice.
class WeightLoader {
 public:
  // All outlive the loader.
  WeightLoader(const ModelConfig& config, Backend* backend, ModelWeights* weights);

  Status BeginFile(std::string_view file, int64_t file_bytes);
  Status Push(std::span<const uint8_t> bytes);
  Status EndFile();
  // Every tensor has been loaded; ties the embeddings.
  Status Finish();

  int64_t parameter_count() const { return parameter_count_; }

 private:
  struct Slot {
    Parameter parameter;
    bool is_listed = false;  // in the header of a file
  };

  Status ReadHeader();
  // Adds to `bytes` what the tensor needs.
  Status CheckEntry(const SafetensorsEntry& entry, int64_t* bytes);
  Status CheckMemory(int64_t bytes) const;
  Status Allocate(const SafetensorsEntry& entry, const Slot& slot);
  Slot* Find(const std::string& name);
  bool IsIgnored(std::string_view name) const;
  void WriteElements(const SafetensorsEntry& entry, Slot& slot, int64_t first,
                     std::span<const uint8_t> bytes);

  const ModelConfig* config_;
  Backend* backend_;
  ModelWeights* weights_;
  std::map<std::string, Slot, std::less<>> slots_;
  int64_t parameter_count_ = 0;
  std::string file_;  // the last one
  int64_t file_count_ = 0;
  int64_t file_bytes_ = 0;
  int64_t received_bytes_ = 0;
  bool has_header_ = false;
  std::vector<uint8_t> pending_;  // the header so far, then the rest of a split element
  SafetensorsHeader header_;
  size_t entry_ = 0;
};

}  // namespace reprise
