// The tokens <0x00> to <0xFF>, which stand for bytes outside the vocabulary.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tokenizer/vocabulary.h"

namespace reprise {

// The id of each byte's token, or `none`.
inline std::array<int32_t, 256> FindByteTokens(const Vocabulary& vocabulary, int32_t none) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::array<int32_t, 256> ids;
  for (size_t byte = 0; byte < 256; ++byte) {
    const std::string token = {'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'};
    ids[byte] = vocabulary.Find(token).value_or(none);
  }
  return ids;
}

// Those of FindByteTokens that are there.
inline std::vector<int32_t> PresentByteTokens(const std::array<int32_t, 256>& ids, int32_t none) {
  std::vector<int32_t> present;
  for (const int32_t id : ids) {
    if (id != none) present.push_back(id);
  }
  return present;
}

}  // namespace reprise
