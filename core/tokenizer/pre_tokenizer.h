// The second stage of a tokenizer: it splits normalised text into words, which the model then
// encodes one by one.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tokenizer/json_fields.h"

namespace reprise {

// A text and where its words end. Words are not empty and cover the text without gaps; what a
// pre-tokenizer removes leaves the text.
struct PreTokenizedText {
  std::string text;
  std::vector<size_t> ends;

  // One word, or none where the text is empty.
  explicit PreTokenizedText(std::string whole);
};

// Splits words into smaller ones and may rewrite them. Immutable once parsed.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void Apply(PreTokenizedText& words) const = 0;

  // The component described by the fields: Sequence, Digits or ByteLevel. Errors: unsupported for
  // another type or option, invalid_tokenizer.
  static Result<std::unique_ptr<const PreTokenizer>> Parse(const JsonFields& fields);
};

}  // namespace reprise
