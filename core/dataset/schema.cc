#include "dataset/schema.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

#include "base/argument_error.h"
#include "base/json_words.h"

namespace reprise {
namespace {

constexpr std::string_view kTypeNames[] = {
    "string", "int32", "int64", "float32", "float64", "bool", "timestamp", "categorical", "bytes"};
constexpr std::string_view kTypeWords[] = {"a string",
                                           "an int32",
                                           "an int64",
                                           "a float32",
                                           "a float64",
                                           "true or false",
                                           "an ISO 8601 timestamp",
                                           "one of the categories",
                                           "bytes as base64"};
constexpr std::string_view kModalities[] = {"text", "tokens", "label", "number", "image"};
constexpr std::string_view kExpectedType =
    "string, int32, int64, float32, float64, bool, timestamp, categorical or bytes, or an object "
    "with one of them as its member list";
// More than any table has that people make, and few enough to search.
constexpr size_t kMostFields = 4096;

// An integer up to 2^53 - 1 in size, which may be written as 3.0; nothing where it is none.
std::optional<int64_t> ExactInteger(const JsonValue* value) {
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double number = value->number();
  const bool is_exact =
      number == std::floor(number) && std::abs(number) <= static_cast<double>(kMaxExactInteger);
  return is_exact ? std::optional(static_cast<int64_t>(number)) : std::nullopt;
}

bool IsDelimiter(std::string_view text) {
  return text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80 && text[0] != '\n' &&
         text[0] != '\r';
}

// Reads the members of one schema and refuses those that are wrong.
class SchemaReader {
 public:
  SchemaReader(std::string_view file, std::string root) : file_(file), root_(std::move(root)) {}

  Result<DatasetSchema> Read(const JsonValue& value) {
    if (!value.is_object()) return Refuse(root_, "an object", &value);
    REPRISE_TRY(CheckNames(
        value, root_, {"version", "fields", "otherFields", "delimiter", "text", "splits", "seed"}));
    REPRISE_TRY(CheckVersion(value.Find("version")));
    DatasetSchema schema;
    const JsonValue* fields = value.Find("fields");
    if (fields == nullptr || !fields->is_array() || fields->array().empty() ||
        fields->array().size() > kMostFields) {
      return Refuse(root_ + ".fields", "an array of 1 to 4096 fields", fields);
    }
    for (size_t i = 0; i < fields->array().size(); ++i) {
      const std::string path = root_ + ".fields[" + std::to_string(i) + "]";
      REPRISE_ASSIGN(Field field, ReadField(fields->array()[i], path));
      if (schema.Find(field.name)) {
        return Refuse(path + ".name", "a name that no other field has",
                      fields->array()[i].Find("name"));
      }
      REPRISE_TRY(CheckPath(field, schema.fields, path + ".path"));
      schema.fields.push_back(std::move(field));
    }
    REPRISE_TRY(ReadRest(value, &schema));
    return schema;
  }

 private:
  Failure Refuse(const std::string& path, const std::string& expected, const JsonValue* found) {
    return RefuseMember(file_, path, expected, found);
  }

  Status CheckNames(const JsonValue& object, const std::string& path,
                    std::initializer_list<std::string_view> known) {
    for (const JsonMember& member : object.object()) {
      bool is_known = false;
      for (const std::string_view name : known) is_known |= member.name == name;
      if (is_known) continue;
      std::string names;
      for (const std::string_view name : known)
        names += (names.empty() ? "" : ", ") + std::string(name);
      return Refuse(MemberPath(path, member.name), "none but " + names, &member.value);
    }
    return {};
  }

  Status CheckVersion(const JsonValue* version) {
    const std::string path = root_ + ".version";
    const std::optional<int64_t> number = ExactInteger(version);
    if (number.value_or(0) < 1) return Refuse(path, "1", version);
    if (*number == 1) return {};
    return Fail(Error(ErrorCode::kUnsupported, std::string(file_) + ": " + path +
                                                   ": this build reads version 1, found " +
                                                   InWords(version))
                    .With("file", file_)
                    .With("path", path));
  }

  Status ReadRest(const JsonValue& value, DatasetSchema* schema) {
    if (const JsonValue* other = value.Find("otherFields")) {
      if (!other->is_string() || (other->string() != "refuse" && other->string() != "ignore")) {
        return Refuse(root_ + ".otherFields", "refuse or ignore", other);
      }
      schema->ignores_other_fields = other->string() == "ignore";
    }
    if (const JsonValue* delimiter = value.Find("delimiter")) {
      if (!delimiter->is_string() || !IsDelimiter(delimiter->string())) {
        return Refuse(root_ + ".delimiter", "one ASCII character that ends no line", delimiter);
      }
      schema->delimiter = delimiter->string()[0];
    }
    if (const JsonValue* text = value.Find("text")) {
      if (!text->is_string() || !schema->Find(text->string())) {
        return Refuse(root_ + ".text", "the name of a field", text);
      }
      schema->text = std::string(text->string());
    }
    if (const JsonValue* splits = value.Find("splits")) REPRISE_TRY(ReadSplits(*splits, schema));
    if (const JsonValue* seed = value.Find("seed")) {
      schema->seed = ExactInteger(seed);
      if (schema->seed.value_or(-1) < 0) {
        return Refuse(root_ + ".seed", "an integer from 0 to 9007199254740991", seed);
      }
    }
    return {};
  }

  Status ReadSplits(const JsonValue& splits, DatasetSchema* schema) {
    const std::string path = root_ + ".splits";
    if (!splits.is_object() || splits.object().empty()) {
      return Refuse(path, "an object of shares by name", &splits);
    }
    double sum = 0;
    for (const auto& [name, share] : splits.object()) {
      if (!share.is_number() || !(share.number() > 0 && share.number() <= 1)) {
        return Refuse(MemberPath(path, name), "a number above 0 and at most 1", &share);
      }
      sum += share.number();
      schema->splits.emplace_back(name, share.number());
    }
    if (std::abs(sum - 1) > 1e-9) return Refuse(path, "shares that sum to 1", &splits);
    return {};
  }

  Result<Field> ReadField(const JsonValue& value, const std::string& path) {
    if (!value.is_object()) return Refuse(path, "an object", &value);
    REPRISE_TRY(CheckNames(value, path,
                           {"name", "type", "optional", "from", "path", "modality", "categories"}));
    Field field;
    const JsonValue* name = value.Find("name");
    if (name == nullptr || !name->is_string() || name->string().empty()) {
      return Refuse(path + ".name", "a name", name);
    }
    field.name = std::string(name->string());
    REPRISE_TRY(ReadType(value.Find("type"), path + ".type", &field));
    if (const JsonValue* optional = value.Find("optional")) {
      if (optional->kind() != JsonValue::Kind::kBool) {
        return Refuse(path + ".optional", "true or false", optional);
      }
      field.optional = optional->boolean();
    }
    if (const JsonValue* from = value.Find("from")) {
      if (!from->is_string() || from->string() != "any" || field.is_list ||
          field.type != FieldType::kString) {
        return Refuse(path + ".from", "any, of a field of type string", from);
      }
      field.from_any = true;
    }
    REPRISE_TRY(ReadPath(value.Find("path"), path + ".path", &field));
    REPRISE_TRY(ReadModality(value.Find("modality"), path + ".modality", &field));
    REPRISE_TRY(ReadCategories(value.Find("categories"), path + ".categories", &field));
    return field;
  }

  Status ReadType(const JsonValue* type, const std::string& path, Field* field) {
    const JsonValue* name = type;
    if (type != nullptr && type->is_object()) {
      REPRISE_TRY(CheckNames(*type, path, {"list"}));
      field->is_list = true;
      name = type->Find("list");
    }
    for (size_t i = 0; name != nullptr && name->is_string() && i < std::size(kTypeNames); ++i) {
      if (name->string() != kTypeNames[i]) continue;
      field->type = static_cast<FieldType>(i);
      return {};
    }
    return Refuse(path, std::string(kExpectedType), type);
  }

  // "a.b" names the member b of a; an array names members whatever is in their names.
  Status ReadPath(const JsonValue* value, const std::string& path, Field* field) {
    if (value == nullptr) {
      field->path = {field->name};
      return {};
    }
    if (value->is_string()) {
      std::string_view rest = value->string();
      while (true) {
        const size_t dot = rest.find('.');
        field->path.emplace_back(rest.substr(0, dot));
        if (dot == std::string_view::npos) break;
        rest.remove_prefix(dot + 1);
      }
    } else if (value->is_array()) {
      for (const JsonValue& member : value->array()) {
        if (!member.is_string()) return Refuse(path, "an array of names", value);
        field->path.emplace_back(member.string());
      }
    }
    bool is_whole = !field->path.empty() && field->path.size() <= 64;
    for (const std::string& member : field->path) is_whole &= !member.empty();
    if (!is_whole) return Refuse(path, "names with dots between them, or an array of names", value);
    return {};
  }

  // A value is one field's, so that rows can be written again along the paths.
  Status CheckPath(const Field& field, const std::vector<Field>& others, const std::string& path) {
    for (const Field& other : others) {
      const size_t shared = std::min(field.path.size(), other.path.size());
      if (!std::equal(field.path.begin(), field.path.begin() + static_cast<std::ptrdiff_t>(shared),
                      other.path.begin())) {
        continue;
      }
      const std::string_view found = field.path.size() == other.path.size()  ? "the same one"
                                     : field.path.size() < other.path.size() ? "one that holds it"
                                                                             : "one inside it";
      return RefuseMember(file_, path,
                          "another path than that of " + QuotedJson(other.name) +
                              ", neither inside it nor around it",
                          std::string(found) + ", of " + QuotedJson(field.name));
    }
    return {};
  }

  Status ReadModality(const JsonValue* value, const std::string& path, Field* field) {
    if (value == nullptr) return {};
    for (const std::string_view modality : kModalities) {
      if (value->is_string() && value->string() == modality) field->modality = modality;
    }
    if (field->modality.empty()) return Refuse(path, "text, tokens, label, number or image", value);
    return {};
  }

  Status ReadCategories(const JsonValue* value, const std::string& path, Field* field) {
    const bool is_categorical = field->type == FieldType::kCategorical;
    if (value == nullptr && !is_categorical) return {};
    if (!is_categorical) return Refuse(path, "none but for the type categorical", value);
    std::set<std::string_view> seen;
    bool is_list_of_texts = value != nullptr && value->is_array() && !value->array().empty();
    for (size_t i = 0; is_list_of_texts && i < value->array().size(); ++i) {
      const JsonValue& category = value->array()[i];
      is_list_of_texts = category.is_string() && seen.insert(category.string()).second;
      if (is_list_of_texts) field->categories.emplace_back(category.string());
    }
    if (!is_list_of_texts) return Refuse(path, "an array of different strings", value);
    return {};
  }

  std::string_view file_;
  std::string root_;  // the schema's path
};

void WriteField(const Field& field, JsonWriter& json) {
  json.BeginObject().Key("name").String(field.name).Key("type");
  if (field.is_list) json.BeginObject().Key("list");
  json.String(FieldTypeName(field.type));
  if (field.is_list) json.EndObject();
  if (field.optional) json.Key("optional").Bool(true);
  if (field.from_any) json.Key("from").String("any");
  if (field.path.size() != 1 || field.path[0] != field.name) {
    json.Key("path").BeginArray();
    for (const std::string& member : field.path) json.String(member);
    json.EndArray();
  }
  if (!field.modality.empty()) json.Key("modality").String(field.modality);
  if (!field.categories.empty()) {
    json.Key("categories").BeginArray();
    for (const std::string& category : field.categories) json.String(category);
    json.EndArray();
  }
  json.EndObject();
}

}  // namespace

std::string_view FieldTypeName(FieldType type) { return kTypeNames[static_cast<size_t>(type)]; }

std::string Field::Expected() const {
  std::string words(kTypeWords[static_cast<size_t>(type)]);
  return is_list ? "a list, each of " + words : words;
}

std::optional<size_t> DatasetSchema::Find(std::string_view name) const {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == name) return i;
  }
  return std::nullopt;
}

Result<DatasetSchema> ReadDatasetSchema(const JsonValue& value, std::string_view file,
                                        std::string_view path) {
  return SchemaReader(file, std::string(path)).Read(value);
}

void WriteDatasetSchema(const DatasetSchema& schema, JsonWriter& json) {
  json.BeginObject().Key("version").Int(1).Key("fields").BeginArray();
  for (const Field& field : schema.fields) WriteField(field, json);
  json.EndArray();
  if (schema.ignores_other_fields) json.Key("otherFields").String("ignore");
  if (schema.delimiter) json.Key("delimiter").String(std::string_view(&*schema.delimiter, 1));
  if (schema.text) json.Key("text").String(*schema.text);
  if (!schema.splits.empty()) {
    json.Key("splits").BeginObject();
    for (const auto& [name, share] : schema.splits) json.Key(name).Double(share);
    json.EndObject();
  }
  if (schema.seed) json.Key("seed").Int(*schema.seed);
  json.EndObject();
}

}  // namespace reprise
