// The first stage of a tokenizer: it rewrites text before anything is split.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "tokenizer/json_fields.h"

namespace reprise {

// Rewrites valid UTF-8 to valid UTF-8. Immutable once parsed.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void Apply(std::string& text) const = 0;

  // The component described by the fields: Sequence, Prepend or Replace by a string. Errors:
  // unsupported for another type or option, invalid_tokenizer.
  static Result<std::unique_ptr<const Normalizer>> Parse(const JsonFields& fields);
};

}  // namespace reprise
