// A product of the kernels with random numbers that can be run again and again.
#pragma once

#include <cstdint>
#include <vector>

#include "backend/host/host_backend.h"

namespace reprise::bench {

inline constexpr int64_t kProductSize = 1024;

// y = x W^T of `rows` rows, with kProductSize inputs and outputs.
class Product {
 public:
  Product(const KernelTable& kernels, int threads, DType dtype, int64_t rows);
  void Run();
  // The bytes of the first rows of y.
  std::vector<uint8_t> Rows(int64_t count);
  double flops() const { return 2.0 * static_cast<double>(rows_ * kProductSize * kProductSize); }

 private:
  ThreadPool pool_;
  MemoryBudget budget_;
  HostBackend backend_;
  int64_t rows_;
  Tensor x_, weight_, y_;
};

}  // namespace reprise::bench
