// Encoding of the documents of a text, beside loading the tokenizer.
#include <algorithm>
#include <cstdio>
#include <ctime>

#include "base/byte_view.h"
#include "bench/bench.h"
#include "hash/sha256.h"
#include "tokenizer/encoding.h"

namespace reprise::bench {
namespace {

constexpr size_t kDocumentBytes = 2500;

// Parts of a text that end with the first line behind kDocumentBytes bytes.
std::vector<std::string_view> Documents(std::string_view text) {
  std::vector<std::string_view> documents;
  for (size_t at = 0; at < text.size();) {
    const size_t line = text.find('\n', std::min(text.size(), at + kDocumentBytes));
    const size_t end = line == std::string_view::npos ? text.size() : line + 1;
    documents.push_back(text.substr(at, end - at));
    at = end;
  }
  return documents;
}

int64_t EncodeAll(const Tokenizer& tokenizer, const std::vector<std::string_view>& documents) {
  int64_t tokens = 0;
  for (const std::string_view document : documents) {
    const auto ids = tokenizer.Encode(document, /*add_special_tokens=*/false);
    Require(ids.has_value(), "a document is encoded");
    tokens += static_cast<int64_t>(ids->size());
  }
  return tokens;
}

// A second encoding, which meets the words of the first, and the way with offsets, which keeps no
// words, give the same ids.
void CheckIds(const std::shared_ptr<const Tokenizer>& tokenizer,
              const std::vector<std::string_view>& documents) {
  EncodeOptions options;
  options.offsets = true;
  const auto encoder = TextEncoder::Create(tokenizer, options);
  Require(encoder.has_value(), "an encoder is made");
  const size_t step = documents.size() / 50 + 1;
  for (size_t i = 0; i < documents.size(); i += step) {
    const auto ids = tokenizer->Encode(documents[i], false);
    Require(ids.has_value() && *ids == *tokenizer->Encode(documents[i], false),
            "a second encoding gives the same ids");
    const auto encoding = encoder->Encode(documents[i]);
    Require(encoding.has_value() && encoding->ids == *ids, "so does encoding with offsets");
  }
}

std::string HashOfIds(const Tokenizer& tokenizer, const std::vector<std::string_view>& documents) {
  Sha256 hash;
  for (const std::string_view document : documents) {
    const auto ids = tokenizer.Encode(document, /*add_special_tokens=*/false);
    Require(ids.has_value(), "a document is encoded");
    hash.Update(BytesOf(*ids));
  }
  return ToHex(hash.Finish());
}

}  // namespace

void TokenizeInTurn(const Options& options) {
  const std::string json = ReadFile(options.tokenizer), text = ReadFile(options.text);
  const auto tokenizer = Tokenizer::Parse(json, options.tokenizer);
  Require(tokenizer.has_value(), "the tokenizer is read");
  const std::vector<std::string_view> documents = Documents(text);
  std::printf("%s\n", HashOfIds(**tokenizer, documents).c_str());
  std::fflush(stdout);
  while (std::getchar() == '\n') {
    const std::clock_t begin = std::clock();
    EncodeAll(**tokenizer, documents);
    std::printf("%ld\n", static_cast<long>(std::clock() - begin));
    std::fflush(stdout);
  }
}

void Tokenize(const Options& options) {
  const std::string json = ReadFile(options.tokenizer), text = ReadFile(options.text);
  const double start = Now();
  const auto tokenizer = Tokenizer::Parse(json, options.tokenizer);
  const double load_seconds = Now() - start;
  Require(tokenizer.has_value(), "the tokenizer is read");
  const std::vector<std::string_view> documents = Documents(text);
  int64_t tokens = 0;
  const auto bytes = static_cast<double>(text.size());
  const double cold = bytes / Time([&] { tokens = EncodeAll(**tokenizer, documents); });
  std::vector<double> warm;
  for (int round = 0; round < options.rounds; ++round) {
    int64_t again = 0;
    warm.push_back(bytes / Time([&] { again = EncodeAll(**tokenizer, documents); }));
    Require(again == tokens, "every pass gives as many tokens");
  }
  CheckIds(*tokenizer, documents);
  Report("tokenize", options,
         {{"mb_per_s", Median(warm) / 1e6},
          {"cold_mb_per_s", cold / 1e6},
          {"bytes_per_token", bytes / static_cast<double>(tokens)},
          {"load_ms", load_seconds * 1e3}});
}

}  // namespace reprise::bench
