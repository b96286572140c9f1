// The tokens <0x00> to <0xFF>, which stand for bytes outside the vocabulary.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
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

// Whether a text ends with the token of a byte.
inline bool EndsWithByteToken(std::string_view text) {
  if (text.size() < 6) return false;
  const std::string_view end = text.substr(text.size() - 6);
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); };
  return end.starts_with("<0x") && is_digit(end[3]) && is_digit(end[4]) && end[5] == '>';
}

}  // namespace reprise
