// Encoding of texts that make careless tokenizers slow: nanoseconds a byte, by length. That they
// are flat is for the reader to see.
#include <algorithm>
#include <cstdint>

#include "bench/bench.h"
#include "tokenizer/tokenizer.h"
#include "unicode/utf8.h"

namespace reprise::bench {
namespace {

struct Kind {
  const char* name;
  std::string (*part)(uint64_t& state);  // repeated to the length
};

uint64_t NextRandom(uint64_t& state) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return state >> 33;
}

constexpr Kind kKinds[] = {
    {"letter", [](uint64_t&) { return std::string("a"); }},
    {"space", [](uint64_t&) { return std::string(" "); }},
    {"newline", [](uint64_t&) { return std::string("\n"); }},
    {"digit", [](uint64_t&) { return std::string("7"); }},
    {"mark", [](uint64_t&) { return std::string("\u0301"); }},
    {"emoji", [](uint64_t&) { return std::string("👩‍👩‍👧"); }},
    {"nul", [](uint64_t&) { return std::string(1, '\0'); }},
    {"ascii",
     [](uint64_t& state) { return std::string(1, static_cast<char>(NextRandom(state) % 128)); }},
    {"random",
     [](uint64_t& state) {
       std::string text;
       char32_t c = static_cast<char32_t>(NextRandom(state) % 0x110000);
       AppendUtf8(c - 0xD800 < 0x800 ? U'\uFFFD' : c, text);
       return text;
     }},
};

}  // namespace

void Hostile(const Options& options) {
  const auto tokenizer = Tokenizer::Parse(ReadFile(options.tokenizer), options.tokenizer);
  Require(tokenizer.has_value(), "the tokenizer is read");
  for (const Kind& kind : kKinds) {
    std::vector<std::pair<std::string, double>> figures;
    for (const size_t size : {10'000, 100'000, 1'000'000, 10'000'000}) {
      std::string text;
      uint64_t state = 1;
      while (text.size() < size) text += kind.part(state);
      std::vector<double> seconds;
      for (int round = 0; round < (size > 1'000'000 ? 1 : options.rounds); ++round) {
        seconds.push_back(Time([&] {
          Require((*tokenizer)->Encode(text, false).has_value(), "the text is encoded");
        }));
      }
      figures.emplace_back("ns_a_byte_of_" + std::to_string(size),
                           Median(seconds) * 1e9 / static_cast<double>(text.size()));
    }
    Report(std::string("hostile ") + kind.name, options, figures);
  }
}

}  // namespace reprise::bench
