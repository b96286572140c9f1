// The scripts of code points (UAX #24) and their names.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "unicode/script_tables.h"

namespace reprise {

// A script by its number in unicode_tables::script; 0 for code points without one.
using Script = uint8_t;
constexpr Script kNoScript = 0;

Script ScriptOf(char32_t c);

// The script of a name such as "Han" or its code "Hani"; case, spaces, _ and - do not matter
// (UAX #44, UAX44-LM3).
std::optional<Script> ScriptByName(std::string_view name);

// "Han"; "" for kNoScript.
std::string_view ScriptName(Script script);

}  // namespace reprise
