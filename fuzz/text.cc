// Any bytes as text, with the tokenizer that the first byte chooses among the files of the folder
// REPRISE_FUZZ_TOKENIZERS: it is refused where it is not UTF-8, else every way of encoding gives
// the same ids, and they decode.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "tokenizer/encoding.h"
#include "unicode/utf8.h"

namespace reprise::fuzz {
namespace {

std::vector<std::shared_ptr<const Tokenizer>> ReadTokenizers() {
  const char* folder = std::getenv("REPRISE_FUZZ_TOKENIZERS");
  Require(folder != nullptr, "REPRISE_FUZZ_TOKENIZERS names a folder");
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    // What was found to be taken for a tokenizer is none now.
    const bool is_refused = entry.path().filename().string().starts_with("refused-");
    if (!is_refused) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::shared_ptr<const Tokenizer>> tokenizers;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    const std::string json(std::istreambuf_iterator<char>(file), {});
    const auto tokenizer = Tokenizer::Parse(json, path.string());
    Require(tokenizer.has_value(), "a seed is a tokenizer");
    tokenizers.push_back(*tokenizer);
  }
  Require(!tokenizers.empty(), "there are seeds");
  return tokenizers;
}

void CheckText(const std::shared_ptr<const Tokenizer>& tokenizer, std::string_view text) {
  const auto ids = tokenizer->Encode(text, /*add_special_tokens=*/false);
  if (FindInvalidUtf8(text)) {
    Require(!ids && ids.error().code == ErrorCode::kInvalidArgument,
            "what is not UTF-8 is refused");
    return;
  }
  if (!ids) return;
  const auto again = tokenizer->Encode(text, false);
  Require(again && *again == *ids, "a second encoding gives the same ids");
  EncodeOptions options;
  options.offsets = true;
  const auto encoder = TextEncoder::Create(tokenizer, options);
  Require(encoder.has_value(), "an encoder is made");
  const auto encoding = encoder->Encode(text);
  Require(encoding.has_value() && encoding->ids == *ids,
          "encoding with offsets gives the same ids");
  Require(encoding->bytes.size() == ids->size(), "each token has a place");
  const auto decoded = tokenizer->Decode(*ids, /*skip_special_tokens=*/false);
  Require(decoded.has_value() && !FindInvalidUtf8(*decoded), "the ids decode to text");
  DecodeStream stream(tokenizer, /*skip_special_tokens=*/false);
  std::string streamed;
  for (const int32_t id : *ids) streamed += stream.Push(id).value();
  Require(streamed + stream.Finish() == *decoded, "a stream gives the same text");
}

}  // namespace
}  // namespace reprise::fuzz

namespace {
std::vector<std::shared_ptr<const reprise::Tokenizer>> tokenizers;
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  tokenizers = reprise::fuzz::ReadTokenizers();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  reprise::fuzz::CheckText(tokenizers[data[0] % tokenizers.size()], text);
  return 0;
}
