// JSON values as errors show what they found, and the error of a member that is not as it should
// be.
#pragma once

#include <string>
#include <string_view>

#include "base/json_reader.h"
#include "base/status.h"

namespace reprise {

// A number, a text or true or false as JSON; of anything else its kind, "nothing" of nullptr.
std::string InWords(const JsonValue* value);

// A text as JSON, in quotes.
std::string QuotedJson(std::string_view text);

// invalid_config: "FILE: PATH must be EXPECTED, found FOUND", with these fields.
Failure RefuseMember(std::string_view file, const std::string& path, const std::string& expected,
                     const JsonValue* found);

}  // namespace reprise
