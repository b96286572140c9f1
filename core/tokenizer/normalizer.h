// The first stage of a tokenizer: it rewrites text before anything is split.
#pragma once

#include <memory>
#include <utility>

#include "base/growing_array.h"
#include "tokenizer/alignment.h"
#include "tokenizer/json_fields.h"
#include "unicode/utf8.h"

namespace reprise {

// A text on its way through the normalizers.
struct NormalizedText {
  GrowingText text;  // valid UTF-8
  // Whether the text still starts where the original did: nothing was taken off its front.
  bool keeps_start = true;
  // Null where nobody asks for offsets.
  std::unique_ptr<Alignment> alignment = nullptr;
  // Where the text is written anew, before it takes the other's place.
  GrowingText scratch = GrowingText();
};

// Rewrites a text, in memory that a MemoryWatch watches: where that lacks, the text is not to be
// used any more. Immutable once parsed; threads may share one.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void Apply(NormalizedText& normalized) const = 0;

  // The component described by the fields. What may be wrong: unsupported for another type or
  // option, invalid_tokenizer.
  static std::unique_ptr<Normalizer> Parse(const JsonFields& fields);
};

// The parsers of single families, for Parse.
std::unique_ptr<Normalizer> ParseBertNormalizer(const JsonFields& fields);
std::unique_ptr<Normalizer> ParsePrecompiledNormalizer(const JsonFields& fields);

// Rewrites a text code point by code point: `write(c, out)` appends what c becomes. What becomes
// nothing is taken out.
void RewriteCharacters(NormalizedText& normalized, void (*write)(char32_t c, GrowingText& out));

// Brings a text into a normalisation form, with the data that the reference library has.
void NormalizeForm(NormalizedText& normalized, NormalizationForm form);

}  // namespace reprise
