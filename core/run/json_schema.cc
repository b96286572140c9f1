// Past 400 lines, since the words of an error follow the walk that finds it.
#include "run/json_schema.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/json_words.h"
#include "hash/canonical_json.h"
#include "run/json_formats.h"
#include "run/nearest_names.h"

namespace reprise {
namespace {

constexpr double kMaxSafeInteger = 9007199254740991;

bool IsInteger(const JsonValue& value) {
  if (!value.is_number()) return false;
  const double number = value.number();
  return number == std::floor(number) && std::abs(number) <= kMaxSafeInteger;
}

bool HasType(const JsonValue& value, std::string_view type) {
  if (type == "integer") return IsInteger(value);
  if (type == "number") return value.is_number();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.kind() == JsonValue::Kind::kBool;
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  REPRISE_CHECK(type == "null", "a schema names an unknown type");
  return value.is_null();
}

// A schema has one type, or a list of them.
std::vector<std::string_view> TypesOf(const JsonValue& type) {
  if (type.is_string()) return {type.string()};
  std::vector<std::string_view> types;
  for (const JsonValue& one : type.array()) types.push_back(one.string());
  return types;
}

// "an integer from 0 to 7".
std::string RangeWords(const JsonValue& schema, const std::string& noun) {
  const JsonValue* least = schema.Find("minimum");
  const JsonValue* above = schema.Find("exclusiveMinimum");
  const JsonValue* most = schema.Find("maximum");
  const auto text = [](const JsonValue* bound) { return EcmaScriptNumber(bound->number()); };
  if (least && most) return noun + " from " + text(least) + " to " + text(most);
  if (above && most) return noun + " above " + text(above) + " and at most " + text(most);
  if (least) return noun + " of at least " + text(least);
  if (above) return noun + " above " + text(above);
  if (most) return noun + " of at most " + text(most);
  return noun;
}

// "a list of 1 to 64", by the bounds that a schema names.
std::string SizeWords(const JsonValue& schema, std::string_view least_name,
                      std::string_view most_name, std::string noun) {
  const JsonValue* least = schema.Find(least_name);
  const JsonValue* most = schema.Find(most_name);
  if (most == nullptr) return least ? std::move(noun) + " that is not empty" : noun;
  return std::move(noun) + " of " + (least ? std::to_string(least->integer()) : "0") + " to " +
         std::to_string(most->integer());
}

std::string TypeWords(const JsonValue& schema, std::string_view type) {
  if (type == "integer") return RangeWords(schema, "an integer");
  if (type == "number") return RangeWords(schema, "a number");
  if (type == "boolean") return "true or false";
  if (type == "null") return "null";
  if (type == "array") return SizeWords(schema, "minItems", "maxItems", "a list");
  if (type == "object") return "an object";
  if (const JsonValue* format = schema.Find("format")) {
    return std::string(JsonFormatOf(format->string()).words);
  }
  return schema.Find("minLength") ? "a text that is not empty" : "a text";
}

// "a, b or c".
std::string OneOfWords(std::span<const std::string> words) {
  std::string joined;
  for (const std::string& one : words) {
    if (!joined.empty()) joined += &one == &words.back() ? " or " : ", ";
    joined += one;
  }
  return joined;
}

// What a schema without $ref and anyOf allows, as a sentence needs it after "must be".
std::string ExpectedWords(const JsonValue& schema) {
  if (const JsonValue* only = schema.Find("const")) return InWords(only);
  std::vector<std::string> words;
  if (const JsonValue* list = schema.Find("enum")) {
    for (const JsonValue& value : list->array()) words.push_back(InWords(&value));
    return OneOfWords(words);
  }
  const JsonValue* type = schema.Find("type");
  if (type == nullptr) return schema.Find("format") ? TypeWords(schema, "string") : "a value";
  for (const std::string_view one : TypesOf(*type)) words.push_back(TypeWords(schema, one));
  return OneOfWords(words);
}

// "a, b": of members, or of the texts of a list.
std::string NamesOf(const JsonValue& value) {
  std::string names;
  const auto add = [&](std::string_view name) {
    names += (names.empty() ? "" : ", ") + std::string(name);
  };
  if (value.is_array()) {
    for (const JsonValue& name : value.array()) add(name.string());
  } else {
    for (const JsonMember& member : value.object()) add(member.name);
  }
  return names;
}

std::string MembersInWords(const JsonValue& object) { return "an object with " + NamesOf(object); }

// Whether a schema is of values of that kind, so that it says best what is wrong with this one.
bool IsForKind(const JsonValue& value, const JsonValue& schema) {
  if (const JsonValue* list = schema.Find("enum")) {
    const auto is_alike = [&](const JsonValue& one) { return one.kind() == value.kind(); };
    return std::ranges::any_of(list->array(), is_alike);
  }
  const JsonValue* type = schema.Find("type");
  const auto has_it = [&](std::string_view one) { return HasType(value, one); };
  return type != nullptr && std::ranges::any_of(TypesOf(*type), has_it);
}

bool AreEqual(const JsonValue& one, const JsonValue& other) {
  return CanonicalJson(one) == CanonicalJson(other);
}

// One schema and the file that it is held against.
class Checker {
 public:
  Checker(const JsonValue& root, std::string_view file) : root_(root), file_(file) {}

  Status Check(const JsonValue& value, const JsonValue& schema, const std::string& path) const {
    if (const JsonValue* reference = schema.Find("$ref")) {
      REPRISE_TRY(Check(value, Definition(reference->string()), path));
    }
    REPRISE_TRY(CheckKind(value, schema, path));
    REPRISE_TRY(CheckContent(value, schema, path));
    if (const JsonValue* choices = schema.Find("anyOf")) {
      REPRISE_TRY(CheckAnyOf(value, schema, choices->array(), path));
    }
    const JsonValue* barred = schema.Find("not");
    if (barred == nullptr || !Check(value, *barred, path)) return {};
    return RefuseMember(file_, path,
                        "an object with only one of " + NamesOf(*barred->Find("required")),
                        MembersInWords(value));
  }

 private:
  const JsonValue& Definition(std::string_view reference) const {
    constexpr std::string_view kPrefix = "#/$defs/";
    REPRISE_CHECK(reference.starts_with(kPrefix), "a schema refers to something else than $defs");
    const JsonValue* definitions = root_.Find("$defs");
    const JsonValue* found = definitions->Find(reference.substr(kPrefix.size()));
    REPRISE_CHECK(found != nullptr, "a schema refers to a definition that it has not");
    return *found;
  }

  Failure Refuse(const std::string& path, const JsonValue& schema, const JsonValue* value) const {
    return RefuseMember(file_, path, Words(schema), value);
  }

  // What a schema allows. Choices beside a type say which members there may be.
  std::string Words(const JsonValue& schema) const {
    const JsonValue& resolved = Resolved(schema);
    const JsonValue* choices = resolved.Find("anyOf");
    if (choices == nullptr) return ExpectedWords(resolved);
    const bool has_type = resolved.Find("type") != nullptr;
    std::vector<std::string> words;
    for (const JsonValue& choice : choices->array()) {
      const JsonValue* needed = choice.Find("required");
      const std::string names = needed ? NamesOf(*needed) : "";
      words.push_back(has_type ? names : Words(choice) + (needed ? " with " + names : ""));
    }
    return (has_type ? ExpectedWords(resolved) + " with " : "") + OneOfWords(words);
  }

  // The schema that a reference names, for words.
  const JsonValue& Resolved(const JsonValue& schema) const {
    const JsonValue* reference = schema.Find("$ref");
    return reference == nullptr ? schema : Resolved(Definition(reference->string()));
  }

  Status CheckKind(const JsonValue& value, const JsonValue& schema, const std::string& path) const {
    if (const JsonValue* only = schema.Find("const"); only && !AreEqual(*only, value)) {
      return Refuse(path, schema, &value);
    }
    if (const JsonValue* list = schema.Find("enum")) {
      const auto is_it = [&](const JsonValue& one) { return AreEqual(one, value); };
      if (std::ranges::none_of(list->array(), is_it)) return Refuse(path, schema, &value);
    }
    if (const JsonValue* type = schema.Find("type")) {
      const auto has_it = [&](std::string_view one) { return HasType(value, one); };
      if (std::ranges::none_of(TypesOf(*type), has_it)) return Refuse(path, schema, &value);
    }
    return {};
  }

  Status CheckContent(const JsonValue& value, const JsonValue& schema,
                      const std::string& path) const {
    if (value.is_number()) return CheckNumber(value, schema, path);
    if (value.is_string()) return CheckText(value, schema, path);
    if (value.is_array()) return CheckArray(value, schema, path);
    if (value.is_object()) return CheckObject(value, schema, path);
    return {};
  }

  // Where one choice alone is for values of this kind, its error is told, which says more.
  Status CheckAnyOf(const JsonValue& value, const JsonValue& schema,
                    std::span<const JsonValue> choices, const std::string& path) const {
    Status nearest;
    int near = 0;
    for (const JsonValue& choice : choices) {
      Status status = Check(value, choice, path);
      if (status) return {};
      if (!IsForKind(value, Resolved(choice))) continue;
      nearest = std::move(status);
      ++near;
    }
    if (near == 1) return nearest;
    if (schema.Find("type") == nullptr) return Refuse(path, schema, &value);
    return RefuseMember(file_, path, Words(schema), MembersInWords(value));
  }

  Status CheckNumber(const JsonValue& value, const JsonValue& schema,
                     const std::string& path) const {
    const double number = value.number();
    const auto bound = [&](std::string_view name) { return schema.Find(name); };
    const JsonValue *least = bound("minimum"), *most = bound("maximum");
    const JsonValue* above = bound("exclusiveMinimum");
    if ((least && number < least->number()) || (most && number > most->number()) ||
        (above && number <= above->number())) {
      return Refuse(path, schema, &value);
    }
    return {};
  }

  Status CheckText(const JsonValue& value, const JsonValue& schema, const std::string& path) const {
    const JsonValue* least = schema.Find("minLength");
    const bool is_long_enough =
        least == nullptr || static_cast<int64_t>(value.string().size()) >= least->integer();
    const JsonValue* format = schema.Find("format");
    if (is_long_enough &&
        (format == nullptr || JsonFormatOf(format->string()).matches(value.string()))) {
      return {};
    }
    return Refuse(path, schema, &value);
  }

  Status CheckArray(const JsonValue& value, const JsonValue& schema,
                    const std::string& path) const {
    const std::span<const JsonValue> elements = value.array();
    const auto count = static_cast<int64_t>(elements.size());
    const JsonValue *least = schema.Find("minItems"), *most = schema.Find("maxItems");
    if ((least && count < least->integer()) || (most && count > most->integer())) {
      return RefuseMember(file_, path, TypeWords(schema, "array"), &value);
    }
    const JsonValue* items = schema.Find("items");
    if (items == nullptr) return {};
    for (size_t i = 0; i < elements.size(); ++i) {
      REPRISE_TRY(Check(elements[i], *items, path + "[" + std::to_string(i) + "]"));
    }
    return {};
  }

  Status CheckObject(const JsonValue& value, const JsonValue& schema,
                     const std::string& path) const {
    const JsonValue* properties = schema.Find("properties");
    const JsonValue* others = schema.Find("additionalProperties");
    const JsonValue* names = schema.Find("propertyNames");
    for (const auto& [name, member] : value.object()) {
      const std::string place = MemberPath(path, name);
      if (const JsonValue* known = properties ? properties->Find(name) : nullptr) {
        REPRISE_TRY(Check(member, *known, place));
        continue;
      }
      if (names != nullptr && !JsonFormatOf(names->Find("format")->string()).matches(name)) {
        return RefuseMember(file_, place, "named by " + ExpectedWords(*names), &member);
      }
      if (others == nullptr) continue;
      if (others->kind() == JsonValue::Kind::kBool) {
        return RefuseUnknown(place, name, properties, member);
      }
      REPRISE_TRY(Check(member, *others, place));
    }
    return CheckMembers(value, schema, path);
  }

  // That those are there which must be.
  Status CheckMembers(const JsonValue& value, const JsonValue& schema,
                      const std::string& path) const {
    const JsonValue* properties = schema.Find("properties");
    if (const JsonValue* required = schema.Find("required")) {
      for (const JsonValue& name : required->array()) {
        if (value.Find(name.string()) != nullptr) continue;
        const JsonValue* wanted = properties ? properties->Find(name.string()) : nullptr;
        const std::string place = MemberPath(path, name.string());
        return wanted ? Refuse(place, *wanted, nullptr)
                      : RefuseMember(file_, place, "there", nullptr);
      }
    }
    const auto count = static_cast<int64_t>(value.object().size());
    const JsonValue *least = schema.Find("minProperties"), *most = schema.Find("maxProperties");
    if ((least && count < least->integer()) || (most && count > most->integer())) {
      const std::string expected =
          properties ? "an object with one of " + NamesOf(*properties)
                     : SizeWords(schema, "minProperties", "maxProperties", "an object");
      return RefuseMember(file_, path, expected, &value);
    }
    return {};
  }

  Failure RefuseUnknown(const std::string& path, std::string_view name, const JsonValue* properties,
                        const JsonValue& member) const {
    std::string nearest = NearestOf(name, *properties);
    if (!nearest.empty()) nearest = " (" + nearest + " may be meant)";
    return RefuseMember(file_, path,
                        "absent" + nearest + ": known here are " + NamesOf(*properties), &member);
  }

  static std::string NearestOf(std::string_view name, const JsonValue& properties) {
    std::vector<std::string_view> known;
    for (const auto& [one, unused] : properties.object()) known.push_back(one);
    return NearestNames(name, known);
  }

  const JsonValue& root_;
  std::string_view file_;
};

// Keywords are few, so that none is overlooked in silence.
void CheckKeywords(const JsonValue& schema) {
  constexpr std::string_view kKeywords[] = {
      "type",          "const",         "enum",
      "properties",    "required",      "$defs",
      "propertyNames", "minProperties", "maxProperties",
      "items",         "minItems",      "maxItems",
      "minLength",     "minimum",       "maximum",
      "anyOf",         "not",           "exclusiveMinimum",
      "format",        "$ref",          "additionalProperties"};
  if (schema.is_array()) {
    for (const JsonValue& choice : schema.array()) CheckKeywords(choice);
  }
  if (!schema.is_object()) return;
  for (const auto& [name, value] : schema.object()) {
    REPRISE_CHECK(std::ranges::count(kKeywords, name) == 1, "a schema has an unknown keyword");
    if (name == "properties" || name == "$defs") {
      for (const auto& [unused, inner] : value.object()) CheckKeywords(inner);
    } else if (name != "const" && name != "enum") {
      CheckKeywords(value);
    }
  }
}

}  // namespace

Status CheckSchema(const JsonValue& value, std::string_view schema, std::string_view file) {
  const Result<JsonValue> root = ParseJsonView(schema, "schema");
  REPRISE_CHECK(root.has_value(), "a schema is no JSON");
  CheckKeywords(*root);
  return Checker(*root, file).Check(value, *root, "$");
}

Status CheckDocument(const JsonValue& value, std::string_view format, std::string_view file) {
  const JsonValue* found = value.Find("format");
  if (!value.is_object()) return RefuseMember(file, "$", "an object", &value);
  if (found == nullptr || !found->is_string() || found->string() != format) {
    return RefuseMember(file, "$.format", QuotedJson(format), found);
  }
  return CheckVersion(value, file);
}

Status CheckVersion(const JsonValue& value, std::string_view file, std::string_view root) {
  const JsonValue* version = value.Find("version");
  const std::string path = std::string(root) + ".version";
  if (version == nullptr || !IsInteger(*version) || version->number() < 1) {
    return RefuseMember(file, path, "an integer of at least 1", version);
  }
  if (version->number() == 1) return {};
  return Fail(Error(ErrorCode::kUnsupported, std::string(file) + ": " + path + " is " +
                                                 InWords(version) +
                                                 "; this build reads versions up to 1")
                  .With("file", file)
                  .With("path", path)
                  .With("expected", "1")
                  .With("found", InWords(version)));
}

int64_t IntegerOf(const JsonValue& value) {
  return value.kind() == JsonValue::Kind::kInt ? value.integer()
                                               : static_cast<int64_t>(value.number());
}

}  // namespace reprise
