#include "run/dataset_section.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/json_words.h"
#include "base/json_writer.h"
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
    if (schema != nullptr) {
      const std::string path = "$.dataset.columns[" + std::to_string(kept.size()) + "]";
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
  std::string found;
  for (const ErrorField& field : error.fields) {
    if (field.name != "found") continue;
    const double* number = std::get_if<double>(&field.value);
    found = number ? std::move(JsonWriter().Double(*number)).Take()
                   : std::get<std::string>(field.value);
  }
  return RefuseMember(file, path, *error.Text("expected"), found);
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
  // Whether there are keys and strata counts, not which.
  const Sha256Digest digest = {};
  const RowFacts facts = {.rows = shares.rows,
                          .keys = std::span(&digest, key ? 1 : 0),
                          .strata = std::span(&digest, stratify ? 1 : 0)};
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
  if (const JsonValue* split = dataset.Find("split")) {
    return CheckSplitSection(*split, known, fields, file);
  }
  return {};
}

}  // namespace reprise
