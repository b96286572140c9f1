// What the first rows of CSV have in common, and what delimits their fields.
#include <algorithm>
#include <vector>

#include "dataset/csv_rows.h"
#include "dataset/schema_sample.h"
#include "dataset/value_text.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

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
    can_be_int_ &= is_plain && integer.has_value() && !IsNegativeZero(text);
    const bool has_digits_only = text.find_first_not_of("-0123456789") == std::string_view::npos;
    const bool is_exact = !has_digits_only || (integer && IsExactFloat64(*integer));
    can_be_float_ &= is_plain && is_exact && FloatFromText(text).has_value();
    can_be_bool_ &= BoolFromText(text).has_value();
  }
  bool IsNumber() const { return is_seen_ && (can_be_int_ || can_be_float_); }

  Field ToField(std::string name) const {
    FieldType type = FieldType::kString;
    if (is_seen_ && can_be_bool_) type = FieldType::kBool;
    if (is_seen_ && can_be_float_) type = FieldType::kFloat64;
    if (is_seen_ && can_be_int_) type = FieldType::kInt64;
    Field field = InferredField(std::move(name), type);
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

// With one delimiter.
class CsvSample final : public SchemaSample, private CsvRowHandler {
 public:
  CsvSample(const RowFormat& format, std::string file, int64_t most_rows)
      : SchemaSample(format, std::move(file), most_rows),
        format_(format),
        scanner_(format.csv, this) {}

  char delimiter() const { return format_.csv.delimiter; }
  size_t columns() const { return kinds_.size(); }
  // Whether the first row shows that it is another one.
  bool is_hopeless() const { return rows_ > 0 && columns() < 2; }
  // The share of rows that have as many fields as the first, if those are two or more. A bad row is
  // for the reader to refuse; no delimiter is another because of it.
  double RegularShare() const {
    if (columns() < 2) return 0;
    return static_cast<double>(regular_rows_) / static_cast<double>(rows_);
  }

  Status Push(std::span<const uint8_t> bytes) override {
    return is_full() ? Status() : UntilFull(scanner_.Push(bytes));
  }
  Status Finish() override { return is_full() ? Status() : UntilFull(scanner_.Finish()); }

  Result<InferredSchema> Infer() override {
    if (first_.empty()) return Refuse(0, 0, "rows", "an empty file");
    InferredSchema inferred;
    inferred.has_header = format_.has_header.value_or(LooksLikeHeader());
    inferred.rows = rows_ - (inferred.has_header ? 1 : 0);
    if (!inferred.has_header) {
      for (size_t i = 0; i < first_.size() && is_first_good_; ++i) kinds_[i].Add(first_[i]);
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
    if (is_full()) return Full();
    if (is_blank && kinds_.size() != 1) return {};
    const bool is_first = kinds_.empty();
    const bool is_good = !row.garbage && (row.is_ascii || !FindInvalidUtf8(row.text));
    if (is_first) {
      is_first_good_ = is_good;
      REPRISE_TRY(ReadFirst(row));
    }
    ++rows_;
    regular_rows_ += !row.garbage && row.fields.size() == kinds_.size();
    // Bad rows are for the reader to refuse.
    if (is_first || row.fields.size() != kinds_.size() || !is_good) return {};
    for (size_t i = 0; i < kinds_.size(); ++i) {
      const std::string text = Unescaped(row, row.fields[i], format_.csv.quote.value_or('"'));
      kinds_[i].Add(text);
      has_again_ |= !text.empty() && text == first_[i];
    }
    return {};
  }
  Status Unclosed(int64_t byte) override {
    return Refuse(RowAtHand(), byte, "a closing quote", "the end of the file");
  }
  Status TooLong(int64_t byte) override {
    return Refuse(RowAtHand(), byte, "a row of at most 256 MiB", "more");
  }

  Status ReadFirst(const CsvRow& row) {
    if (row.fields.size() > kMostInferredFields) {
      return Refuse(0, row.byte, "at most 4096 columns", std::to_string(row.fields.size()));
    }
    for (const CsvField& field : row.fields) {
      first_.push_back(Unescaped(row, field, format_.csv.quote.value_or('"')));
    }
    kinds_.resize(first_.size());
    auto names = NamesInHeader(row, format_.csv.quote.value_or('"'), file_, says_bytes_);
    if (names) {
      names_ = *std::move(names);
    } else {
      names_error_ = std::move(names).error();
    }
    return {};
  }

  // Of the row that has not ended, the header not counted where one seems to have come.
  int64_t RowAtHand() const {
    const bool has_header = rows_ > 0 && format_.has_header.value_or(LooksLikeHeader());
    return rows_ - (has_header ? 1 : 0);
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
  bool has_again_ = false, is_first_good_ = true;
  int64_t regular_rows_ = 0;
};

// With each delimiter that it may be, until its rows show that it is not.
class GuessedCsvSample final : public SchemaSample {
 public:
  GuessedCsvSample(const RowFormat& format, std::string file, int64_t most_rows)
      : SchemaSample(format, std::move(file), most_rows) {
    for (const char delimiter : {kDefaultDelimiter, ';', '\t', '|'}) {
      if (format.csv.quote == delimiter) continue;
      RowFormat tried = format;
      tried.csv.delimiter = delimiter;
      candidates_.push_back({std::make_unique<CsvSample>(tried, file_, most_rows), std::nullopt});
    }
  }

  Status Push(std::span<const uint8_t> bytes) override {
    if (is_full()) return {};
    return Continue([&](CsvSample& sample) { return sample.Push(bytes); });
  }
  Status Finish() override {
    if (is_full()) return {};
    REPRISE_TRY(Continue([](CsvSample& sample) { return sample.Finish(); }));
    return Best().Reading();
  }
  bool is_full() const override {
    // With a delimiter that it is not, a row may be one without an end; so only what it may be, and
    // in the end what it is, has to have its rows.
    const bool is_told = std::ranges::all_of(
        candidates_, [](const Candidate& one) { return one.IsOut() || one.IsDone(); });
    return is_told && Best().IsDone();
  }
  Result<InferredSchema> Infer() override {
    const Candidate& best = Best();
    REPRISE_TRY(best.Reading());
    REPRISE_ASSIGN(InferredSchema inferred, best.sample->Infer());
    if (best.sample->delimiter() != kDefaultDelimiter)
      inferred.schema.delimiter = best.sample->delimiter();
    return inferred;
  }

 private:
  struct Candidate {
    std::unique_ptr<CsvSample> sample;
    std::optional<Error> error;  // that reading with it came to

    double Share() const { return error ? 0 : sample->RegularShare(); }
    bool IsOut() const { return error || sample->is_hopeless(); }
    bool IsDone() const { return error || sample->is_full(); }
    Status Reading() const { return error ? Status(Fail(Error(*error))) : Status(); }
  };

  // Commas stay, right or not: they are what it is where nothing fits.
  template <typename Step>
  Status Continue(Step step) {
    for (Candidate& candidate : candidates_) {
      if (candidate.error) continue;
      if (Status status = step(*candidate.sample); !status)
        candidate.error = std::move(status).error();
    }
    std::erase_if(candidates_, [&](const Candidate& candidate) {
      return candidate.IsOut() && candidate.sample.get() != candidates_.front().sample.get();
    });
    return candidates_.size() == 1 ? candidates_.front().Reading() : Status();
  }

  const Candidate& Best() const {
    // What nearly all rows agree with, else what most do.
    for (const double share : {0.9, 0.5}) {
      const Candidate* best = nullptr;
      for (const Candidate& candidate : candidates_) {
        if (candidate.Share() <= share) continue;
        if (candidate.sample->delimiter() == kDefaultDelimiter) return candidate;
        if (best == nullptr || candidate.sample->columns() > best->sample->columns()) {
          best = &candidate;
        }
      }
      if (best != nullptr) return *best;
    }
    return candidates_.front();
  }

  std::vector<Candidate> candidates_;  // commas first
};

}  // namespace

std::unique_ptr<SchemaSample> MakeCsvSample(const RowFormat& format, std::string file,
                                            int64_t most_rows) {
  if (format.is_delimiter_known) {
    return std::make_unique<CsvSample>(format, std::move(file), most_rows);
  }
  return std::make_unique<GuessedCsvSample>(format, std::move(file), most_rows);
}

}  // namespace reprise
