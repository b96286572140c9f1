#include "dataset/schema_inference.h"

#include <map>
#include <set>

#include "base/json_reader.h"
#include "base/json_words.h"
#include "dataset/csv_rows.h"
#include "dataset/json_rows.h"
#include "dataset/value_text.h"

namespace reprise {
namespace {

// Beyond it float64 lacks integers.
constexpr int64_t kMostExact = int64_t{1} << 53;
constexpr size_t kMostFields = 4096;

Error DataError(const std::string& file, int64_t row, int64_t byte, std::string_view expected,
                std::string_view found) {
  return Error(ErrorCode::kInvalidData, file + ": row " + std::to_string(row) + " (byte " +
                                            std::to_string(byte) + "): expected " +
                                            std::string(expected) + ", found " + std::string(found))
      .With("file", file)
      .With("row", row)
      .With("byte", byte)
      .With("expected", expected)
      .With("found", found);
}

// The field that is the text: the one of that name, or the only string.
void NameText(DatasetSchema* schema) {
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

Field FieldOf(std::string name, FieldType type) {
  Field field;
  field.path = {name};
  field.name = std::move(name);
  field.type = type;
  return field;
}

// What the texts of one column of CSV have in common.
class TextKinds {
 public:
  void Add(std::string_view text) {
    if (text.empty()) {
      has_empty_ = true;
      return;
    }
    is_seen_ = true;
    const bool is_plain = IsPlain(text);
    const auto integer = IntegerFromText(text);
    can_be_int_ &= is_plain && integer.has_value();
    const bool has_digits_only = text.find_first_not_of("-0123456789") == std::string_view::npos;
    const bool is_exact =
        !has_digits_only || (integer && *integer >= -kMostExact && *integer <= kMostExact);
    can_be_float_ &= is_plain && is_exact && FloatFromText(text).has_value();
    can_be_bool_ &= BoolFromText(text).has_value();
  }
  bool IsNumber() const { return is_seen_ && (can_be_int_ || can_be_float_); }

  Field ToField(std::string name) const {
    FieldType type = FieldType::kString;
    if (is_seen_ && can_be_bool_) type = FieldType::kBool;
    if (is_seen_ && can_be_float_) type = FieldType::kFloat64;
    if (is_seen_ && can_be_int_) type = FieldType::kInt64;
    Field field = FieldOf(std::move(name), type);
    field.optional = has_empty_ && type != FieldType::kString;
    return field;
  }

 private:
  // Whether a number written so is written again from its value, but for its precision.
  static bool IsPlain(std::string_view text) {
    if (text[0] == '-') text.remove_prefix(1);
    const bool has_zero_first =
        text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
    return !text.empty() && text[0] != '+' && !has_zero_first;
  }

  bool is_seen_ = false, has_empty_ = false;
  bool can_be_int_ = true, can_be_float_ = true, can_be_bool_ = true;
};

bool IsNonFinite(std::string_view text) {
  return text == "NaN" || text == "Infinity" || text == "-Infinity";
}

// What the values of one member of JSON have in common.
struct JsonKinds {
  int64_t values = 0;  // of it that were there, null too
  int64_t objects = 0;
  bool has_null = false, has_bool = false, has_int = false, has_large_int = false;
  bool has_float = false, has_string = false, has_list = false;
  bool has_non_finite = false;          // a string that floats write for a number that JSON has not
  std::unique_ptr<JsonKinds> elements;  // of lists
  std::vector<std::pair<std::string, std::unique_ptr<JsonKinds>>> members;
  std::map<std::string, size_t, std::less<>> place_of_member;

  void Add(const JsonValue& value) {
    ++values;
    switch (value.kind()) {
      case JsonValue::Kind::kNull:
        has_null = true;
        break;
      case JsonValue::Kind::kBool:
        has_bool = true;
        break;
      case JsonValue::Kind::kInt:
        has_int = true;
        has_large_int |= value.integer() > kMostExact || value.integer() < -kMostExact;
        break;
      case JsonValue::Kind::kDouble:
        has_float = true;
        break;
      case JsonValue::Kind::kString:
        (IsNonFinite(value.string()) ? has_non_finite : has_string) = true;
        break;
      case JsonValue::Kind::kArray:
        has_list = true;
        if (elements == nullptr) elements = std::make_unique<JsonKinds>();
        for (const JsonValue& element : value.array()) elements->Add(element);
        break;
      case JsonValue::Kind::kObject:
        ++objects;
        for (const JsonMember& member : value.object()) Member(member.name).Add(member.value);
        break;
    }
  }

  JsonKinds& Member(std::string_view name) {
    const auto found = place_of_member.find(name);
    if (found != place_of_member.end()) return *members[found->second].second;
    place_of_member.emplace(name, members.size());
    members.emplace_back(name, std::make_unique<JsonKinds>());
    return *members.back().second;
  }

  // The type of scalars of one type; nothing where they are mixed or none.
  std::optional<FieldType> Scalar() const {
    const bool has_number = has_int || has_float;
    const bool has_text = has_string || (has_non_finite && !has_number);
    const int kinds = has_bool + has_number + has_text + has_list + (objects > 0);
    if (kinds != 1 || has_list || objects > 0) return std::nullopt;
    if (has_bool) return FieldType::kBool;
    if (has_text) return FieldType::kString;
    if (!has_float && !has_non_finite) return FieldType::kInt64;
    if (has_large_int) return std::nullopt;
    return FieldType::kFloat64;
  }
  bool HasOnlyObjects() const {
    return objects > 0 && !has_bool && !has_int && !has_float && !has_string && !has_non_finite &&
           !has_list && !members.empty();
  }
};

// Appends the fields that an object's members become.
void AppendFields(const JsonKinds& object, const std::vector<std::string>& path,
                  bool is_in_optional, std::vector<Field>* fields) {
  for (const auto& [name, kinds] : object.members) {
    std::vector<std::string> inner = path;
    inner.push_back(name);
    const bool is_optional = is_in_optional || kinds->has_null || kinds->values < object.objects;
    // Empty names and paths beyond what schemas have stay JSON.
    const bool is_nested = kinds->HasOnlyObjects() && !name.empty() && inner.size() < 64 &&
                           !kinds->place_of_member.contains("");
    if (is_nested) {
      AppendFields(*kinds, inner, is_optional, fields);
      continue;
    }
    std::string joined;
    for (const std::string& part : inner) joined += (joined.empty() ? "" : ".") + part;
    Field field = FieldOf(std::move(joined), FieldType::kString);
    field.path = std::move(inner);
    field.optional = is_optional;
    const bool is_list = kinds->has_list && !kinds->has_bool && !kinds->has_int &&
                         !kinds->has_float && !kinds->has_string && !kinds->has_non_finite &&
                         kinds->objects == 0;
    const std::optional<FieldType> scalar = is_list ? kinds->elements->Scalar() : kinds->Scalar();
    const bool has_holes = is_list && kinds->elements->has_null;
    if (scalar && !has_holes) {
      field.type = *scalar;
      field.is_list = is_list;
    } else if (is_list && kinds->elements->values == 0) {
      field.is_list = true;
    } else {
      // Where nothing but null was seen, a string is what may come.
      field.from_any = kinds->values > (kinds->has_null ? 1 : 0) &&
                       (kinds->has_list || kinds->objects > 0 || kinds->has_bool ||
                        kinds->has_int || kinds->has_float);
    }
    fields->push_back(std::move(field));
  }
}

}  // namespace

class SchemaInference::Sample {
 public:
  Sample(std::string file, int64_t most_rows) : file_(std::move(file)), most_rows_(most_rows) {}
  virtual ~Sample() = default;
  virtual Status Push(std::span<const uint8_t> bytes) = 0;
  virtual Status Finish() = 0;
  virtual Result<InferredSchema> Infer() = 0;
  bool is_full() const { return rows_ >= most_rows_; }

 protected:
  const std::string file_;
  const int64_t most_rows_;
  int64_t rows_ = 0;
};

class SchemaInference::CsvSample final : public Sample, private CsvRowHandler {
 public:
  CsvSample(const RowFormat& format, std::string file, int64_t most_rows)
      : Sample(std::move(file), most_rows), format_(format), scanner_(format.csv, this) {}

  Status Push(std::span<const uint8_t> bytes) override { return scanner_.Push(bytes); }
  Status Finish() override { return scanner_.Finish(); }

  Result<InferredSchema> Infer() override {
    if (first_.empty()) return Fail(DataError(file_, 0, 0, "rows", "an empty file"));
    InferredSchema inferred;
    inferred.has_header = format_.has_header.value_or(LooksLikeHeader());
    inferred.rows = rows_ - (inferred.has_header ? 1 : 0);
    if (!inferred.has_header) {
      for (size_t i = 0; i < first_.size(); ++i) {
        if (i < kinds_.size()) kinds_[i].Add(first_[i]);
      }
    } else if (names_error_) {
      return Fail(std::move(*names_error_));
    }
    for (size_t i = 0; i < kinds_.size(); ++i) {
      inferred.schema.fields.push_back(
          kinds_[i].ToField(inferred.has_header ? names_[i] : NameOfColumn(i + 1)));
    }
    NameText(&inferred.schema);
    return inferred;
  }

 private:
  Status Row(const CsvRow& row) override {
    const bool is_blank = row.fields.size() == 1 && row.fields[0].begin == row.fields[0].end &&
                          !row.fields[0].is_quoted;
    if (is_full() || (is_blank && kinds_.size() != 1)) return {};
    ++rows_;
    if (kinds_.empty()) return ReadFirst(row);
    // Rows of another length are for the reader to refuse.
    if (row.fields.size() != kinds_.size() || row.garbage) return {};
    for (size_t i = 0; i < kinds_.size(); ++i) {
      const std::string text = Unescaped(row, row.fields[i], format_.csv.quote.value_or('"'));
      kinds_[i].Add(text);
      has_again_ |= !text.empty() && text == first_[i];
    }
    return {};
  }
  Status Unclosed(int64_t byte) override {
    return Fail(DataError(file_, rows_, byte, "a closing quote", "the end of the file"));
  }
  Status TooLong(int64_t byte) override {
    return Fail(DataError(file_, rows_, byte, "a row of at most 256 MiB", "more"));
  }

  Status ReadFirst(const CsvRow& row) {
    if (row.fields.size() > kMostFields) {
      return Fail(
          DataError(file_, 0, row.byte, "at most 4096 columns", std::to_string(row.fields.size())));
    }
    for (const CsvField& field : row.fields) {
      first_.push_back(Unescaped(row, field, format_.csv.quote.value_or('"')));
    }
    kinds_.resize(first_.size());
    auto names = NamesInHeader(row, file_);
    if (names) {
      names_ = *std::move(names);
    } else {
      names_error_ = std::move(names).error();
    }
    return {};
  }

  bool LooksLikeHeader() const {
    if (rows_ == 1) return true;
    if (has_again_ && first_.size() > 1) return false;
    for (size_t i = 0; i < first_.size(); ++i) {
      if (kinds_[i].IsNumber() && FloatFromText(first_[i])) return false;
    }
    return true;
  }

  const RowFormat format_;
  CsvScanner scanner_;
  std::vector<std::string> first_, names_;
  std::optional<Error> names_error_;
  std::vector<TextKinds> kinds_;
  bool has_again_ = false;
};

class SchemaInference::JsonSample final : public Sample, private TextRowHandler {
 public:
  JsonSample(const RowFormat& format, std::string file, int64_t most_rows)
      : Sample(std::move(file), most_rows), cutter_(MakeCutter(format, this)) {}

  Status Push(std::span<const uint8_t> bytes) override { return cutter_->Push(bytes); }
  Status Finish() override { return cutter_->Finish(); }

  Result<InferredSchema> Infer() override {
    InferredSchema inferred;
    inferred.rows = rows_;
    auto& fields = inferred.schema.fields;
    AppendFields(kinds_, {}, false, &fields);
    if (fields.empty()) return Fail(DataError(file_, 0, 0, "rows with members", "none"));
    if (fields.size() > kMostFields) {
      return Fail(DataError(file_, 0, 0, "at most 4096 fields", std::to_string(fields.size())));
    }
    std::set<std::string_view> names;
    for (const Field& field : fields) {
      if (!field.name.empty() && names.insert(field.name).second) continue;
      return Fail(DataError(file_, 0, 0, "members whose names make different fields",
                            QuotedJson(field.name) + ", which needs a schema"));
    }
    NameText(&inferred.schema);
    return inferred;
  }

 private:
  Status Row(std::string_view text, int64_t byte) override {
    const bool is_blank = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
    if (is_full() || is_blank) return {};
    auto value = ParseJson(text, file_, static_cast<size_t>(byte));
    if (!value) return Fail(std::move(value).error().With("row", rows_));
    if (!value->is_object()) return Refuse(byte, "an object", FoundJson(text));
    kinds_.Add(*value);
    ++rows_;
    return {};
  }
  Status Refuse(int64_t byte, std::string_view expected, std::string_view found) override {
    return Fail(DataError(file_, rows_, byte, expected, found));
  }

  std::unique_ptr<TextRowCutter> cutter_;
  JsonKinds kinds_;
};

class SchemaInference::PlainSample final : public Sample {
 public:
  explicit PlainSample(std::string file) : Sample(std::move(file), 0) {}
  Status Push(std::span<const uint8_t>) override { return {}; }
  Status Finish() override { return {}; }
  Result<InferredSchema> Infer() override {
    InferredSchema inferred;
    inferred.schema.fields.push_back(FieldOf("text", FieldType::kString));
    inferred.schema.text = "text";
    return inferred;
  }
};

SchemaInference::SchemaInference(const RowFormat& format, std::string file, int64_t most_rows) {
  if (format.format == DatasetFormat::kCsv) {
    sample_ = std::make_unique<CsvSample>(format, std::move(file), most_rows);
  } else if (format.format == DatasetFormat::kText) {
    sample_ = std::make_unique<PlainSample>(std::move(file));
  } else {
    sample_ = std::make_unique<JsonSample>(format, std::move(file), most_rows);
  }
}

SchemaInference::~SchemaInference() = default;

Status SchemaInference::Push(std::span<const uint8_t> bytes) { return sample_->Push(bytes); }
Status SchemaInference::Finish() { return sample_->Finish(); }
bool SchemaInference::is_full() const { return sample_->is_full(); }
Result<InferredSchema> SchemaInference::Infer() { return sample_->Infer(); }

}  // namespace reprise
