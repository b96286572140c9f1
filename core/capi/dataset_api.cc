// The calls of reprise.h on the files of datasets, with the reading of their options, which no
// other call shares; hence its length.
#include <algorithm>
#include <functional>
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
#include "dataset/defaults.h"
#include "dataset/field_stats.h"
#include "dataset/row_format.h"
#include "dataset/schema_inference.h"

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
                                               "header", "textRows", "rowsPath",  "sayBytes"};

std::vector<std::string_view> OptionNames(std::initializer_list<std::string_view> more) {
  std::vector<std::string_view> names(std::begin(kFormatOptions), std::end(kFormatOptions));
  names.insert(names.end(), more);
  return names;
}

Result<RowOptions> ReadRowOptions(const OptionsReader& options) {
  RowOptions read;
  REPRISE_ASSIGN(read.format, options.Text("format"));
  REPRISE_ASSIGN(read.compression, options.Text("compression"));
  REPRISE_ASSIGN(read.delimiter, options.Text("delimiter"));
  REPRISE_ASSIGN(read.quote, options.Text("quote"));
  REPRISE_ASSIGN(read.header, options.Boolean("header"));
  REPRISE_ASSIGN(read.text_rows, options.Text("textRows"));
  REPRISE_ASSIGN(read.rows_path, options.Texts("rowsPath"));
  return read;
}

// With what the schema says, where there is one.
Result<RowFormat> ReadFormat(const OptionsReader& options, const DatasetSchema& schema = {}) {
  REPRISE_ASSIGN(RowOptions read, ReadRowOptions(options));
  if (schema.delimiter) read.schema_delimiter = std::string(1, *schema.delimiter);
  REPRISE_ASSIGN(RowFormat format, RowFormatOf(read));
  REPRISE_TRY(options.Read("sayBytes", format.says_bytes));
  return format;
}

// The format of files, by an option or their names, whose other options are checked with it.
Result<std::string> FormatOf(std::string_view json) {
  REPRISE_ASSIGN(const OptionsReader options,
                 OptionsReader::Parse(json, {"files", "format", "compression", "delimiter", "quote",
                                             "header", "textRows", "rowsPath", "schemaDelimiter"}));
  REPRISE_ASSIGN(const auto files, options.Texts("files"));
  REPRISE_ASSIGN(RowOptions read, ReadRowOptions(options));
  REPRISE_ASSIGN(read.schema_delimiter, options.Text("schemaDelimiter"));
  if (!read.format) {
    REPRISE_ASSIGN(read.format, FormatOfNames(files.value_or(std::vector<std::string>())));
  }
  REPRISE_TRY(CheckRowOptions(read));
  if (read.format) return *std::move(read.format);
  return RefuseArgument("format",
                        "csv, tsv, json, jsonl, text, parquet, since the source's name does not "
                        "say it",
                        "nothing");
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
  REPRISE_ASSIGN(const size_t word, options.Word("onError", {"error", "skip", "collect"}));
  return static_cast<OnBadRow>(word);
}

Result<std::unique_ptr<DatasetFileObject>> MakeSample(std::string_view json) {
  const auto names = OptionNames({"sampleRows", "onError"});
  REPRISE_ASSIGN(const OptionsReader options, OptionsReader::Parse(json, names));
  REPRISE_ASSIGN(const RowFormat format, ReadFormat(options));
  REPRISE_ASSIGN(std::string file, ReadFileName(options));
  REPRISE_ASSIGN(const int64_t rows, ReadCount(options, "sampleRows", kDefaultSampleRows));
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
  REPRISE_ASSIGN(collecting.most_problems, ReadCount(options, "maxErrors", kDefaultMaxErrors));
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
  REPRISE_TRY(CheckFields(format.format == DatasetFormat::kText ? "text" : "", schema.fields));
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
    json.BeginObject().Key("file").String(problem.file).Key("row").Int(problem.row);
    if (!problem.column.empty()) json.Key("column").String(problem.column);
    if (problem.says_byte) json.Key("byte").Int(problem.byte);
    json.Key("expected").String(problem.expected).Key("found").String(problem.found).EndObject();
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

// Gives a file's object what comes next of it; an error ends it.
Result<int32_t> Advance(DatasetFileObject& object, const std::function<Status()>& step) {
  if (object.is_finished) {
    return Fail(ErrorCode::kInvalidArgument, "the file was finished, or had an error");
  }
  object.ForgetTaken();
  object.is_finished = true;  // but for success below
  REPRISE_TRY(step());
  object.is_finished = false;
  return Waiting(object);
}

}  // namespace
}  // namespace reprise

using reprise::DatasetFileObject;
using reprise::JsonWriter;
using reprise::Result;

int32_t reprise_dataset_format(reprise_context* context, const char* options, size_t options_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const std::string format, reprise::FormatOf({options, options_size}));
    JsonWriter json;
    json.BeginObject().Key("format").String(format).EndObject();
    context->Answer(std::move(json).Take());
    return 0;
  });
}

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

int32_t reprise_dataset_name_text(reprise_context* context, const char* schema,
                                  size_t schema_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const auto value, reprise::ParseJson({schema, schema_size}, "schema"));
    REPRISE_ASSIGN(auto read, reprise::ReadDatasetSchema(value, "schema"));
    reprise::NameText(&read);
    JsonWriter written;
    WriteDatasetSchema(read, written);
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
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(DatasetFileObject * file, context->Find<DatasetFileObject>(object));
    const std::span piece(bytes, size);
    return reprise::Advance(*file, [&] {
      return file->reader != nullptr ? file->reader->Push(piece) : file->sample->Push(piece);
    });
  });
}

int32_t reprise_dataset_finish(reprise_context* context, int32_t object) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(DatasetFileObject * file, context->Find<DatasetFileObject>(object));
    REPRISE_ASSIGN(const int32_t waiting, reprise::Advance(*file, [&] {
                     return file->reader != nullptr ? file->reader->Finish()
                                                    : file->sample->Finish();
                   }));
    file->is_finished = true;
    return waiting;
  });
}

int32_t reprise_dataset_next_file(reprise_context* context, int32_t reader, const char* file,
                                  size_t file_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(DatasetFileObject * object, reprise::FindReader(*context, reader));
    return reprise::Advance(*object,
                            [&] { return object->reader->NextFile(std::string(file, file_size)); });
  });
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
