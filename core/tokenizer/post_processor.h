// The fourth stage of a tokenizer: it adds the special tokens that a model expects around a text.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/status.h"
#include "tokenizer/json_fields.h"

namespace reprise {

// Puts special tokens around the ids of one text. Immutable once parsed.
class PostProcessor {
 public:
  virtual ~PostProcessor() = default;
  virtual void AddSpecialTokens(std::vector<int32_t>& ids) const = 0;

  // The component described by the fields: Sequence, TemplateProcessing (its form for one text) or
  // ByteLevel, which changes offsets only. Errors: unsupported for another type or option,
  // invalid_tokenizer.
  static Result<std::unique_ptr<const PostProcessor>> Parse(const JsonFields& fields);
};

}  // namespace reprise
