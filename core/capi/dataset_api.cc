// The calls of reprise.h on datasets, with the reading of their options, which no other call
// shares; hence its length.
#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_words.h"
#include "base/json_writer.h"
#include "capi/context.h"
#include "capi/options_reader.h"
#include "capi/reprise.h"
#include "dataset/dataset_reader.h"
#include "dataset/field_stats.h"
#include "dataset/schema_inference.h"
#include "dataset/split.h"

namespace reprise {
namespace {

// A file that is read, or whose first rows are looked at.
struct DatasetFileObject final : Object {
  static constexpr ObjectKind kKind = ObjectKind::kDatasetFile;
  DatasetFileObject() : Object(kKind) {}

  std::unique_ptr<SchemaInference> sample;
  std::unique_ptr<DatasetReader> reader;
  std::vector<FieldStats> stats;  // of the reader's fields, where they are wanted
  int64_t rows_taken = 0;
  bool is_taken = false;  // the rows that are there, which stay until the next call
  bool is_finished = false;

  void ForgetTaken() {
    if (is_taken) reader->rows().Clear();
    is_taken = false;
  }
};

constexpr std::string_view kFormatOptions[] = {"file",   "format",   "delimiter", "quote",
                                               "header", "textRows", "rowsPath"};

std::vector<std::string_view> OptionNames(std::initializer_list<std::string_view> more) {
  std::vector<std::string_view> names(std::begin(kFormatOptions), std::end(kFormatOptions));
  names.insert(names.end(), more);
  return names;
}

// One of some words, the place of which in the list it is; the first where it is absent.
Result<size_t> ReadWord(const OptionsReader& options, std::string_view name,
                        std::initializer_list<std::string_view> words) {
  REPRISE_ASSIGN(const std::optional<std::string> given, options.Text(name));
  if (!given) return 0;
  std::string expected;
  for (size_t i = 0; i < words.size(); ++i) {
    if (*given == words.begin()[i]) return i;
    expected += (i > 0 ? ", " : "") + std::string(words.begin()[i]);
  }
  return RefuseArgument(name, expected, QuotedJson(*given));
}

// One ASCII character that ends no line, or with `may_be_empty` none.
Result<std::optional<char>> ReadCharacter(const OptionsReader& options, std::string_view name,
                                          std::optional<char> otherwise, bool may_be_empty) {
  REPRISE_ASSIGN(const std::optional<std::string> given, options.Text(name));
  if (!given) return otherwise;
  if (given->empty() && may_be_empty) return std::nullopt;
  const bool is_one = given->size() == 1 && static_cast<unsigned char>((*given)[0]) < 0x80 &&
                      (*given)[0] != '\n' && (*given)[0] != '\r';
  if (is_one) return (*given)[0];
  return RefuseArgument(name, "one ASCII character that ends no line", QuotedJson(*given));
}

// With what the schema says, where there is one.
Result<RowFormat> ReadFormat(const OptionsReader& options, const DatasetSchema& schema = {}) {
  RowFormat format;
  REPRISE_ASSIGN(const size_t word,
                 ReadWord(options, "format", {"csv", "tsv", "json", "jsonl", "text"}));
  constexpr DatasetFormat kFormats[] = {DatasetFormat::kCsv, DatasetFormat::kCsv,
                                        DatasetFormat::kJson, DatasetFormat::kJsonLines,
                                        DatasetFormat::kText};
  format.format = kFormats[word];
  const bool is_tsv = word == 1;
  const std::optional<char> usual = is_tsv ? '\t' : word == 0 ? schema.delimiter : std::nullopt;
  REPRISE_ASSIGN(const std::optional<char> delimiter,
                 ReadCharacter(options, "delimiter", usual, false));
  format.is_delimiter_known = delimiter.has_value();
  format.csv.delimiter = delimiter.value_or(',');
  REPRISE_ASSIGN(format.csv.quote,
                 ReadCharacter(options, "quote", is_tsv ? std::nullopt : std::optional('"'), true));
  if (format.csv.quote == format.csv.delimiter) {
    return RefuseArgument("quote", "another character than delimiter", "the same");
  }
  REPRISE_ASSIGN(format.has_header, options.Boolean("header"));
  REPRISE_ASSIGN(const size_t rows, ReadWord(options, "textRows", {"line", "blank_line", "whole"}));
  constexpr TextRowKind kKinds[] = {TextRowKind::kLine, TextRowKind::kParagraph,
                                    TextRowKind::kWhole};
  format.text_rows = kKinds[rows];
  REPRISE_ASSIGN(auto path, options.Texts("rowsPath"));
  if (path) format.rows_path = *std::move(path);
  return format;
}

Result<std::string> ReadFileName(const OptionsReader& options) {
  REPRISE_ASSIGN(std::optional<std::string> file, options.Text("file"));
  if (!file) return OptionsReader::Missing("file", "a name");
  return *std::move(file);
}

Result<int64_t> ReadCount(const OptionsReader& options, std::string_view name, int64_t otherwise) {
  REPRISE_ASSIGN(const std::optional<int64_t> count, options.Integer(name));
  if (count.value_or(otherwise) >= 1) return count.value_or(otherwise);
  return RefuseArgument(name, "an integer of at least 1", std::to_string(*count));
}

Result<OnBadRow> ReadOnError(const OptionsReader& options) {
  REPRISE_ASSIGN(const size_t word, ReadWord(options, "onError", {"error", "skip", "collect"}));
  return static_cast<OnBadRow>(word);
}

Result<std::unique_ptr<DatasetFileObject>> MakeSample(std::string_view json) {
  const auto names = OptionNames({"sampleRows", "onError"});
  REPRISE_ASSIGN(const OptionsReader options, OptionsReader::Parse(json, names));
  REPRISE_ASSIGN(const RowFormat format, ReadFormat(options));
  REPRISE_ASSIGN(std::string file, ReadFileName(options));
  REPRISE_ASSIGN(const int64_t rows, ReadCount(options, "sampleRows", 20000));
  REPRISE_ASSIGN(const OnBadRow on_bad_row, ReadOnError(options));
  auto object = std::make_unique<DatasetFileObject>();
  object->sample = std::make_unique<SchemaInference>(format, std::move(file), rows,
                                                     on_bad_row != OnBadRow::kError);
  return object;
}

// Leaves fields out that are not to be kept.
Status KeepColumns(const std::vector<std::string>& columns, DatasetSchema* schema) {
  std::vector<Field> kept;
  for (const std::string& name : columns) {
    const auto field = schema->Find(name);
    if (!field) return RefuseArgument("columns", "names of fields", QuotedJson(name));
    if (std::ranges::count(schema->places, *field) != 0) {
      return RefuseArgument("columns", "each name once", QuotedJson(name) + " twice");
    }
    kept.push_back(schema->fields[*field]);
    schema->places.push_back(*field);
  }
  if (kept.empty()) return RefuseArgument("columns", "at least one field", "none");
  schema->place_count = schema->fields.size();
  schema->fields = std::move(kept);
  schema->ignores_other_fields = true;
  return {};
}

Result<CollectingOptions> ReadCollecting(const OptionsReader& options,
                                         const DatasetSchema& schema) {
  CollectingOptions collecting;
  REPRISE_ASSIGN(collecting.file, ReadFileName(options));
  REPRISE_ASSIGN(collecting.on_bad_row, ReadOnError(options));
  REPRISE_ASSIGN(collecting.most_problems, ReadCount(options, "maxErrors", 1000));
  REPRISE_ASSIGN(const auto digests, options.Boolean("digests"));
  collecting.needs_digests = digests.value_or(false);
  REPRISE_ASSIGN(const auto fields, options.Texts("digestFields"));
  for (const std::string& name : fields.value_or(std::vector<std::string>())) {
    const auto field = schema.Find(name);
    if (!field) return RefuseArgument("digestFields", "names of fields", QuotedJson(name));
    collecting.digest_fields.push_back(*field);
  }
  return collecting;
}

Result<std::unique_ptr<DatasetFileObject>> MakeReader(std::string_view schema_json,
                                                      std::string_view json) {
  const auto names =
      OptionNames({"columns", "onError", "maxErrors", "digests", "digestFields", "stats"});
  REPRISE_ASSIGN(const OptionsReader options, OptionsReader::Parse(json, names));
  REPRISE_ASSIGN(const JsonValue value, ParseJson(schema_json, "schema"));
  REPRISE_ASSIGN(DatasetSchema schema, ReadDatasetSchema(value, "schema"));
  REPRISE_ASSIGN(RowFormat format, ReadFormat(options, schema));
  if (!format.has_header) format.has_header = true;
  REPRISE_ASSIGN(const auto columns, options.Texts("columns"));
  if (columns) REPRISE_TRY(KeepColumns(*columns, &schema));
  const bool is_one_string = schema.fields.size() == 1 && !schema.fields[0].is_list &&
                             schema.fields[0].type == FieldType::kString;
  if (format.format == DatasetFormat::kText && !is_one_string) {
    return RefuseArgument("schema", "one field of type string, which a text's rows are", "others");
  }
  REPRISE_ASSIGN(CollectingOptions collecting, ReadCollecting(options, schema));
  REPRISE_ASSIGN(const auto stats, options.Boolean("stats"));
  auto object = std::make_unique<DatasetFileObject>();
  if (stats.value_or(false)) {
    for (const Field& field : schema.fields) object->stats.emplace_back(field);
  }
  object->reader =
      std::make_unique<DatasetReader>(format, std::move(schema), std::move(collecting));
  return object;
}

// Where the parts of rows lie, in the order of reprise.h.
class PartTable {
 public:
  void Word(size_t word) {
    const auto value = static_cast<uint64_t>(word);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  template <typename T>
  void Part(std::span<const T> values) {
    Word(reinterpret_cast<uintptr_t>(values.data()));
    Word(values.size_bytes());
  }
  std::string Take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

std::string PartsOf(const RowCollector& rows) {
  const RowBatch& batch = rows.batch();
  const CollectingOptions& options = rows.options();
  PartTable table;
  table.Word(static_cast<size_t>(batch.rows));
  table.Word(batch.columns.size());
  table.Word(options.digest_fields.size() + (options.needs_digests ? 1 : 0));
  for (const Column& column : batch.columns) {
    table.Part(column.validity());
    table.Part(column.list_offsets());
    table.Part(column.offsets());
    table.Part(column.values());
  }
  if (options.needs_digests) table.Part(rows.digests());
  for (size_t i = 0; i < options.digest_fields.size(); ++i) table.Part(rows.field_digests(i));
  return std::move(table).Take();
}

std::string ReportJson(const DatasetFileObject& object) {
  const RowCollector& rows = object.reader->rows();
  JsonWriter json;
  const int64_t waiting = object.is_taken ? 0 : rows.batch().rows;
  json.BeginObject().Key("rows").Int(object.rows_taken + waiting);
  json.Key("skipped").Int(static_cast<int64_t>(rows.problems().size()));
  json.Key("blankRows").Int(rows.blank_rows()).Key("problems").BeginArray();
  for (const RowProblem& problem : rows.problems()) {
    json.BeginObject().Key("row").Int(problem.row);
    if (!problem.column.empty()) json.Key("column").String(problem.column);
    json.Key("byte").Int(problem.byte).Key("expected").String(problem.expected);
    json.Key("found").String(problem.found).EndObject();
  }
  json.EndArray();
  if (!object.stats.empty()) {
    json.Key("fields").BeginObject();
    for (size_t i = 0; i < object.stats.size(); ++i) {
      json.Key(rows.schema().fields[i].name);
      object.stats[i].Write(json);
    }
    json.EndObject();
  }
  json.EndObject();
  return std::move(json).Take();
}

Result<DatasetFileObject*> FindReader(reprise_context& context, int32_t handle) {
  REPRISE_ASSIGN(DatasetFileObject * object, context.Find<DatasetFileObject>(handle));
  if (object->reader != nullptr) return object;
  return Fail(ErrorCode::kInvalidArgument, "expected a reader of a dataset, found a sample");
}

// What can be said after bytes came: rows to take, or whether the sample is full.
int32_t Waiting(const DatasetFileObject& object) {
  if (object.reader == nullptr) return object.sample->is_full() ? 1 : 0;
  return static_cast<int32_t>(std::min<int64_t>(object.reader->rows().batch().rows, INT32_MAX));
}

Result<int32_t> PushOrFinish(reprise_context& context, int32_t handle,
                             std::optional<std::span<const uint8_t>> bytes) {
  REPRISE_ASSIGN(DatasetFileObject * object, context.Find<DatasetFileObject>(handle));
  if (object->is_finished) {
    return Fail(ErrorCode::kInvalidArgument, "the file was finished, or had an error");
  }
  object->ForgetTaken();
  object->is_finished = true;  // but for success below
  if (object->reader != nullptr) {
    REPRISE_TRY(bytes ? object->reader->Push(*bytes) : object->reader->Finish());
  } else {
    REPRISE_TRY(bytes ? object->sample->Push(*bytes) : object->sample->Finish());
  }
  object->is_finished = !bytes;
  return Waiting(*object);
}

Result<std::span<const Sha256Digest>> DigestsIn(const uint8_t* bytes, size_t size) {
  static_assert(sizeof(Sha256Digest) == 32 && alignof(Sha256Digest) == 1);
  if (size % sizeof(Sha256Digest) != 0) {
    return RefuseArgument("digests", "32 bytes a row", std::to_string(size) + " bytes");
  }
  return std::span(reinterpret_cast<const Sha256Digest*>(bytes), size / sizeof(Sha256Digest));
}

// names, ratios or counts, seed, method and rows.
Result<SplitOptions> ReadSplit(std::string_view text, int64_t* rows) {
  REPRISE_ASSIGN(
      const OptionsReader options,
      OptionsReader::Parse(text, {"names", "ratios", "counts", "seed", "method", "rows"}));
  SplitOptions split;
  REPRISE_ASSIGN(const auto names, options.Texts("names"));
  if (!names) return OptionsReader::Missing("names", "an array of names");
  REPRISE_ASSIGN(const auto ratios, options.Numbers("ratios"));
  REPRISE_ASSIGN(const auto counts, options.Integers("counts"));
  split.by_count = counts.has_value();
  const size_t numbers = split.by_count ? counts->size() : ratios ? ratios->size() : 0;
  if (ratios.has_value() == counts.has_value() || numbers != names->size()) {
    return RefuseArgument("ratios", "either ratios or counts, one for each name", "others");
  }
  for (size_t i = 0; i < names->size(); ++i) {
    SplitPart part;
    part.name = (*names)[i];
    if (split.by_count) {
      part.count = (*counts)[i];
    } else {
      part.ratio = (*ratios)[i];
    }
    split.parts.push_back(std::move(part));
  }
  REPRISE_ASSIGN(const auto seed, options.Integer("seed"));
  if (!seed) return OptionsReader::Missing("seed", "an integer");
  split.seed = *seed;
  REPRISE_ASSIGN(const size_t method,
                 ReadWord(options, "method", {"shuffle", "content", "huggingface"}));
  split.method = static_cast<SplitMethod>(method);
  REPRISE_ASSIGN(const auto count, options.Integer("rows"));
  if (!count || *count < 0) return OptionsReader::Missing("rows", "an integer of at least 0");
  *rows = *count;
  return split;
}

Status CheckLength(std::string_view name, std::span<const Sha256Digest> digests, int64_t rows) {
  if (digests.empty() || static_cast<int64_t>(digests.size()) == rows) return {};
  return RefuseArgument(name, "32 bytes for each of " + std::to_string(rows) + " rows",
                        std::to_string(digests.size()) + " digests");
}

}  // namespace
}  // namespace reprise

using reprise::DatasetFileObject;
using reprise::JsonWriter;
using reprise::Result;
using reprise::RowFacts;

int32_t reprise_dataset_sample_create(reprise_context* context, const char* options,
                                      size_t options_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(auto sample, reprise::MakeSample({options, options_size}));
    return context->Add(std::move(sample));
  });
}

int32_t reprise_dataset_sample_schema(reprise_context* context, int32_t sample) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(DatasetFileObject * object, context->Find<DatasetFileObject>(sample));
    if (object->sample == nullptr) {
      return Fail(reprise::ErrorCode::kInvalidArgument, "expected a sample, found a reader");
    }
    REPRISE_ASSIGN(const auto inferred, object->sample->Infer());
    JsonWriter json;
    json.BeginObject().Key("schema");
    WriteDatasetSchema(inferred.schema, json);
    json.Key("header").Bool(inferred.has_header).Key("rows").Int(inferred.rows).EndObject();
    context->Answer(std::move(json).Take());
    return 0;
  });
}

int32_t reprise_dataset_schema_check(reprise_context* context, const char* json, size_t json_size,
                                     const char* file, size_t file_size) {
  return context->Run([&]() -> Result<int32_t> {
    const std::string_view name(file, file_size);
    REPRISE_ASSIGN(const auto value, reprise::ParseJson({json, json_size}, name));
    REPRISE_ASSIGN(const auto schema, reprise::ReadDatasetSchema(value, name));
    JsonWriter written;
    WriteDatasetSchema(schema, written);
    context->Answer(std::move(written).Take());
    return 0;
  });
}

int32_t reprise_dataset_reader_create(reprise_context* context, const char* schema,
                                      size_t schema_size, const char* options,
                                      size_t options_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(auto reader,
                   reprise::MakeReader({schema, schema_size}, {options, options_size}));
    return context->Add(std::move(reader));
  });
}

int32_t reprise_dataset_push(reprise_context* context, int32_t object, const uint8_t* bytes,
                             size_t size) {
  return context->Run(
      [&] { return reprise::PushOrFinish(*context, object, std::span(bytes, size)); });
}

int32_t reprise_dataset_finish(reprise_context* context, int32_t object) {
  return context->Run([&] { return reprise::PushOrFinish(*context, object, std::nullopt); });
}

int32_t reprise_dataset_take(reprise_context* context, int32_t reader) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(DatasetFileObject * object, reprise::FindReader(*context, reader));
    object->ForgetTaken();
    const reprise::RowCollector& rows = object->reader->rows();
    for (size_t i = 0; i < object->stats.size(); ++i) {
      object->stats[i].Add(rows.batch().columns[i]);
    }
    const int64_t count = rows.batch().rows;
    context->Answer(reprise::PartsOf(rows));
    object->is_taken = true;
    object->rows_taken += count;
    return static_cast<int32_t>(count);
  });
}

int32_t reprise_dataset_report(reprise_context* context, int32_t reader) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(DatasetFileObject * object, reprise::FindReader(*context, reader));
    context->Answer(reprise::ReportJson(*object));
    return 0;
  });
}

int32_t reprise_dataset_hash(reprise_context* context, const uint8_t* digests, size_t size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const auto rows, reprise::DigestsIn(digests, size));
    context->Answer(reprise::ToHex(reprise::HashOfRows(rows)));
    return 0;
  });
}

int32_t reprise_dataset_split(reprise_context* context, const char* options, size_t options_size,
                              const uint8_t* contents, size_t contents_size, const uint8_t* keys,
                              size_t keys_size, const uint8_t* strata, size_t strata_size) {
  return context->Run([&]() -> Result<int32_t> {
    RowFacts facts;
    REPRISE_ASSIGN(const auto split, reprise::ReadSplit({options, options_size}, &facts.rows));
    REPRISE_ASSIGN(facts.contents, reprise::DigestsIn(contents, contents_size));
    REPRISE_ASSIGN(facts.keys, reprise::DigestsIn(keys, keys_size));
    REPRISE_ASSIGN(facts.strata, reprise::DigestsIn(strata, strata_size));
    REPRISE_TRY(reprise::CheckLength("contents", facts.contents, facts.rows));
    REPRISE_TRY(reprise::CheckLength("keys", facts.keys, facts.rows));
    REPRISE_TRY(reprise::CheckLength("strata", facts.strata, facts.rows));
    const bool needs_contents = split.method == reprise::SplitMethod::kContent;
    if (needs_contents && facts.contents.empty() && facts.keys.empty() && facts.rows > 0) {
      return reprise::OptionsReader::Missing("contents", "the digests of the rows");
    }
    REPRISE_ASSIGN(const auto parts, SplitRows(split, facts));
    std::string result;
    for (const auto& part : parts) {
      const auto size = static_cast<uint32_t>(part.size());
      result.append(reinterpret_cast<const char*>(&size), sizeof(size));
    }
    for (const auto& part : parts) {
      result.append(reinterpret_cast<const char*>(part.data()), part.size() * sizeof(uint32_t));
    }
    context->Answer(std::move(result));
    return 0;
  });
}
