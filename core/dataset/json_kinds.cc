#include "dataset/json_kinds.h"

#include "dataset/json_rows.h"
#include "dataset/value_text.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

// The longest path that schemas have.
constexpr int kDeepestPath = 64;

JsonKinds::Kind KindOfInteger(std::string_view text) {
  if (IsNegativeZero(text)) return JsonKinds::kFloat;
  const auto value = IntegerFromText(text);
  if (!value) return JsonKinds::kBeyondInt64;
  return IsExactFloat64(*value) ? JsonKinds::kInteger : JsonKinds::kInexactInteger;
}

JsonKinds::Kind KindOfString(std::string_view raw) {
  const bool is_non_finite = raw == "NaN" || raw == "Infinity" || raw == "-Infinity";
  return is_non_finite ? JsonKinds::kNonFinite : JsonKinds::kString;
}

// The type of scalars of one type; nothing where they are mixed, none, or no type holds them.
std::optional<FieldType> ScalarType(const JsonKinds& kinds) {
  int seen = kinds.seen & ~JsonKinds::kNull;
  if ((seen & JsonKinds::kNonFinite) != 0) {
    // Floats beside numbers, texts elsewhere.
    const bool has_numbers = (seen & (JsonKinds::kAnyInteger | JsonKinds::kFloat)) != 0;
    seen = (seen & ~JsonKinds::kNonFinite) | (has_numbers ? JsonKinds::kFloat : JsonKinds::kString);
  }
  if (seen == JsonKinds::kBool) return FieldType::kBool;
  if (seen == JsonKinds::kString) return FieldType::kString;
  if (seen == 0 || (seen & ~(JsonKinds::kAnyInteger | JsonKinds::kFloat)) != 0) return std::nullopt;
  if ((seen & JsonKinds::kBeyondInt64) != 0) return std::nullopt;
  if ((seen & JsonKinds::kFloat) == 0) return FieldType::kInt64;
  if ((seen & JsonKinds::kInexactInteger) != 0) return std::nullopt;
  return FieldType::kFloat64;
}

// The field of a member whose own members are none.
Field FieldOf(const JsonKinds& kinds, std::vector<std::string> path) {
  Field field;
  for (const std::string& part : path) field.name += (field.name.empty() ? "" : ".") + part;
  field.path = std::move(path);
  const int seen = kinds.seen & ~JsonKinds::kNull;
  const bool is_list = seen == JsonKinds::kList;
  const JsonKinds& scalars = is_list ? *kinds.elements : kinds;
  const std::optional<FieldType> type = ScalarType(scalars);
  const bool has_holes = is_list && (scalars.seen & JsonKinds::kNull) != 0;
  if (type && !has_holes) {
    field.type = *type;
    field.is_list = is_list;
  } else if (is_list && scalars.values == 0) {
    field.is_list = true;
  } else {
    // Where nothing but null was seen, a string is what may come.
    field.from_any = seen != 0;
  }
  return field;
}

// Appends the fields that an object's members become.
void AppendFields(const JsonKinds& object, const std::vector<std::string>& path,
                  bool is_in_optional, std::vector<Field>* fields) {
  for (const auto& [name, kinds] : object.members) {
    std::vector<std::string> inner = path;
    inner.push_back(name);
    const bool is_optional =
        is_in_optional || (kinds->seen & JsonKinds::kNull) != 0 || kinds->values < object.objects;
    const bool has_only_objects = (kinds->seen & ~JsonKinds::kNull) == JsonKinds::kObject;
    // Empty names and paths beyond what schemas have stay JSON.
    const bool is_nested = has_only_objects && !kinds->members.empty() && !name.empty() &&
                           inner.size() < kDeepestPath && !kinds->place_of_member.contains("");
    if (is_nested) {
      AppendFields(*kinds, inner, is_optional, fields);
      continue;
    }
    fields->push_back(FieldOf(*kinds, std::move(inner)));
    fields->back().optional = is_optional;
  }
}

}  // namespace

std::optional<RowProblem> JsonRowKinds::Add(std::string_view text) {
  noted_.clear();
  grown_.clear();
  if (Row(text)) {
    for (const auto& [kinds, kind] : noted_) {
      kinds->seen |= kind;
      ++kinds->values;
      kinds->objects += kind == JsonKinds::kObject;
    }
    return std::nullopt;
  }
  for (; !grown_.empty(); grown_.pop_back()) {
    JsonKinds& object = *grown_.back();
    object.place_of_member.erase(object.members.back().first);
    object.members.pop_back();
  }
  is_in_member_ = false;
  return std::exchange(problem_, {});
}

std::vector<Field> JsonRowKinds::Fields() const {
  std::vector<Field> fields;
  AppendFields(root_, {}, false, &fields);
  return fields;
}

bool JsonRowKinds::Row(std::string_view text) {
  if (const auto invalid = FindInvalidUtf8(text)) return IsWrong(*invalid, "UTF-8", "other bytes");
  JsonCursor json(text);
  if (json.Peek() != '{') {
    const size_t at = json.at();
    if (!json.SkipValue()) return IsNoJson(json);
    return IsWrong(at, "an object", FoundJson(text.substr(at)));
  }
  return Value(json, root_, 0) && (json.TakeEnd() || IsNoJson(json));
}

bool JsonRowKinds::Value(JsonCursor& json, JsonKinds& kinds, int depth) {
  switch (json.Peek()) {
    case '{':
      return depth < kDeepestPath ? Object(json, kinds, depth)
                                  : Skip(json, kinds, JsonKinds::kObject);
    case '[':
      return List(json, kinds);
    case '"': {
      JsonCursor::String text;
      if (!json.TakeString(&text)) return IsNoJson(json);
      Note(kinds, KindOfString(text.raw));
      return true;
    }
    case 't':
    case 'f':
      return Skip(json, kinds, JsonKinds::kBool);
    case 'n':
      return Skip(json, kinds, JsonKinds::kNull);
    default:
      return Number(json, kinds);
  }
}

bool JsonRowKinds::Object(JsonCursor& json, JsonKinds& kinds, int depth) {
  Note(kinds, JsonKinds::kObject);
  const int64_t object = objects_++;
  json.Take('{', "an object");
  if (json.Peek() == '}') return json.Take('}', "");
  while (true) {
    JsonCursor::String name;
    if (json.Peek() != '"')
      return IsWrong(json.at(), "a name in quotes", FoundJson(json.text().substr(json.at())));
    const size_t at = json.at();
    if (!json.TakeString(&name) || !json.Take(':', "a colon")) return IsNoJson(json);
    if (name.has_escapes) name_ = Unescaped(name);
    JsonKinds& member = Member(kinds, name.has_escapes ? std::string_view(name_) : name.raw);
    const bool is_again = member.last_object == object;
    member.last_object = object;
    if (is_again) {
      is_in_member_ = true;
      IsWrong(at, "a name once", "it twice");
    }
    if (is_again || !Value(json, member, depth + 1)) {
      if (!is_in_member_) return false;
      const std::string& inner = problem_.column;
      problem_.column = Unescaped(name) + (inner.empty() ? "" : "." + inner);
      return false;
    }
    if (json.Peek() == '}') return json.Take('}', "");
    if (!json.Take(',', "a comma or }")) return IsNoJson(json);
  }
}

bool JsonRowKinds::List(JsonCursor& json, JsonKinds& kinds) {
  Note(kinds, JsonKinds::kList);
  if (kinds.elements == nullptr) kinds.elements = std::make_unique<JsonKinds>();
  json.Take('[', "a list");
  if (json.Peek() == ']') return json.Take(']', "");
  while (true) {
    const char c = json.Peek();
    const bool is_one = c == '[' ? Skip(json, *kinds.elements, JsonKinds::kList)
                                 : Value(json, *kinds.elements, kDeepestPath);
    if (!is_one) return false;
    if (json.Peek() == ']') return json.Take(']', "");
    if (!json.Take(',', "a comma or ]")) return IsNoJson(json);
  }
}

bool JsonRowKinds::Number(JsonCursor& json, JsonKinds& kinds) {
  const char c = json.Peek();
  if (c != '-' && (c < '0' || c > '9')) return json.SkipValue() || IsNoJson(json);
  const size_t at = json.at();
  JsonCursor::Number number;
  if (!json.TakeNumber(&number)) return IsNoJson(json);
  if (!number.is_integer && !FloatFromText(number.text)) {
    is_in_member_ = true;
    return IsWrong(at, "a number that float64 can hold", FoundJson(number.text));
  }
  Note(kinds, number.is_integer ? KindOfInteger(number.text) : JsonKinds::kFloat);
  return true;
}

bool JsonRowKinds::Skip(JsonCursor& json, JsonKinds& kinds, JsonKinds::Kind kind) {
  Note(kinds, kind);
  return json.SkipValue() || IsNoJson(json);
}

JsonKinds& JsonRowKinds::Member(JsonKinds& object, std::string_view name) {
  const auto found = object.place_of_member.find(name);
  if (found != object.place_of_member.end()) return *object.members[found->second].second;
  object.place_of_member.emplace(name, object.members.size());
  object.members.emplace_back(name, std::make_unique<JsonKinds>());
  grown_.push_back(&object);
  return *object.members.back().second;
}

bool JsonRowKinds::IsWrong(size_t at, std::string expected, std::string found) {
  problem_ = {0, "", static_cast<int64_t>(at), std::move(expected), std::move(found)};
  return false;
}

bool JsonRowKinds::IsNoJson(const JsonCursor& json) {
  problem_ = JsonProblem(json);
  return false;
}

}  // namespace reprise
