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
  // Without special tokens only the places of the text count, of which a template may have several.
  virtual void Apply(bool add_special_tokens, std::vector<int32_t>& ids) const = 0;

  // Whether it can change ids at all.
  virtual bool changes_ids() const { return true; }

  // The component described by the fields, in its form for one text. Errors: unsupported for
  // another type or option, invalid_tokenizer.
  static Result<std::unique_ptr<const PostProcessor>> Parse(const JsonFields& fields);
};

}  // namespace reprise
