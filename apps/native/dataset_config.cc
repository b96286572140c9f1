#include "apps/native/dataset_config.h"

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/json_reader.h"
#include "base/json_words.h"
#include "base/json_writer.h"
#include "capi/reprise.h"

namespace reprise::native {
namespace {

// What stands for nothing here, in an object at `path`.
Status RefuseUnread(const JsonValue& object, const std::string& path, const std::string& file,
                    std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (object.Find(name) == nullptr) continue;
    const std::string place = MemberPath(path, name);
    return Fail(Error(ErrorCode::kUnsupported, file + ": " + place + " is read by reprise alone")
                    .With("file", file)
                    .With("path", place));
  }
  return {};
}

// ",NAME:VALUE".
std::string Member(std::string_view name, std::string value) {
  return "," + QuotedJson(name) + ":" + std::move(value);
}

// The names of a path, which may have dots between them.
std::string NamesJson(const JsonValue& path) {
  JsonWriter names;
  names.BeginArray();
  if (path.is_array()) {
    for (const JsonValue& name : path.array()) names.String(name.string());
  } else {
    std::string_view rest = path.string();
    for (size_t dot = 0; dot != std::string_view::npos;) {
      dot = rest.find('.');
      names.String(rest.substr(0, dot));
      rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
    }
  }
  names.EndArray();
  return std::move(names).Take();
}

std::string FormatMembers(const JsonValue& dataset) {
  std::string members;
  for (const std::string_view name : {"delimiter", "quote", "textRows"}) {
    if (const JsonValue* text = dataset.Find(name)) {
      members += Member(name, QuotedJson(text->string()));
    }
  }
  if (const JsonValue* path = dataset.Find("rowsPath")) {
    members += Member("rowsPath", NamesJson(*path));
  }
  return members;
}

// An integer of a checked config, which may be written as 3.0.
int64_t IntegerOf(const JsonValue& value) { return static_cast<int64_t>(value.number()); }

void WriteValue(const JsonValue& value, JsonWriter& json) {
  if (value.is_array()) {
    json.BeginArray();
    for (const JsonValue& element : value.array()) WriteValue(element, json);
    json.EndArray();
  } else if (value.is_object()) {
    json.BeginObject();
    for (const JsonMember& member : value.object()) {
      WriteValue(member.value, json.Key(member.name));
    }
    json.EndObject();
  } else {
    json.Raw(InWords(&value));
  }
}

// The names and numbers of shares, in their order.
std::string SharesMembers(std::string_view kind, const JsonValue& shares) {
  JsonWriter names, numbers;
  names.BeginArray();
  numbers.BeginArray();
  for (const auto& [name, number] : shares.object()) {
    names.String(name);
    if (kind == "counts")
      numbers.Int(IntegerOf(number));
    else
      numbers.Double(number.number());
  }
  names.EndArray();
  numbers.EndArray();
  return Member("names", std::move(names).Take()) + Member(kind, std::move(numbers).Take());
}

void ReadSplit(const JsonValue& split, DatasetConfig* config) {
  for (const std::string_view kind : {"ratios", "counts"}) {
    if (const JsonValue* shares = split.Find(kind)) config->shares = SharesMembers(kind, *shares);
  }
  if (const JsonValue* method = split.Find("method")) {
    config->method = method->string();
  }
  if (const JsonValue* seed = split.Find("seed")) config->seed = IntegerOf(*seed);
}

Status ReadSchema(const Core& core, const JsonValue& value, const std::string& file,
                  DatasetConfig* config) {
  JsonWriter json;
  WriteValue(value, json);
  const std::string text = std::move(json).Take();
  REPRISE_TRY(core.Check(reprise_dataset_schema_check(core.get(), text.data(), text.size(),
                                                      file.data(), file.size())));
  config->schema = core.result();
  if (const JsonValue* seed = value.Find("seed")) config->seed = IntegerOf(*seed);
  if (const JsonValue* splits = value.Find("splits")) {
    config->shares = SharesMembers("ratios", *splits);
  }
  return {};
}

}  // namespace

Result<DatasetConfig> ReadDatasetConfig(const Core& core, const std::string& file) {
  REPRISE_ASSIGN(const std::string text, ReadWholeFile(file));
  REPRISE_TRY(core.Check(
      reprise_run_config_check(core.get(), text.data(), text.size(), file.data(), file.size())));
  REPRISE_ASSIGN(const JsonValue root, ParseJson(text, file));
  const JsonValue* dataset = root.Find("dataset");
  if (dataset == nullptr) return RefuseMember(file, "$.dataset", "an object", dataset);
  REPRISE_TRY(RefuseUnread(*dataset, "$.dataset", file,
                           {"compression", "columns", "onError", "maxErrors"}));
  const JsonValue* source = dataset->Find("source");
  if (source->is_array()) {
    if (source->array().size() > 1)
      REPRISE_TRY(RefuseUnread(*dataset, "$.dataset", file, {"source"}));
    source = &source->array()[0];
  }
  DatasetConfig config;
  config.path = (std::filesystem::path(file).parent_path() / source->string()).string();
  if (const JsonValue* format = dataset->Find("format")) config.format = format->string();
  if (const JsonValue* header = dataset->Find("header")) config.has_header = header->boolean();
  config.members = FormatMembers(*dataset);
  if (const JsonValue* seed = root.Find("seed")) config.seed = IntegerOf(*seed);
  if (const JsonValue* schema = dataset->Find("schema")) {
    REPRISE_TRY(ReadSchema(core, *schema, file, &config));
  }
  if (const JsonValue* split = dataset->Find("split")) {
    REPRISE_TRY(RefuseUnread(*split, "$.dataset.split", file, {"key", "stratify"}));
    ReadSplit(*split, &config);
  }
  return config;
}

}  // namespace reprise::native
