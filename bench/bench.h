// What the benches share: their options, clock and lines of output. A line is one JSON object.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "numerics/dtype.h"
#include "numerics/simd.h"

namespace reprise::bench {

struct Options {
  SimdLevel level;
  int threads = 1;
  int rounds = 5;  // each times everything that is compared, one after the other
  DType dtype = DType::kF32;
  std::string tokenizer, text;  // files
};

// One line: {"bench": name, "simd": …, "threads": …, "dtype": …} and the numbers.
void Report(const std::string& name, const Options& options,
            const std::vector<std::pair<std::string, double>>& numbers);

// Ends the program where a result is wrong: what is wrong is not timed.
void Require(bool condition, const char* what);

std::string ReadFile(const std::string& path);

// Seconds that f() takes.
double Now();
template <typename F>
double Time(F f) {
  const double begin = Now();
  f();
  return Now() - begin;
}

double Median(std::vector<double> values);

// Floating-point operations a second of separate multiplications and additions in registers, on one
// thread: no strict matrix product can be faster. Takes about 0.03 s.
double StrictPeak(SimdLevel level);

// Bytes a second that `threads` threads read from memory while they sum it up. The buffer is far
// larger than the caches.
class MemoryReader {
 public:
  MemoryReader(SimdLevel level, int64_t bytes);
  double BytesPerSecond(int threads);

 private:
  SimdLevel level_;
  std::vector<float> memory_;
};

void Matmul(const Options& options);
void Model(const Options& options);     // decode and prefill
void Tokenize(const Options& options);  // options.text with options.tokenizer
// Prints the hash of all ids, then, for every line that comes in, the microseconds of processor
// time of one more pass.
void TokenizeInTurn(const Options& options);
void Dataset(const Options& options);  // CSV and JSON Lines into columns
void Hostile(const Options& options);  // texts of 10 KB to 10 MB with options.tokenizer

}  // namespace reprise::bench
