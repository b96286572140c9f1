// The one text of a JSON value, which is what gets hashed.
#pragma once

#include <string>
#include <string_view>

#include "base/json_reader.h"

namespace reprise {

// The value's JSON by RFC 8785 (JSON Canonicalization Scheme): no white space, members sorted by
// the UTF-16 units of their names, numbers as ECMAScript's Number::toString writes the double
// nearest to them. So integers beyond 2^53 and what no double is belong into strings.
std::string CanonicalJson(const JsonValue& value);

// Whether valid UTF-8 comes before other valid UTF-8 in the order of UTF-16 units, in which RFC
// 8785 sorts names.
bool ComesBeforeInUtf16(std::string_view one, std::string_view other);

// A finite double as ECMAScript writes it (ECMA-262, Number::toString with radix 10).
std::string EcmaScriptNumber(double value);

// SHA-256 of the canonical form of a JSON text, 64 lower-case hexadecimal digits. Errors: those of
// ParseJson, which `source` is named in.
Result<std::string> HashJson(std::string_view json, std::string_view source);

}  // namespace reprise
