// reprise_bench NAME [--threads N] [--simd LEVEL] [--dtype f32|f16|bf16] [--rounds N]
// reprise_bench tokenize --tokenizer FILE --text FILE [--rounds N]
// reprise_bench tokenize_in_turn --tokenizer FILE --text FILE
// reprise_bench hostile --tokenizer FILE [--rounds N]
// NAME: matmul, model, dataset, or levels for the SIMD levels there are. bench/README.md keeps the
// figures.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/thread_pool.h"
#include "bench/bench.h"

int main(int argc, char** argv) {
  using namespace reprise;
  bench::Options options;
  std::string_view name, level;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    if (argument == "--threads") {
      options.threads = std::atoi(argv[++i]);
    } else if (argument == "--rounds") {
      options.rounds = std::atoi(argv[++i]);
    } else if (argument == "--tokenizer") {
      options.tokenizer = argv[++i];
    } else if (argument == "--text") {
      options.text = argv[++i];
    } else if (argument == "--simd") {
      level = argv[++i];
    } else if (argument == "--dtype") {
      options.dtype = value == "bf16" ? DType::kBF16 : value == "f16" ? DType::kF16 : DType::kF32;
      ++i;
    } else {
      name = argument;
    }
  }
  const auto chosen = ChooseSimdLevel(level);
  if (!chosen) {
    std::fprintf(stderr, "%s\n", chosen.error().message.c_str());
    return 1;
  }
  options.level = *chosen;
  bench::Require(options.threads >= 1 && options.rounds >= 1, "counts are positive");
  bench::Require(options.threads == 1 || ThreadPool::HasThreads(), "this build has no threads");
  if (name == "matmul") {
    bench::Matmul(options);
  } else if (name == "model") {
    bench::Model(options);
  } else if (name == "dataset") {
    bench::Dataset(options);
  } else if (name == "tokenize") {
    bench::Tokenize(options);
  } else if (name == "tokenize_in_turn") {
    bench::TokenizeInTurn(options);
  } else if (name == "hostile") {
    bench::Hostile(options);
  } else if (name == "levels") {
    for (SimdLevel available : AvailableSimdLevels()) {
      options.level = available;
      bench::Report("levels", options, {});
    }
  } else {
    std::fprintf(
        stderr,
        "reprise_bench matmul|model|dataset|levels [--threads N] [--simd LEVEL] [--dtype D]\n"
        "reprise_bench tokenize --tokenizer FILE --text FILE [--rounds N]\n"
        "reprise_bench tokenize_in_turn --tokenizer FILE --text FILE\n"
        "reprise_bench hostile --tokenizer FILE [--rounds N]\n");
    return 2;
  }
  return 0;
}
