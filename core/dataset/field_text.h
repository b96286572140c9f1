// Appends a value that a text writes to a column, as CSV has it.
#pragma once

#include <string_view>

#include "dataset/columns.h"

namespace reprise {

// False where the text is no value of the field; then nothing was appended. Requires valid UTF-8
// and that the field is no list.
bool AppendFromText(const Field& field, std::string_view text, Column& column);

}  // namespace reprise
