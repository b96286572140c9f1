#include "run/dataset_section.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json_words.h"
#include "dataset/row_format.h"
#include "dataset/schema.h"
#include "dataset/split_sizes.h"
#include "run/json_schema.h"

namespace reprise {
namespace {

constexpr std::string_view kSchemaPath = "$.dataset.schema";
constexpr std::string_view kSplitPath = "$.dataset.split";

using Names = std::vector<std::string_view>;

Status CheckField(const JsonValue& name, const Names& fields, const std::string& path,
                  std::string_view file) {
  if (std::ranges::find(fields, name.string()) != fields.end()) return {};
  std::string known;
  for (const std::string_view field : fields) {
    known += (known.empty() ? "" : ", ") + std::string(field);
  }
  return RefuseMember(file, path, "one of the fields " + known, &name);
}

// Checks the columns. The fields that are kept; nothing where only the files say which there are.
Result<std::optional<Names>> KeptFields(const JsonValue& dataset, const DatasetSchema* schema,
                                        std::string_view file) {
  Names fields;
  if (schema != nullptr) {
    for (const Field& field : schema->fields) fields.push_back(field.name);
  }
  const JsonValue* columns = dataset.Find("columns");
  if (columns == nullptr) return schema ? std::optional(std::move(fields)) : std::nullopt;
  Names kept;
  for (const JsonValue& column : columns->array()) {
    const std::string path = "$.dataset.columns[" + std::to_string(kept.size()) + "]";
    if (std::ranges::find(kept, column.string()) != kept.end()) {
      return RefuseMember(file, path, "each name once", &column);
    }
    if (schema != nullptr) {
      REPRISE_TRY(CheckField(column, fields, path, file));
    }
    kept.push_back(column.string());
  }
  return kept;
}

// The parts of a split, and where they are written.
struct Shares {
  SplitOptions options;
  std::string path;
  int64_t rows = 1;  // of counts their sum; ratios are the same of any number
};

Shares SharesOf(const JsonValue& split, const DatasetSchema* schema) {
  Shares shares;
  std::vector<SplitPart>& parts = shares.options.parts;
  if (const JsonValue* ratios = split.Find("ratios")) {
    shares.path = std::string(kSplitPath) + ".ratios";
    for (const auto& [name, ratio] : ratios->object()) {
      parts.push_back({.name = std::string(name), .ratio = ratio.number()});
    }
  } else if (const JsonValue* counts = split.Find("counts")) {
    shares.path = std::string(kSplitPath) + ".counts";
    shares.options.by_count = true;
    shares.rows = 0;
    for (const auto& [name, count] : counts->object()) {
      parts.push_back({.name = std::string(name), .count = IntegerOf(count)});
      shares.rows += parts.back().count;
    }
  } else if (schema != nullptr) {
    shares.path = std::string(kSchemaPath) + ".splits";
    for (const auto& [name, ratio] : schema->splits) {
      parts.push_back({.name = name, .ratio = ratio});
    }
  }
  return shares;
}

SplitMethod MethodOf(const JsonValue& split) {
  const JsonValue* method = split.Find("method");
  if (method == nullptr || method->string() == "shuffle") return SplitMethod::kShuffle;
  return method->string() == "content" ? SplitMethod::kContent : SplitMethod::kHuggingFace;
}

// What an error found, in words.
std::string FoundOf(const Error& error) {
  for (const ErrorField& field : error.fields) {
    if (field.name == "found") return field.value;
  }
  return "";
}

// An error about arguments of a split as one about members: "ratios.train" is a member of the
// shares.
Failure RefuseSplit(const Error& error, const Shares& shares, std::string_view file) {
  std::string_view argument = *error.Text("argument");
  std::string path;
  if (const std::string_view of = shares.options.by_count ? "counts" : "ratios";
      argument.starts_with(of)) {
    argument.remove_prefix(of.size());
    path = argument.empty() ? shares.path : MemberPath(shares.path, argument.substr(1));
  } else {
    path = MemberPath(std::string(kSplitPath), argument);
  }
  return RefuseMember(file, path, *error.Text("expected"), FoundOf(error));
}

// How rows are found, as the members say; by its format, where the files' names tell it.
Result<RowOptions> RowOptionsOf(const JsonValue& dataset) {
  const auto text = [&](std::string_view name) -> std::optional<std::string> {
    const JsonValue* value = dataset.Find(name);
    return value ? std::optional<std::string>(value->string()) : std::nullopt;
  };
  RowOptions options = {.format = text("format"),
                        .compression = text("compression"),
                        .delimiter = text("delimiter"),
                        .quote = text("quote"),
                        .text_rows = text("textRows")};
  if (const JsonValue* header = dataset.Find("header")) options.header = header->boolean();
  // Whether there is a path counts, not which.
  if (dataset.Find("rowsPath") != nullptr) options.rows_path.emplace();
  if (options.format) return options;
  const JsonValue& source = *dataset.Find("source");
  std::vector<std::string> files;
  if (source.is_array()) {
    for (const JsonValue& file : source.array()) files.emplace_back(file.string());
  } else {
    files.emplace_back(source.string());
  }
  REPRISE_ASSIGN(options.format, FormatOfNames(files));
  return options;
}

// The fields of a schema that are kept.
std::vector<Field> FieldsOf(const DatasetSchema& schema, const Names& kept) {
  std::vector<Field> fields;
  for (const Field& field : schema.fields) {
    if (std::ranges::find(kept, field.name) != kept.end()) fields.push_back(field);
  }
  return fields;
}

// Checks how rows are found, and whether such rows can have the fields of a schema.
Status CheckRowMembers(const JsonValue& dataset, const DatasetSchema* schema,
                       const std::optional<Names>& fields) {
  REPRISE_ASSIGN(RowOptions options, RowOptionsOf(dataset));
  if (schema != nullptr && schema->delimiter) {
    options.schema_delimiter = std::string(1, *schema->delimiter);
  }
  REPRISE_TRY(CheckRowOptions(options));
  if (schema == nullptr || !options.format) return {};
  return CheckFields(*options.format, FieldsOf(*schema, *fields));
}

Status CheckSplitSection(const JsonValue& split, const DatasetSchema* schema,
                         const std::optional<Names>& fields, std::string_view file) {
  const JsonValue *key = split.Find("key"), *stratify = split.Find("stratify");
  if (key != nullptr && fields) {
    REPRISE_TRY(CheckField(*key, *fields, "$.dataset.split.key", file));
  }
  if (stratify != nullptr && fields) {
    REPRISE_TRY(CheckField(*stratify, *fields, "$.dataset.split.stratify", file));
  }
  Shares shares = SharesOf(split, schema);
  if (shares.path.empty() || shares.options.parts.empty()) return {};
  shares.options.method = MethodOf(split);
  if (shares.rows > kMaxSplitRows) {
    return RefuseMember(file, shares.path,
                        "counts that sum to at most " + std::to_string(kMaxSplitRows),
                        std::to_string(shares.rows));
  }
  const RowFacts facts = {
      .rows = shares.rows, .has_keys = key != nullptr, .has_strata = stratify != nullptr};
  const Status status = CheckSplit(shares.options, facts);
  if (status) return {};
  return RefuseSplit(status.error(), shares, file);
}

}  // namespace

Status CheckDatasetSection(const JsonValue& dataset, std::string_view file) {
  std::optional<DatasetSchema> schema;
  if (const JsonValue* given = dataset.Find("schema")) {
    REPRISE_ASSIGN(schema, ReadDatasetSchema(*given, file, kSchemaPath));
  }
  const DatasetSchema* known = schema ? &*schema : nullptr;
  REPRISE_ASSIGN(const std::optional<Names> fields, KeptFields(dataset, known, file));
  if (const Status status = CheckRowMembers(dataset, known, fields); !status) {
    const Error& error = status.error();
    return RefuseMember(file, MemberPath("$.dataset", *error.Text("argument")),
                        *error.Text("expected"), FoundOf(error));
  }
  if (const JsonValue* split = dataset.Find("split")) {
    return CheckSplitSection(*split, known, fields, file);
  }
  return {};
}

}  // namespace reprise
