// A tensor as everything above the backends sees it: a counted handle, an element type, a shape and
// an order. No memory is reachable from it; its backend alone reads and writes it.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "numerics/dtype.h"
#include "tensor/shape.h"

namespace reprise {

// The order of a tensor's elements as a file holds them and as Write and Read see them. How a
// backend stores a matrix is its own matter (panels of 16 outputs on the CPU).
enum class Layout : uint8_t {
  kRowMajor,  // any shape; what ops compute on
  kMatrixNk,  // a weight [outputs, inputs], as torch.nn.Linear has it
  kMatrixKn,  // a weight [inputs, outputs], as GPT-2's Conv1D has it
};

// Whoever made a storage and takes it back.
class StorageOwner {
 public:
  virtual void ReleaseStorage(uint32_t id) = 0;

 protected:
  ~StorageOwner() = default;
};

// One allocation of a backend; released with its last tensor. The owner outlives it.
class Storage {
 public:
  Storage(StorageOwner* owner, uint32_t id) : owner_(owner), id_(id) {}
  ~Storage() { owner_->ReleaseStorage(id_); }
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  uint32_t id() const { return id_; }

 private:
  StorageOwner* owner_;
  uint32_t id_;
};

struct Tensor {
  std::shared_ptr<const Storage> storage;
  DType dtype = DType::kF32;
  Layout layout = Layout::kRowMajor;
  Shape shape;

  explicit operator bool() const { return storage != nullptr; }
};

}  // namespace reprise
