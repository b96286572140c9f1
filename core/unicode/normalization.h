// The normalisation forms of Unicode (UAX #15).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/growing_array.h"

namespace reprise {

enum class NormalizationForm : uint8_t { kNfc, kNfd, kNfkc, kNfkd };

// With which data: that of the database, or with what came after Unicode 9.0 left alone, as the
// library `unicode-normalization-alignments` has it that Hugging Face's tokenizers use.
enum class NormalizationData : uint8_t { kCurrent, kVersion9 };

// Normalises valid UTF-8, in linear time. The first appends to a text.
void AppendNormalized(std::string_view text, NormalizationForm form, NormalizationData data,
                      GrowingText& out);
GrowingText Normalize(std::string_view text, NormalizationForm form,
                      NormalizationData data = NormalizationData::kCurrent);

// A character of a rewritten text, and for how many characters of the text before it stands: none
// where it was added behind the one before it, more than one where characters joined or went.
struct RewrittenCharacter {
  char32_t c;
  uint32_t takes;
};

// The characters of Normalize's text. Characters that change places take what stands where they
// come to stand, as in the library `unicode-normalization-alignments`.
GrowingArray<RewrittenCharacter> NormalizedCharacters(
    std::string_view text, NormalizationForm form,
    NormalizationData data = NormalizationData::kCurrent);

}  // namespace reprise
