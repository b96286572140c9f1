#include "dataset/schema_inference.h"

#include <set>

#include "base/json_words.h"
#include "dataset/json_kinds.h"
#include "dataset/schema_sample.h"

namespace reprise {
namespace {

class JsonSample final : public SchemaSample, private TextRowHandler {
 public:
  JsonSample(const RowFormat& format, std::string file, int64_t most_rows, bool skips_bad_rows)
      : SchemaSample(format, std::move(file), most_rows),
        skips_bad_rows_(skips_bad_rows),
        cutter_(MakeCutter(format, this)) {}

  Status Push(std::span<const uint8_t> bytes) override {
    return is_full() ? Status() : UntilFull(cutter_->Push(bytes));
  }
  Status Finish() override { return is_full() ? Status() : UntilFull(cutter_->Finish()); }

  Result<InferredSchema> Infer() override {
    InferredSchema inferred;
    inferred.rows = rows_;
    auto& fields = inferred.schema.fields;
    fields = kinds_.Fields();
    if (fields.empty() && first_problem_) return Fail(RowError(*first_problem_));
    if (fields.empty()) return SchemaSample::Refuse(0, 0, "rows with members", "none");
    if (fields.size() > kMostInferredFields) {
      return SchemaSample::Refuse(0, 0, "at most 4096 fields", std::to_string(fields.size()));
    }
    std::set<std::string_view> names;
    for (const Field& field : fields) {
      if (!field.name.empty() && names.insert(field.name).second) continue;
      return SchemaSample::Refuse(0, 0, "members whose names make different fields",
                                  QuotedJson(field.name) + ", which needs a schema");
    }
    NameText(&inferred.schema);
    return inferred;
  }

 private:
  Status Row(std::string_view text, int64_t byte) override {
    if (is_full()) return Full();
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return {};
    if (std::optional<RowProblem> problem = kinds_.Add(text)) {
      problem->file = file_;
      problem->row = rows_;
      problem->byte += byte;
      problem->says_byte = says_bytes_;
      if (!skips_bad_rows_) return Fail(RowError(*problem));
      if (!first_problem_) first_problem_ = std::move(problem);
    }
    ++rows_;
    return {};
  }
  Status Refuse(int64_t byte, std::string_view expected, std::string_view found) override {
    return SchemaSample::Refuse(rows_, byte, expected, found);
  }

  const bool skips_bad_rows_;
  std::unique_ptr<TextRowCutter> cutter_;
  JsonRowKinds kinds_;
  std::optional<RowProblem> first_problem_;
};

class PlainSample final : public SchemaSample {
 public:
  PlainSample(const RowFormat& format, std::string file)
      : SchemaSample(format, std::move(file), 0) {}
  Status Push(std::span<const uint8_t>) override { return {}; }
  Status Finish() override { return {}; }
  Result<InferredSchema> Infer() override {
    InferredSchema inferred;
    inferred.schema.fields.push_back(InferredField("text", FieldType::kString));
    inferred.schema.text = "text";
    return inferred;
  }
};

}  // namespace

Field InferredField(std::string name, FieldType type) {
  Field field;
  field.path = {name};
  field.name = std::move(name);
  field.type = type;
  return field;
}

void NameText(DatasetSchema* schema) {
  schema->text.reset();
  size_t strings = 0;
  std::string only;
  for (const Field& field : schema->fields) {
    if (field.type != FieldType::kString || field.is_list || field.from_any) continue;
    ++strings;
    only = field.name;
    if (field.name != "text") continue;
    schema->text = field.name;
    return;
  }
  if (strings == 1) schema->text = only;
}

SchemaInference::SchemaInference(const RowFormat& format, std::string file, int64_t most_rows,
                                 bool skips_bad_rows) {
  if (format.format == DatasetFormat::kCsv) {
    sample_ = MakeCsvSample(format, std::move(file), most_rows);
  } else if (format.format == DatasetFormat::kText) {
    sample_ = std::make_unique<PlainSample>(format, std::move(file));
  } else {
    sample_ = std::make_unique<JsonSample>(format, std::move(file), most_rows, skips_bad_rows);
  }
}

SchemaInference::~SchemaInference() = default;

Status SchemaInference::Push(std::span<const uint8_t> bytes) { return sample_->Push(bytes); }
Status SchemaInference::Finish() { return sample_->Finish(); }
bool SchemaInference::is_full() const { return sample_->is_full(); }
Result<InferredSchema> SchemaInference::Infer() { return sample_->Infer(); }

}  // namespace reprise
