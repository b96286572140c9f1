// The product of 1,024 rows with a weight of 1,024 × 1,024, beside the strict peak.
#include "backend/cpu/cpu_kernels.h"
#include "backend/reference/reference_kernels.h"
#include "bench/bench.h"
#include "bench/product.h"

namespace reprise::bench {

void Matmul(const Options& options) {
  Product product(CpuKernels(options.level), options.threads, options.dtype, kProductSize);
  Product expected(ReferenceKernels(), 1, options.dtype, 16);
  product.Run();
  expected.Run();
  Require(product.Rows(16) == expected.Rows(16), "the product is the reference backend's");
  std::vector<double> rates, peaks, shares;
  for (int round = 0; round < options.rounds; ++round) {
    peaks.push_back(StrictPeak(options.level));
    rates.push_back(product.flops() / Time([&] { product.Run(); }));
    shares.push_back(rates.back() / peaks.back());
  }
  Report("matmul", options,
         {{"gflops", Median(rates) / 1e9},
          {"peak_gflops_of_one_thread", Median(peaks) / 1e9},
          {"share_of_peak", Median(shares) / options.threads}});
}

}  // namespace reprise::bench
