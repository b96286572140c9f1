// The normalisation forms of Unicode (UAX #15).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise {

enum class NormalizationForm : uint8_t { kNfc, kNfd, kNfkc, kNfkd };

// With which data: that of the database, or with what came after Unicode 9.0 left alone, as the
// library `unicode-normalization-alignments` has it that Hugging Face's tokenizers use.
enum class NormalizationData : uint8_t { kCurrent, kVersion9 };

// Normalises valid UTF-8, in linear time.
std::string Normalize(std::string_view text, NormalizationForm form,
                      NormalizationData data = NormalizationData::kCurrent);

}  // namespace reprise
