// Checks JSON against the published schemas: the part of JSON Schema 2020-12 that schema/ uses.
#pragma once

#include <string_view>

#include "base/json_reader.h"
#include "base/json_words.h"

namespace reprise {

// Checks a value against a schema's text (https://json-schema.org/draft/2020-12). Keywords: type,
// const, enum, properties, required, additionalProperties, propertyNames, minProperties,
// maxProperties, items, minItems, maxItems, minLength, minimum, maximum, exclusiveMinimum, anyOf,
// which beside a type has choices of required alone, not, which has required alone, $ref into
// $defs, and format, which refuses (run/json_formats.h). A schema with another keyword traps.
//
// Errors: invalid_config with file, path, expected and found, of the first member that is wrong.
Status CheckSchema(const JsonValue& value, std::string_view schema, std::string_view file);

// The version that a document of `format` says it has, 1 where it is one that this build reads.
// Errors: invalid_config where it is no such document; unsupported for a version after 1.
Status CheckDocument(const JsonValue& value, std::string_view format, std::string_view file);

// The same of the version alone, of an object at `path`.
Status CheckVersion(const JsonValue& value, std::string_view file, std::string_view path = "$");

// An integer of a checked document, which may be written as 3.0.
int64_t IntegerOf(const JsonValue& value);

}  // namespace reprise
