// JSON values as errors show what they found.
#pragma once

#include <string>
#include <string_view>

#include "base/json_reader.h"

namespace reprise {

// A number, a text or true or false as JSON; of anything else its kind, "nothing" of nullptr.
std::string InWords(const JsonValue* value);

// A text as JSON, in quotes.
std::string QuotedJson(std::string_view text);

}  // namespace reprise
