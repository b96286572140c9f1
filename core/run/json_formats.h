// What the keyword `format` of the schemas means. The published schemas say the same as patterns,
// as far as these can, for validators that do not know the names.
#pragma once

#include <string_view>

namespace reprise {

struct JsonFormat {
  std::string_view name, words;  // the words stand after "must be"
  bool (*matches)(std::string_view text);
};

// "sha256" (64 lower-case hexadecimal digits), "file-name" (of the same folder, as base/file_name.h
// has it), "inner-file" (names of folders and of a file with / between them, none of which ends in
// a dot or space, so that ".." is none), "inner-folder" (the same, or "."), "token-id" (0 to
// 2147483647 in decimal), "csv-delimiter" (one ASCII character that ends no line), "csv-quote" (the
// same, or none) and "member-path" (1 to 64 names that are not empty, with dots between them).
// Another name traps.
const JsonFormat& JsonFormatOf(std::string_view name);

}  // namespace reprise
