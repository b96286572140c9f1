#include "dataset/json_rows.h"

#include <limits>

#include "base/json_words.h"
#include "dataset/field_text.h"
#include "dataset/value_text.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

using Number = JsonCursor::Number;
using String = JsonCursor::String;

JsonAppend AppendString(const Field& field, JsonCursor& json, Column& column) {
  String string;
  if (!json.TakeString(&string)) return JsonAppend::kNoJson;
  switch (field.type) {
    case FieldType::kString:
      AppendUnescaped(string, column.bytes());
      column.EndBytes();
      return JsonAppend::kDone;
    case FieldType::kFloat32:
    case FieldType::kFloat64:
      if (string.raw != "NaN" && string.raw != "Infinity" && string.raw != "-Infinity") {
        return JsonAppend::kOther;
      }
      break;
    case FieldType::kTimestamp:
    case FieldType::kCategorical:
    case FieldType::kBytes:
      break;
    default:
      return JsonAppend::kOther;
  }
  ByteBuffer unescaped(column.bytes().shortage());
  if (string.has_escapes) AppendUnescaped(string, unescaped);
  const std::string_view text = string.has_escapes ? unescaped.text() : string.raw;
  return AppendFromText(field, text, column) ? JsonAppend::kDone : JsonAppend::kOther;
}

JsonAppend AppendNumber(const Field& field, JsonCursor& json, Column& column) {
  Number number;
  if (!json.TakeNumber(&number)) return JsonAppend::kNoJson;
  if (field.type == FieldType::kTimestamp && number.is_integer) {
    const auto microseconds = IntegerFromText(number.text);
    if (!microseconds) return JsonAppend::kOther;
    column.AddInt64(*microseconds);
    return JsonAppend::kDone;
  }
  const bool is_integer = field.type == FieldType::kInt32 || field.type == FieldType::kInt64;
  const bool is_float = field.type == FieldType::kFloat32 || field.type == FieldType::kFloat64;
  if (!is_float && !(is_integer && number.is_integer)) return JsonAppend::kOther;
  return AppendFromText(field, number.text, column) ? JsonAppend::kDone : JsonAppend::kOther;
}

JsonAppend AppendAny(JsonCursor& json, Column& column) {
  const size_t begin = json.at();
  if (!json.SkipValue()) return JsonAppend::kNoJson;
  column.AddBytes(json.text().substr(begin, json.at() - begin));
  return JsonAppend::kDone;
}

// A value that is no list.
JsonAppend AppendOne(const Field& field, JsonCursor& json, Column& column) {
  const char c = json.Peek();
  if (c == '"') return AppendString(field, json, column);
  if (field.from_any) return AppendAny(json, column);
  if (c == '-' || (c >= '0' && c <= '9')) return AppendNumber(field, json, column);
  if (field.type == FieldType::kBool && (c == 't' || c == 'f')) {
    if (!json.TakeWord(c == 't' ? "true" : "false")) return JsonAppend::kNoJson;
    column.AddBool(c == 't');
    return JsonAppend::kDone;
  }
  return json.SkipValue() ? JsonAppend::kOther : JsonAppend::kNoJson;
}

JsonAppend AppendList(const Field& field, JsonCursor& json, Column& column) {
  if (json.Peek() != '[') return json.SkipValue() ? JsonAppend::kOther : JsonAppend::kNoJson;
  json.Take('[', "a list");
  if (json.Peek() == ']') {
    json.Take(']', "");
    column.EndList();
    return JsonAppend::kDone;
  }
  while (true) {
    const JsonAppend result = AppendOne(field, json, column);
    if (result != JsonAppend::kDone) return result;
    if (json.Peek() == ']') break;
    if (!json.Take(',', "a comma or ]")) return JsonAppend::kNoJson;
  }
  json.Take(']', "");
  column.EndList();
  return JsonAppend::kDone;
}

}  // namespace

JsonAppend AppendFromJson(const Field& field, JsonCursor& json, Column& column) {
  if (json.Peek() == 'n') {
    return json.TakeWord("null") ? JsonAppend::kNull : JsonAppend::kNoJson;
  }
  const JsonCursor start = json;
  const JsonAppend result =
      field.is_list ? AppendList(field, json, column) : AppendOne(field, json, column);
  if (result == JsonAppend::kOther) json = start;
  return result;
}

std::string FoundJson(std::string_view text) {
  constexpr size_t kMost = 60;
  if (text.size() <= kMost) return std::string(text);
  std::string start;
  LossyUtf8Stream().Push(text.substr(0, kMost), start);
  return start + "… of " + std::to_string(text.size()) + " bytes";
}

RowProblem JsonProblem(const JsonCursor& json) {
  const std::string_view rest = json.text().substr(json.at());
  return {0, "", static_cast<int64_t>(json.at()), json.expected(),
          rest.empty() ? "the end" : FoundJson(rest)};
}

JsonRows::JsonRows(RowCollector* rows) : rows_(rows), nodes_(1) {
  const auto& fields = rows->schema().fields;
  for (size_t i = 0; i < fields.size(); ++i) Place(i);
}

// Enters a field's path into the tree of members.
void JsonRows::Place(size_t field) {
  const std::vector<std::string>& path = rows_->schema().fields[field].path;
  size_t node = 0;
  for (size_t depth = 0; depth < path.size(); ++depth) {
    const bool is_last = depth + 1 == path.size();
    size_t inner = SIZE_MAX;
    for (const Member& member : nodes_[node].members) {
      if (!is_last && member.name == path[depth] && member.field == kInner) inner = member.inner;
    }
    if (inner == SIZE_MAX) {
      inner = nodes_.size();
      nodes_[node].members.push_back({path[depth], is_last ? field : kInner, inner, -1});
      if (!is_last) nodes_.emplace_back();
    }
    node = inner;
  }
}

// The members of rows mostly come in one order.
JsonRows::Member* JsonRows::Find(Node& node, std::string_view name, size_t expected) {
  std::vector<Member>& members = node.members;
  if (expected < members.size() && members[expected].name == name) return &members[expected];
  for (Member& member : members) {
    if (member.name == name) return &member;
  }
  return nullptr;
}

Status JsonRows::Row(std::string_view text, int64_t byte) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    rows_->CountBlankRow();
    return {};
  }
  if (const auto invalid = FindInvalidUtf8(text)) {
    return rows_->RefuseRow("", byte + static_cast<int64_t>(*invalid), "UTF-8", "other bytes");
  }
  JsonCursor json(text);
  bool is_row = json.Peek() == '{' ? ReadObject(json, 0, "") : false;
  if (!is_row && problem_.expected.empty()) {
    const size_t at = json.at();
    is_row = json.SkipValue() ? IsWrong("", at, "an object", FoundJson(text.substr(at)))
                              : IsNoJson(json);
  }
  if (is_row && !json.TakeEnd()) is_row = IsNoJson(json);
  if (is_row) is_row = FillAbsent();
  if (is_row) return rows_->EndRow();
  const RowProblem problem = std::move(problem_);
  problem_ = {};
  return rows_->RefuseRow(problem.column, byte + problem.byte, problem.expected, problem.found);
}

Status JsonRows::Refuse(int64_t byte, std::string_view expected, std::string_view found) {
  return rows_->Refuse("", byte, expected, found);
}

bool JsonRows::ReadObject(JsonCursor& json, size_t node, const std::string& path) {
  json.Take('{', "an object");
  if (json.Peek() == '}') return json.Take('}', "");
  for (size_t expected = 0;; ++expected) {
    String name;
    if (json.Peek() != '"')
      return IsWrong("", json.at(), "a name in quotes", FoundJson(json.text().substr(json.at())));
    const size_t at = json.at();
    if (!json.TakeString(&name) || !json.Take(':', "a colon")) return IsNoJson(json);
    if (name.has_escapes) name_ = Unescaped(name);
    const std::string_view text = name.has_escapes ? std::string_view(name_) : name.raw;
    if (Member* member = Find(nodes_[node], text, expected)) {
      if (member->seen_in_row == rows_->row()) {
        return IsWrong(path + member->name, at, "a name once", "it twice");
      }
      member->seen_in_row = rows_->row();
      if (!ReadMember(json, *member, path)) return false;
    } else if (!rows_->schema().ignores_other_fields) {
      return IsWrong(path + std::string(text), at, "only fields of the schema", "another one");
    } else if (!json.SkipValue()) {
      return IsNoJson(json);
    }
    if (json.Peek() == '}') return json.Take('}', "");
    if (!json.Take(',', "a comma or }")) return IsNoJson(json);
  }
}

bool JsonRows::ReadMember(JsonCursor& json, Member& member, const std::string& path) {
  if (member.field == kInner) {
    if (json.Peek() == '{') return ReadObject(json, member.inner, path + member.name + ".");
    const size_t at = json.at();
    if (json.Peek() == 'n') return json.TakeWord("null") || IsNoJson(json);
    if (!json.SkipValue()) return IsNoJson(json);
    return IsWrong(path + member.name, at, "an object",
                   FoundJson(json.text().substr(at, json.at() - at)));
  }
  const Field& field = rows_->schema().fields[member.field];
  Column& column = rows_->column(member.field);
  switch (AppendFromJson(field, json, column)) {
    case JsonAppend::kDone:
      return true;
    case JsonAppend::kNull:
      if (!field.optional) return IsWrong(field.name, json.at() - 4, field.Expected(), "null");
      column.AddAbsent();
      return true;
    case JsonAppend::kNoJson:
      return IsNoJson(json);
    case JsonAppend::kOther:
      break;
  }
  json.Peek();
  const size_t at = json.at();
  json.SkipValue();
  return IsWrong(field.name, at, field.Expected(),
                 FoundJson(json.text().substr(at, json.at() - at)));
}

bool JsonRows::FillAbsent() {
  for (size_t i = 0; i < rows_->schema().fields.size(); ++i) {
    if (rows_->column(i).rows() > rows_->batch().rows) continue;
    const Field& field = rows_->schema().fields[i];
    if (!field.optional) return IsWrong(field.name, 0, field.Expected(), "nothing");
    rows_->column(i).AddAbsent();
  }
  return true;
}

bool JsonRows::IsWrong(std::string column, size_t at, std::string expected, std::string found) {
  problem_ = {0, std::move(column), static_cast<int64_t>(at), std::move(expected),
              std::move(found)};
  return false;
}

bool JsonRows::IsNoJson(const JsonCursor& json) {
  problem_ = JsonProblem(json);
  return false;
}

}  // namespace reprise
