// The pattern of Replace and Split components, and replacing by it. Regular expressions are refused
// by name.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "tokenizer/json_fields.h"

namespace reprise {

// Reads the field `pattern` of the form {"String": "…"}. Errors: unsupported for {"Regex": "…"},
// invalid_tokenizer for an empty string.
Result<std::string> ParseStringPattern(const JsonFields& fields);

// Replaces every occurrence from left to right; occurrences do not overlap. Requires a pattern that
// is not empty.
void ReplaceAll(std::string& text, std::string_view pattern, std::string_view content);

}  // namespace reprise
