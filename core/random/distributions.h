// Distributions over the positions of a random source. Each draw is a function of source and index,
// so that nobody's draws disturb another's; the results are the same bits on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/job.h"
#include "random/philox.h"

namespace reprise {

// A double in [0, 1): the upper 53 of the 64 bits at positions 2 index and 2 index + 1, over 2^53.
double UniformF64(const RandomSource& source, uint64_t index);

// An integer from 0 to bound - 1: the upper word of the 64 bits at positions 2 index and 2 index +
// 1 times the bound (Lemire 2019, "Fast random integer generation in an interval", without its
// rejection, which would take more positions). No value is likelier than another by more than
// bound / 2^64. bound >= 1.
uint64_t Below(const RandomSource& source, uint64_t index, uint64_t bound);

// Whether an event of probability p happens: Uniform(index) < p, which f32 decides. 0 <= p <= 1.
bool Bernoulli(const RandomSource& source, uint64_t index, float p);

// A normal number of mean 0 and variance 1 (Box and Muller 1958): sqrt(-2 ln u) cos(2 pi v) in f64,
// rounded to f32; u in (0, 1] and v in [0, 1) are the 32 bits at positions 2 index and 2 index + 1.
// Its magnitude is at most 6.67.
float Normal(const RandomSource& source, uint64_t index);

// A permutation of 0 … count - 1, all of them equally likely (Durstenfeld 1964, "Algorithm 235"):
// for i from count - 1 down to 1, element i changes places with element Below(source, i, i + 1).
std::vector<uint32_t> Permutation(const RandomSource& source, uint32_t count);

// A part of that: elements left - 1 down to `until` change places. Of 0 … count - 1 in their order,
// from count down to 0, it makes the permutation.
void DrawPlaces(const RandomSource& source, uint32_t left, uint32_t until,
                std::span<uint32_t> order);

// The same as a job.
class PermutationJob final : public Job {
 public:
  PermutationJob(const RandomSource& source, uint32_t count);

  // Changes about 1,024 places a unit. Never an error.
  Result<JobState> Step(int64_t work_units) override;
  // Of elements whose place is certain.
  JobProgress progress() const;
  // The permutation, once it is done.
  std::span<const uint32_t> order() const { return order_; }

 private:
  RandomSource source_;
  std::vector<uint32_t> order_;
  uint32_t left_;  // elements whose place is still to be drawn
};

// A stream by its name: "init", "shuffle", "split", "sample", "dropout". Errors: invalid_argument.
Result<RandomStream> RandomStreamNamed(std::string_view name);

}  // namespace reprise
