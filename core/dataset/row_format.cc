#include "dataset/row_format.h"

#include <algorithm>
#include <utility>

#include "base/json_words.h"

namespace reprise {
namespace {

constexpr std::string_view kFormats[] = {"csv", "tsv", "json", "jsonl", "text", "parquet"};
constexpr std::string_view kCompressions[] = {"none", "gzip", "zstd"};
constexpr std::string_view kTextRows[] = {"line", "blank_line", "whole"};

// By the end of a file's name.
constexpr std::pair<std::string_view, std::string_view> kEndings[] = {
    {"csv", "csv"},     {"tsv", "tsv"},         {"tab", "tsv"},   {"json", "json"},
    {"jsonl", "jsonl"}, {"ndjson", "jsonl"},    {"txt", "text"},  {"text", "text"},
    {"md", "text"},     {"parquet", "parquet"}, {"pq", "parquet"}};

std::string JoinedWords(std::span<const std::string_view> words) {
  std::string joined;
  for (const std::string_view word : words) {
    joined += (joined.empty() ? "" : ", ") + std::string(word);
  }
  return joined;
}

// Takes the last dot of a name and what is behind it off, in small letters without the dot.
std::optional<std::string> TakeEnding(std::string_view* name) {
  const size_t dot = name->rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  std::string ending(name->substr(dot + 1));
  std::ranges::transform(ending, ending.begin(), [](char letter) {
    return 'A' <= letter && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  });
  name->remove_suffix(name->size() - dot);
  return ending;
}

std::optional<std::string> FormatOfName(std::string_view name) {
  std::optional<std::string> ending = TakeEnding(&name);
  if (ending == "gz" || ending == "zst") ending = TakeEnding(&name);
  for (const auto& [end, format] : kEndings) {
    if (ending == end) return std::string(format);
  }
  return std::nullopt;
}

Status CheckWord(std::string_view argument, const std::optional<std::string>& word,
                 std::span<const std::string_view> words) {
  if (!word || std::ranges::find(words, *word) != words.end()) return {};
  return RefuseArgument(argument, JoinedWords(words), QuotedJson(*word));
}

Status CheckCharacter(std::string_view argument, const std::optional<std::string>& given) {
  const bool is_one =
      !given || (given->size() == 1 && static_cast<unsigned char>((*given)[0]) < 0x80 &&
                 (*given)[0] != '\n' && (*given)[0] != '\r');
  if (is_one) return {};
  return RefuseArgument(argument, "one ASCII character that ends no line", QuotedJson(*given));
}

// An option that not every format has, and what was given.
struct OwnedOption {
  std::string_view name;
  std::vector<std::string_view> formats;  // that have it
  std::string_view expected;
  std::optional<std::string> found;
};

std::vector<OwnedOption> GivenOptions(const RowOptions& options) {
  const auto quoted = [](const std::optional<std::string>& text) {
    return text ? std::optional(QuotedJson(*text)) : std::nullopt;
  };
  std::optional<std::string> header, path, compression;
  if (options.compression != "none") compression = quoted(options.compression);
  if (options.header) header = *options.header ? "true" : "false";
  if (options.rows_path) path = "a path";
  constexpr std::string_view kTables = "given with csv and tsv only";
  std::vector<OwnedOption> all = {
      {"compression",
       {"csv", "tsv", "json", "jsonl", "text"},
       "none of Parquet, whose parts are compressed",
       compression},
      {"delimiter", {"csv", "tsv"}, kTables, quoted(options.delimiter)},
      {"quote", {"csv", "tsv"}, kTables, quoted(options.quote)},
      {"header", {"csv", "tsv"}, kTables, header},
      {"textRows", {"text"}, "given with text only", quoted(options.text_rows)},
      {"rowsPath", {"json"}, "given with json only", path}};
  std::erase_if(all, [](const OwnedOption& option) { return !option.found; });
  return all;
}

// Every option is one of the format, or of a format that has those before it too.
Status CheckOwners(const RowOptions& options) {
  std::vector<std::string_view> possible(std::begin(kFormats), std::end(kFormats));
  if (options.format) possible = {*options.format};
  for (const OwnedOption& option : GivenOptions(options)) {
    std::erase_if(possible, [&](std::string_view format) {
      return std::ranges::find(option.formats, format) == option.formats.end();
    });
    if (!possible.empty()) continue;
    return RefuseArgument(option.name, option.expected, *option.found);
  }
  return {};
}

// Of csv, or of tsv, which has no quote.
CsvFormat OwnSeparators(bool is_tsv) {
  return is_tsv ? CsvFormat{.delimiter = '\t', .quote = std::nullopt} : CsvFormat();
}

// The delimiter and the quote differ: those that are given, and where the format is too its own.
Status CheckSeparators(const RowOptions& options) {
  const bool is_tsv = options.format == "tsv";
  std::optional<std::string> delimiter = options.delimiter, quote = options.quote;
  if (is_tsv || options.format == "csv") {
    const CsvFormat own = OwnSeparators(is_tsv);
    if (!delimiter && !is_tsv) delimiter = options.schema_delimiter;
    if (!delimiter) delimiter = std::string(1, own.delimiter);
    if (!quote) quote = own.quote ? std::string(1, *own.quote) : "";
  }
  if (!delimiter || !quote || delimiter != quote) return {};
  // Of the two the one that was given.
  if (!options.quote) {
    return RefuseArgument("delimiter", "another character than quote", QuotedJson(*delimiter));
  }
  return RefuseArgument("quote", "another character than delimiter", QuotedJson(*quote));
}

}  // namespace

Result<std::optional<std::string>> FormatOfNames(std::span<const std::string> files) {
  std::optional<std::string> format;
  for (size_t i = 0; i < files.size(); ++i) {
    std::optional<std::string> told = FormatOfName(files[i]);
    if (i > 0 && told != format) {
      constexpr std::string_view kNone = "one that its name does not tell";
      return RefuseArgument(
          "source", "files of one format",
          format.value_or(std::string(kNone)) + " and " + told.value_or(std::string(kNone)));
    }
    format = std::move(told);
  }
  return format;
}

Status CheckRowOptions(const RowOptions& options) {
  REPRISE_TRY(CheckWord("format", options.format, kFormats));
  REPRISE_TRY(CheckWord("compression", options.compression, kCompressions));
  REPRISE_TRY(CheckWord("textRows", options.text_rows, kTextRows));
  REPRISE_TRY(CheckCharacter("delimiter", options.delimiter));
  if (options.quote != "") REPRISE_TRY(CheckCharacter("quote", options.quote));
  REPRISE_TRY(CheckOwners(options));
  return CheckSeparators(options);
}

Status CheckFields(std::string_view format, std::span<const Field> fields) {
  const bool is_one_string =
      fields.size() == 1 && !fields[0].is_list && fields[0].type == FieldType::kString;
  if (format != "text" || is_one_string) return {};
  return RefuseArgument("schema", "one field of type string, which a text's rows are", "others");
}

Result<RowFormat> RowFormatOf(const RowOptions& options) {
  REPRISE_TRY(CheckRowOptions(options));
  const std::string_view name = options.format ? std::string_view(*options.format) : "";
  const auto texts = std::span(kFormats).first(5);
  if (std::ranges::find(texts, name) == texts.end()) {
    return RefuseArgument("format", JoinedWords(texts),
                          options.format ? QuotedJson(name) : "nothing");
  }
  const bool is_tsv = name == "tsv";
  RowFormat format;
  format.format = name == "json"    ? DatasetFormat::kJson
                  : name == "jsonl" ? DatasetFormat::kJsonLines
                  : name == "text"  ? DatasetFormat::kText
                                    : DatasetFormat::kCsv;
  std::optional<std::string> delimiter = options.delimiter;
  if (!delimiter && name == "csv") delimiter = options.schema_delimiter;
  format.is_delimiter_known = is_tsv || delimiter.has_value();
  format.csv = OwnSeparators(is_tsv);
  if (delimiter) format.csv.delimiter = (*delimiter)[0];
  if (options.quote) {
    format.csv.quote = options.quote->empty() ? std::nullopt : std::optional((*options.quote)[0]);
  }
  format.has_header = options.header;
  constexpr TextRowKind kKinds[] = {TextRowKind::kLine, TextRowKind::kParagraph,
                                    TextRowKind::kWhole};
  if (options.text_rows) {
    format.text_rows = kKinds[std::ranges::find(kTextRows, *options.text_rows) - kTextRows];
  }
  format.rows_path = options.rows_path.value_or(std::vector<std::string>());
  return format;
}

}  // namespace reprise
