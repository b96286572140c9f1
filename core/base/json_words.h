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

// The path of a member of the value at `parent`: "$.seed", or in brackets where the name is other
// than letters, digits and underscores: $["a b"].
std::string MemberPath(const std::string& parent, std::string_view name);

// invalid_config: "FILE: PATH must be EXPECTED, found FOUND", with these fields.
Failure RefuseMember(std::string_view file, const std::string& path, const std::string& expected,
                     const JsonValue* found);
// The same of what is not a value, in words.
Failure RefuseMember(std::string_view file, const std::string& path, const std::string& expected,
                     const std::string& found);

}  // namespace reprise
