#include "run/json_schema.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/file_name.h"
#include "base/json_words.h"
#include "hash/canonical_json.h"
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
bool IsInnerFolder(std::string_view text) {
  if (text == ".") return true;
  for (;;) {
    const size_t end = std::min(text.find('/'), text.size());
    const std::string_view part = text.substr(0, end);
    if (!IsFileName(part) || part.back() == '.' || part.back() == ' ') return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

struct Format {
  std::string_view name, words;
  bool (*matches)(std::string_view text);
};
constexpr Format kFormats[] = {
    {"sha256", "64 lower-case hexadecimal digits", IsSha256},
    {"file-name", "the name of a file or folder without a path", IsFileName},
    {"inner-folder",
     R"(a folder inside the file's own, such as "models/story", or "." for that itself)",
     IsInnerFolder},
    {"token-id", "a token id in decimal", IsTokenId},
};

const Format& FormatOf(const JsonValue& name) {
  const auto* const found = std::ranges::find(kFormats, name.string(), &Format::name);
  REPRISE_CHECK(found != std::end(kFormats), "a schema names an unknown format");
  return *found;
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

std::string TypeWords(const JsonValue& schema, std::string_view type) {
  if (type == "integer") return RangeWords(schema, "an integer");
  if (type == "number") return RangeWords(schema, "a number");
  if (type == "boolean") return "true or false";
  if (type == "null") return "null";
  if (type == "array") return schema.Find("minItems") ? "a list that is not empty" : "a list";
  if (type == "object") return "an object";
  if (const JsonValue* format = schema.Find("format")) return std::string(FormatOf(*format).words);
  return schema.Find("minLength") ? "a text that is not empty" : "a text";
}

// What a schema allows, as a sentence needs it after "must be".
std::string ExpectedWords(const JsonValue& schema) {
  if (const JsonValue* only = schema.Find("const")) return InWords(only);
  std::string words;
  if (const JsonValue* list = schema.Find("enum")) {
    const std::span<const JsonValue> values = list->array();
    for (const JsonValue& value : values) {
      if (!words.empty()) words += &value == &values.back() ? " or " : ", ";
      words += InWords(&value);
    }
    return words;
  }
  const JsonValue* type = schema.Find("type");
  if (type == nullptr) return schema.Find("format") ? TypeWords(schema, "string") : "a value";
  for (const std::string_view one : TypesOf(*type)) {
    if (!words.empty()) words += " or ";
    words += TypeWords(schema, one);
  }
  return words;
}

std::string MemberPath(const std::string& parent, std::string_view name) {
  const bool is_plain = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  return is_plain ? parent + "." + std::string(name) : parent + "[" + QuotedJson(name) + "]";
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
    if (value.is_number()) return CheckNumber(value, schema, path);
    if (value.is_string()) return CheckText(value, schema, path);
    if (value.is_array()) return CheckArray(value, schema, path);
    if (value.is_object()) return CheckObject(value, schema, path);
    return {};
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
    return RefuseMember(file_, path, ExpectedWords(Resolved(schema)), value);
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
    if (is_long_enough && (format == nullptr || FormatOf(*format).matches(value.string()))) {
      return {};
    }
    return Refuse(path, schema, &value);
  }

  Status CheckArray(const JsonValue& value, const JsonValue& schema,
                    const std::string& path) const {
    const std::span<const JsonValue> elements = value.array();
    if (const JsonValue* least = schema.Find("minItems");
        least && static_cast<int64_t>(elements.size()) < least->integer()) {
      return RefuseMember(file_, path, "a list that is not empty", &value);
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
      if (names != nullptr && !FormatOf(*names->Find("format")).matches(name)) {
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
        const JsonValue* wanted = properties->Find(name.string());
        return Refuse(MemberPath(path, name.string()), *wanted, nullptr);
      }
    }
    const auto count = static_cast<int64_t>(value.object().size());
    const JsonValue *least = schema.Find("minProperties"), *most = schema.Find("maxProperties");
    if ((least && count < least->integer()) || (most && count > most->integer())) {
      return RefuseMember(file_, path, "an object with one of " + Names(properties), &value);
    }
    return {};
  }

  Failure RefuseUnknown(const std::string& path, std::string_view name, const JsonValue* properties,
                        const JsonValue& member) const {
    std::string nearest = NearestOf(name, *properties);
    if (!nearest.empty()) nearest = " (" + nearest + " may be meant)";
    return RefuseMember(file_, path, "absent" + nearest + ": known here are " + Names(properties),
                        &member);
  }

  static std::string NearestOf(std::string_view name, const JsonValue& properties) {
    std::vector<std::string_view> known;
    for (const auto& [one, unused] : properties.object()) known.push_back(one);
    return NearestNames(name, known);
  }

  static std::string Names(const JsonValue* properties) {
    std::string names;
    for (const auto& [name, unused] : properties->object()) {
      names += (names.empty() ? "" : ", ") + std::string(name);
    }
    return names;
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
      "items",         "minItems",      "minLength",
      "minimum",       "maximum",       "exclusiveMinimum",
      "format",        "$ref",          "additionalProperties"};
  if (!schema.is_object()) return;
  for (const auto& [name, value] : schema.object()) {
    REPRISE_CHECK(std::ranges::count(kKeywords, name) == 1, "a schema has an unknown keyword");
    if (name == "properties" || name == "$defs") {
      for (const auto& [unused, inner] : value.object()) CheckKeywords(inner);
    } else if (name != "const") {
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

Status CheckVersion(const JsonValue& value, std::string_view file) {
  const JsonValue* version = value.Find("version");
  if (version == nullptr || !IsInteger(*version) || version->number() < 1) {
    return RefuseMember(file, "$.version", "an integer of at least 1", version);
  }
  if (version->number() == 1) return {};
  return Fail(Error(ErrorCode::kUnsupported, std::string(file) + ": $.version is " +
                                                 InWords(version) +
                                                 "; this build reads versions up to 1")
                  .With("file", file)
                  .With("path", "$.version")
                  .With("expected", "1")
                  .With("found", InWords(version)));
}

int64_t IntegerOf(const JsonValue& value) {
  return value.kind() == JsonValue::Kind::kInt ? value.integer()
                                               : static_cast<int64_t>(value.number());
}

}  // namespace reprise
