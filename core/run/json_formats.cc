#include "run/json_formats.h"

#include <algorithm>
#include <iterator>

#include "base/file_name.h"
#include "base/status.h"

namespace reprise {
namespace {

bool IsSha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsTokenId(std::string_view text) {
  constexpr std::string_view kMost = "2147483647";
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return false;
  if (text.size() > 1 && text[0] == '0') return false;
  return text.size() < kMost.size() || (text.size() == kMost.size() && text <= kMost);
}

// Windows puts dots and spaces at the end of a name aside.
bool IsInnerFile(std::string_view text) {
  for (;;) {
    const size_t end = std::min(text.find('/'), text.size());
    const std::string_view part = text.substr(0, end);
    if (!IsFileName(part) || part.back() == '.' || part.back() == ' ') return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

bool IsInnerFolder(std::string_view text) { return text == "." || IsInnerFile(text); }

bool IsCsvDelimiter(std::string_view text) {
  return text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80 && text[0] != '\n' &&
         text[0] != '\r';
}

bool IsCsvQuote(std::string_view text) { return text.empty() || IsCsvDelimiter(text); }

bool IsMemberPath(std::string_view text) {
  const bool has_empty_name = text.empty() || text.front() == '.' || text.back() == '.' ||
                              text.find("..") != std::string_view::npos;
  return !has_empty_name && std::ranges::count(text, '.') < 64;
}

constexpr JsonFormat kFormats[] = {
    {"sha256", "64 lower-case hexadecimal digits", IsSha256},
    {"file-name", "the name of a file or folder without a path", IsFileName},
    {"inner-file", R"(a file inside the file's own folder, such as "data/rows.csv")", IsInnerFile},
    {"inner-folder",
     R"(a folder inside the file's own, such as "models/story", or "." for that itself)",
     IsInnerFolder},
    {"token-id", "a token id in decimal", IsTokenId},
    {"csv-delimiter", "one ASCII character that ends no line", IsCsvDelimiter},
    {"csv-quote", R"(one ASCII character that ends no line, or "")", IsCsvQuote},
    {"member-path", R"(names of members with dots between them, such as "data.rows")",
     IsMemberPath},
};

}  // namespace

const JsonFormat& JsonFormatOf(std::string_view name) {
  const auto* const found = std::ranges::find(kFormats, name, &JsonFormat::name);
  REPRISE_CHECK(found != std::end(kFormats), "a schema names an unknown format");
  return *found;
}

}  // namespace reprise
