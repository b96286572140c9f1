// The calls of reprise.h on random numbers.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/argument_error.h"
#include "base/byte_view.h"
#include "capi/context.h"
#include "capi/job_object.h"
#include "capi/options_reader.h"
#include "capi/reprise.h"
#include "random/distributions.h"

namespace reprise {
namespace {

struct RandomOptions {
  std::string distribution;
  int64_t first = 0, count = 0, bound = 0;
  double p = -1;
};

Result<int64_t> IntegerIn(const OptionsReader& reader, std::string_view name, int64_t otherwise,
                          int64_t least, int64_t most) {
  REPRISE_ASSIGN(const std::optional<int64_t> found, reader.Integer(name));
  const int64_t value = found.value_or(otherwise);
  if (value >= least && value <= most) return value;
  return ArgumentOutOfRange(
      name, "an integer from " + std::to_string(least) + " to " + std::to_string(most),
      static_cast<double>(value));
}

Result<double> DrawOne(const RandomSource& source, const RandomOptions& options, uint64_t index) {
  const std::string& name = options.distribution;
  if (name == "bits") return source.Bits(index);
  if (name == "uniform") return static_cast<double>(source.Uniform(index));
  if (name == "uniform_f64") return UniformF64(source, index);
  if (name == "normal") return static_cast<double>(Normal(source, index));
  if (name == "below") {
    if (options.bound < 1) return OptionsReader::Missing("bound", "an integer of at least 1");
    return static_cast<double>(Below(source, index, static_cast<uint64_t>(options.bound)));
  }
  if (name == "bernoulli") {
    if (!(options.p >= 0 && options.p <= 1))
      return OptionsReader::Missing("p", "a number from 0 to 1");
    return Bernoulli(source, index, static_cast<float>(options.p)) ? 1 : 0;
  }
  return RefuseArgument("distribution", "bits, uniform, uniform_f64, normal, below or bernoulli",
                        "\"" + name + "\"");
}

Result<std::vector<double>> DrawAll(const RandomSource& source, const RandomOptions& options) {
  std::vector<double> values;
  for (int64_t i = 0; i < options.count; ++i) {
    REPRISE_ASSIGN(const double value,
                   DrawOne(source, options, static_cast<uint64_t>(options.first + i)));
    values.push_back(value);
  }
  return values;
}

// The members "seed", "stream" and "sequence".
Result<RandomSource> SourceIn(const OptionsReader& reader) {
  REPRISE_ASSIGN(const int64_t seed, IntegerIn(reader, "seed", -1, 0, kMaxSeed));
  REPRISE_ASSIGN(const int64_t sequence, IntegerIn(reader, "sequence", 0, 0, 0xFFFFFFFF));
  REPRISE_ASSIGN(const auto name, reader.Text("stream"));
  REPRISE_ASSIGN(const RandomStream stream, RandomStreamNamed(name.value_or("")));
  return RandomSource::Create(seed, stream, static_cast<uint32_t>(sequence));
}

Result<int64_t> CountIn(const OptionsReader& reader) {
  constexpr int64_t kMostValues = 1 << 24;
  return IntegerIn(reader, "count", -1, 0, kMostValues);
}

class PermutationObject final : public JobObject {
 public:
  PermutationObject(const RandomSource& source, uint32_t count) : job_(source, count) {}

  std::string EventJson() const override { return ProgressJson("permutation", job_.progress()); }
  std::string ResultText() const override { return "{}"; }
  std::span<const uint8_t> values() const override { return BytesOf(job_.order()); }

 private:
  Result<JobState> Advance(int64_t work_units) override { return job_.Step(work_units); }

  PermutationJob job_;
};

}  // namespace
}  // namespace reprise

int32_t reprise_random(reprise_context* context, const char* options, size_t options_size) {
  using reprise::OptionsReader;
  return context->Run([&]() -> reprise::Result<int32_t> {
    REPRISE_ASSIGN(
        const OptionsReader reader,
        OptionsReader::Parse({options, options_size}, {"seed", "stream", "sequence", "distribution",
                                                       "first", "count", "bound", "p"}));
    reprise::RandomOptions read;
    REPRISE_ASSIGN(const auto source, reprise::SourceIn(reader));
    REPRISE_ASSIGN(read.first, reprise::IntegerIn(reader, "first", 0, 0, reprise::kMaxSeed));
    REPRISE_ASSIGN(read.count, reprise::CountIn(reader));
    REPRISE_ASSIGN(read.bound, reprise::IntegerIn(reader, "bound", 0, 0, reprise::kMaxSeed));
    REPRISE_ASSIGN(const auto p, reader.Number("p"));
    read.p = p.value_or(-1);
    REPRISE_ASSIGN(const auto distribution, reader.Text("distribution"));
    read.distribution = distribution.value_or("");
    REPRISE_ASSIGN(const std::vector<double> values, reprise::DrawAll(source, read));
    context->Answer(
        std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)));
    return static_cast<int32_t>(values.size());
  });
}

int32_t reprise_permutation(reprise_context* context, const char* options, size_t options_size) {
  using reprise::OptionsReader;
  return context->Run([&]() -> reprise::Result<int32_t> {
    REPRISE_ASSIGN(
        const OptionsReader reader,
        OptionsReader::Parse({options, options_size}, {"seed", "stream", "sequence", "count"}));
    REPRISE_ASSIGN(const auto source, reprise::SourceIn(reader));
    REPRISE_ASSIGN(const int64_t count, reprise::CountIn(reader));
    return context->Add(
        std::make_unique<reprise::PermutationObject>(source, static_cast<uint32_t>(count)));
  });
}
