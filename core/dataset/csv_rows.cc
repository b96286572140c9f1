#include "dataset/csv_rows.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/byte_block.h"
#include "base/json_words.h"
#include "dataset/field_text.h"
#include "dataset/json_rows.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

std::string JoinedPath(const Field& field) {
  std::string joined;
  for (const std::string& name : field.path) joined += (joined.empty() ? "" : ".") + name;
  return joined;
}

std::string InColumns(size_t count) {
  return std::to_string(count) + (count == 1 ? " column" : " columns");
}

// Columns by their names, of many the first three and the number of the others.
std::string InColumns(const std::vector<std::string>& names) {
  constexpr size_t kMost = 3;
  std::string words = names.size() == 1 ? "the column " : "the columns ";
  for (size_t i = 0; i < std::min(names.size(), kMost); ++i) {
    words += (i > 0 ? ", " : "") + FoundText(names[i]);
  }
  if (names.size() > kMost) words += " and " + std::to_string(names.size() - kMost) + " more";
  return words;
}

}  // namespace

std::string NameOfColumn(size_t column) { return "column_" + std::to_string(column); }

Result<std::vector<std::string>> NamesInHeader(const CsvRow& row, char quote, std::string_view file,
                                               bool says_byte) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  const auto refuse = [&](std::string_view column, std::string_view expected,
                          std::string_view found) {
    Error error(ErrorCode::kInvalidData,
                std::string(file) + ": header, column " + QuotedJson(column) + ": expected " +
                    std::string(expected) + ", found " + std::string(found));
    error = std::move(error).With("file", file).With("column", column);
    if (says_byte) error = std::move(error).With("byte", row.byte);
    return Fail(std::move(error).With("expected", expected).With("found", found));
  };
  for (const CsvField& field : row.fields) {
    std::string name = Unescaped(row, field, quote);
    if (name.empty()) name = NameOfColumn(names.size() + 1);
    if (FindInvalidUtf8(name))
      return refuse(NameOfColumn(names.size() + 1), "UTF-8", "other bytes");
    if (!seen.insert(name).second) return refuse(name, "each name once", "it twice");
    names.push_back(std::move(name));
  }
  return names;
}

std::string Unescaped(const CsvRow& row, const CsvField& field, char quote) {
  ByteBuffer text;
  AppendUnescaped(row, field, quote, text);
  return std::string(text.text());
}

void AppendUnescaped(const CsvRow& row, const CsvField& field, char quote, ByteBuffer& out) {
  const std::string_view text = row.Text(field);
  if (!field.has_escapes) return out.Append(text);
  const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
  uint8_t* to = out.Extend(text.size() + kBlockBytes);
  if (to == nullptr) return;
  for (size_t at = 0; at < text.size();) {
    const size_t plain = CopyBefore(static_cast<uint8_t>(quote), bytes + at, text.size() - at, to);
    to += plain;
    at += plain;
    if (at == text.size()) break;
    *to++ = bytes[at];
    at = std::min(at + 2, text.size());  // the second of two as well
  }
  out.Truncate(static_cast<size_t>(to - out.data()));
}

Status CsvRows::Row(const CsvRow& row) {
  const bool is_blank = row.fields.size() == 1 && row.fields[0].begin == row.fields[0].end &&
                        !row.fields[0].is_quoted;
  if (is_blank && (awaits_header_ || kept_.size() != 1)) {
    rows_->CountBlankRow();
    return {};
  }
  if (awaits_header_) return ReadHeader(row);
  if (!is_mapped_) REPRISE_TRY(MapByPlace(row.fields.size()));
  if (row.garbage) {
    const std::string_view found = row.text.substr(*row.garbage);
    return rows_->RefuseRow("", row.byte + static_cast<int64_t>(*row.garbage),
                            "a delimiter or a line end after a closing quote",
                            FoundText(found.substr(0, found.find_first_of("\r\n"))));
  }
  if (row.fields.size() != kept_.size()) {
    return rows_->RefuseRow("", row.byte, InColumns(kept_.size()), InColumns(row.fields.size()));
  }
  // Delimiters are ASCII, so that the fields of a text that is UTF-8 are.
  const bool is_utf8 = row.is_ascii || !FindInvalidUtf8(row.text);
  for (size_t i = 0; i < row.fields.size(); ++i) {
    if (kept_[i].field == nullptr) continue;
    if (const char* expected = Append(kept_[i], row, row.fields[i], is_utf8)) {
      return RefuseValue(*kept_[i].field, row, row.fields[i], expected);
    }
  }
  for (Column* column : missing_) column->AddAbsent();
  return rows_->EndRow();
}

// Null where it was appended, else what was expected, "" standing for a value of the field.
const char* CsvRows::Append(const Kept& kept, const CsvRow& row, const CsvField& value,
                            bool is_utf8) {
  const auto& [field, column] = kept;
  std::string_view text = row.Text(value);
  if (text.empty() && !value.is_quoted && field->optional) {
    column->AddAbsent();
    return nullptr;
  }
  if (!is_utf8 && FindInvalidUtf8(text)) return "UTF-8";
  if (value.has_escapes && field->type == FieldType::kString && !field->is_list) {
    AppendUnescaped(row, value, *format_.quote, column->bytes());
    column->EndBytes();
    return nullptr;
  }
  ByteBuffer unescaped(column->bytes().shortage());
  if (value.has_escapes) {
    AppendUnescaped(row, value, *format_.quote, unescaped);
    // Then memory lacks, as the row's end will say.
    if (unescaped.size() == 0) return nullptr;
    text = unescaped.text();
  }
  if (!field->is_list) {
    if (AppendFromText(*field, text, *column)) return nullptr;
  } else {
    JsonCursor json(text);
    if (AppendFromJson(*field, json, *column) == JsonAppend::kDone && json.TakeEnd()) {
      return nullptr;
    }
  }
  if (!text.empty() || !field->optional) return "";
  column->AddAbsent();
  return nullptr;
}

Status CsvRows::RefuseValue(const Field& field, const CsvRow& row, const CsvField& value,
                            std::string_view expected) {
  const std::string unescaped =
      value.has_escapes ? Unescaped(row, value, format_.quote.value_or('"')) : "";
  const std::string_view text = value.has_escapes ? unescaped : row.Text(value);
  const bool is_kind = expected.empty();
  const std::string as_json = field.is_list ? " as JSON" : "";
  return rows_->RefuseRow(field.name, row.byte + static_cast<int64_t>(value.begin),
                          is_kind ? field.Expected() + as_json : std::string(expected),
                          text.empty() ? "nothing" : FoundText(text));
}

Status CsvRows::ReadHeader(const CsvRow& row) {
  awaits_header_ = false;
  is_mapped_ = true;
  if (row.garbage) {
    return rows_->Refuse("", row.byte + static_cast<int64_t>(*row.garbage),
                         "a delimiter or a line end after a closing quote", "other characters");
  }
  REPRISE_ASSIGN(const auto names, NamesInHeader(row, format_.quote.value_or('"'), rows_->file(),
                                                 rows_->says_bytes()));
  const auto& fields = rows_->schema().fields;
  std::map<std::string, size_t> field_of_name;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (!field_of_name.emplace(JoinedPath(fields[i]), i).second) {
      return rows_->Refuse(fields[i].name, row.byte, "a column of its own", "another field's");
    }
  }
  for (const std::string& name : names) {
    const auto found = field_of_name.find(name);
    if (found == field_of_name.end() && !rows_->schema().ignores_other_fields) {
      return rows_->Refuse(name, row.byte, "only columns of the schema", "another one");
    }
    kept_.push_back(found == field_of_name.end() ? Kept() : Keep(found->second));
    if (found != field_of_name.end()) field_of_name.erase(found);
  }
  return FillMissing(field_of_name, row.byte);
}

CsvRows::Kept CsvRows::Keep(size_t field) {
  return {&rows_->schema().fields[field], &rows_->column(field)};
}

// Fields that no column has.
Status CsvRows::FillMissing(const std::map<std::string, size_t>& fields, int64_t byte) {
  for (const auto& [name, field] : fields) {
    if (!rows_->schema().fields[field].optional) {
      return rows_->Refuse(name, byte, "a column of this name", "none");
    }
    missing_.push_back(&rows_->column(field));
  }
  return {};
}

Status CsvRows::MapByPlace(size_t columns) {
  is_mapped_ = true;
  const auto& fields = rows_->schema().fields;
  kept_.assign(columns, {});
  std::map<std::string, size_t> unnamed;
  for (size_t i = 0; i < fields.size(); ++i) unnamed.emplace(JoinedPath(fields[i]), i);
  size_t named = 0;
  for (size_t column = 0; column < columns; ++column) {
    const auto found = unnamed.find(NameOfColumn(column + 1));
    if (found == unnamed.end()) continue;
    kept_[column] = Keep(found->second);
    unnamed.erase(found);
    ++named;
  }
  const std::vector<size_t>& places = rows_->schema().places;
  const size_t all = places.empty() ? fields.size() : rows_->schema().place_count;
  if (named == 0 && all == columns) {
    for (size_t i = 0; i < fields.size(); ++i) kept_[places.empty() ? i : places[i]] = Keep(i);
    return {};
  }
  if (named == columns || rows_->schema().ignores_other_fields) return FillMissing(unnamed, 0);
  // Where no column is a field by its name, or every field has one, what differs is how many.
  if (named == 0 || unnamed.empty()) {
    return rows_->Refuse("", 0, InColumns(fields.size()), InColumns(columns));
  }
  return RefuseColumns(unnamed);
}

// Where some columns are fields by their names, those that are none, and the fields without one.
Status CsvRows::RefuseColumns(const std::map<std::string, size_t>& unnamed) {
  std::vector<std::string> expected, found;
  for (const auto& [name, field] : unnamed) expected.push_back(name);
  for (size_t column = 0; column < kept_.size(); ++column) {
    if (kept_[column].field == nullptr) found.push_back(NameOfColumn(column + 1));
  }
  return rows_->Refuse("", 0, InColumns(expected), InColumns(found));
}

Status CsvRows::Unclosed(int64_t byte) {
  return rows_->Refuse("", byte, "a closing quote", "the end of the file");
}

Status CsvRows::TooLong(int64_t byte) {
  return rows_->Refuse("", byte, "a row of at most 256 MiB", "more");
}

Status CsvRows::Finish() {
  if (!awaits_header_) return {};
  return rows_->Refuse("", 0, "a header", "an empty file");
}

}  // namespace reprise
