// reprise_native: the core at the command line, for tests, benches and C++ users. The npm package's
// command `reprise` runs the same core as WebAssembly.
#include <cstdio>
#include <string_view>

#include "apps/native/commands.h"
#include "apps/native/dataset_commands.h"
#include "apps/native/run_commands.h"

namespace {

constexpr const char* kUsage =
    "reprise_native capabilities [--threads N]\n"
    "reprise_native generate --model DIR (--prompt TEXT | --prompt-ids 1,2,3) [--seed N]\n"
    "    [--temperature X] [--top-k N] [--top-p X] [--min-p X] [--repetition-penalty X]\n"
    "    [--frequency-penalty X] [--presence-penalty X] [--logit-bias 1=X,2=Y] [--max-tokens N]\n"
    "    [--stop TEXT] [--stop-ids 1,2,3] [--logprobs N] [--record FILE] [--json]\n"
    "reprise_native replay FILE --model DIR [--allow-other-inputs] [--json]\n"
    "reprise_native manifest DIR | verify DIR\n"
    "reprise_native config validate FILE | config hash FILE\n"
    "reprise_native dataset inspect FILE | dataset split FILE --ratios NAME=X,NAME=Y [--seed N]\n"
    "    [--format csv|tsv|json|jsonl|text] [--config FILE] [--piece BYTES]\n"
    "reprise_native score --model DIR --tokens 1,2,3 [--logits] [--json]\n"
    "reprise_native tokenize --tokenizer FILE (--text TEXT | --jsonl FILE) [--special]\n"
    "\n"
    "generate, replay and score also take --backend cpu|reference, --threads N and "
    "--context-length N.\n"
    "REPRISE_SIMD=sse2|avx2|avx512|neon forces a SIMD level. Exit codes: 0, 1 an error or a\n"
    "replay that differs, 2 usage or an argument.\n";

}  // namespace

int main(int argc, char** argv) {
  const std::span<const char* const> words(argv, static_cast<size_t>(argc));
  const std::string_view command = argc > 1 ? argv[1] : "";
  reprise::Status status;
  if (command == "capabilities") {
    status = reprise::native::Capabilities(words.subspan(2));
  } else if (command == "generate") {
    status = reprise::native::Generate(words.subspan(2));
  } else if (command == "replay") {
    auto is_identical = reprise::native::Replay(words.subspan(2));
    if (is_identical) return *is_identical ? 0 : 1;
    status = std::move(is_identical).failure();
  } else if (command == "manifest") {
    status = reprise::native::MakeManifest(words.subspan(2));
  } else if (command == "verify") {
    status = reprise::native::Verify(words.subspan(2));
  } else if (command == "config") {
    status = reprise::native::CheckConfig(words.subspan(2));
  } else if (command == "dataset") {
    status = reprise::native::Dataset(words.subspan(2));
  } else if (command == "score") {
    status = reprise::native::Score(words.subspan(2));
  } else if (command == "tokenize") {
    status = reprise::native::Tokenize(words.subspan(2));
  } else {
    const bool asked = command == "--help" || command == "-h";
    std::fputs(kUsage, asked ? stdout : stderr);
    return asked ? 0 : 2;
  }
  if (status) return 0;
  std::fprintf(stderr, "reprise_native: %s\n", status.error().message.c_str());
  return status.error().code == reprise::ErrorCode::kInvalidArgument ? 2 : 1;
}
