// What a file of a folder may be called.
#pragma once

#include <optional>
#include <string_view>

namespace reprise {

// Whether a text is the name of a file or folder without a path, on any system: no separators,
// colons or control characters, not "." or "..", 1 to 255 bytes.
bool IsFileName(std::string_view text);

// The last part of a path or address, which may end in separators; nothing where that is no such
// name.
std::optional<std::string_view> LastFileName(std::string_view path);

}  // namespace reprise
