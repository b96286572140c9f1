// The call of reprise.h on random numbers.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/argument_error.h"
#include "capi/context.h"
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
  return RefuseArgument("distribution",
                        "bits, uniform, uniform_f64, normal, below, bernoulli or permutation",
                        "\"" + name + "\"");
}

Result<std::vector<double>> DrawAll(const RandomSource& source, const RandomOptions& options) {
  std::vector<double> values;
  if (options.distribution == "permutation") {
    const auto order = Permutation(source, static_cast<uint32_t>(options.count));
    values.assign(order.begin(), order.end());
    return values;
  }
  for (int64_t i = 0; i < options.count; ++i) {
    REPRISE_ASSIGN(const double value,
                   DrawOne(source, options, static_cast<uint64_t>(options.first + i)));
    values.push_back(value);
  }
  return values;
}

}  // namespace
}  // namespace reprise

int32_t reprise_random(reprise_context* context, const char* options, size_t options_size) {
  using reprise::OptionsReader;
  return context->Run([&]() -> reprise::Result<int32_t> {
    constexpr int64_t kMostValues = 1 << 24;
    REPRISE_ASSIGN(
        const OptionsReader reader,
        OptionsReader::Parse({options, options_size}, {"seed", "stream", "sequence", "distribution",
                                                       "first", "count", "bound", "p"}));
    reprise::RandomOptions read;
    REPRISE_ASSIGN(const int64_t seed,
                   reprise::IntegerIn(reader, "seed", -1, 0, reprise::kMaxSeed));
    REPRISE_ASSIGN(const int64_t sequence,
                   reprise::IntegerIn(reader, "sequence", 0, 0, 0xFFFFFFFF));
    REPRISE_ASSIGN(read.first, reprise::IntegerIn(reader, "first", 0, 0, reprise::kMaxSeed));
    REPRISE_ASSIGN(read.count, reprise::IntegerIn(reader, "count", -1, 0, kMostValues));
    REPRISE_ASSIGN(read.bound, reprise::IntegerIn(reader, "bound", 0, 0, reprise::kMaxSeed));
    REPRISE_ASSIGN(const auto p, reader.Number("p"));
    read.p = p.value_or(-1);
    REPRISE_ASSIGN(const auto stream_name, reader.Text("stream"));
    REPRISE_ASSIGN(const auto stream, reprise::RandomStreamNamed(stream_name.value_or("")));
    REPRISE_ASSIGN(const auto distribution, reader.Text("distribution"));
    read.distribution = distribution.value_or("");
    REPRISE_ASSIGN(const auto source,
                   reprise::RandomSource::Create(seed, stream, static_cast<uint32_t>(sequence)));
    REPRISE_ASSIGN(const std::vector<double> values, reprise::DrawAll(source, read));
    context->Answer(
        std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)));
    return static_cast<int32_t>(values.size());
  });
}
