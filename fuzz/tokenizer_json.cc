// Any bytes as a tokenizer.json: it is refused with a typed error, or encodes and decodes.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/require.h"
#include "tokenizer/tokenizer.h"

using reprise::fuzz::Require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto tokenizer = reprise::Tokenizer::Parse(json, "tokenizer.json");
  if (!tokenizer) {
    Require(!tokenizer.error().message.empty(), "an error says what is wrong");
    return 0;
  }
  for (const std::string_view text :
       {"", " ", "Hello, world's 123\r\n\t", "naïve Ⅷ ﬁ 漢字かな 한국어",
        "a\u0301\u0327 👩‍👩‍👧 \u0000",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    const auto ids = (*tokenizer)->Encode(text, /*add_special_tokens=*/true);
    if (!ids) continue;
    for (const int32_t id : *ids) {
      Require(id >= 0 && id < (*tokenizer)->id_limit(), "ids lie below the limit");
    }
    // A post-processor may add ids that are no tokens.
    (void)(*tokenizer)->Decode(*ids, /*skip_special_tokens=*/false);
  }
  return 0;
}
