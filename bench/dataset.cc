// Reading of CSV and JSON Lines into columns: rows of short typed fields, and of long texts.
#include <algorithm>
#include <string>

#include "bench/bench.h"
#include "dataset/dataset_reader.h"

namespace reprise::bench {
namespace {

constexpr size_t kFileBytes = 100'000'000, kPieceBytes = 1 << 20;

// A file of so many rows, and sums that its columns must give again.
struct RowsFile {
  std::string name;
  RowFormat format;
  DatasetSchema schema;
  std::string text;
  int64_t rows = 0, integers = 0;
  double floats = 0;
  size_t string_bytes = 0;
};

// The same digits in every run; how they are spread does not matter.
class Digits {
 public:
  uint64_t Below(uint64_t limit) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (state_ >> 33) % limit;
  }

 private:
  uint64_t state_ = 1;
};

void AddField(RowsFile& file, std::string name, FieldType type) {
  Field field;
  field.path = {name};
  field.name = std::move(name);
  field.type = type;
  file.schema.fields.push_back(std::move(field));
}

// id, an integer, a number with a point, a date as text, a word and a bool, in CSV: 38 bytes a row.
RowsFile ShortFields() {
  RowsFile file;
  file.name = "csv_short";
  AddField(file, "id", FieldType::kInt64);
  AddField(file, "count", FieldType::kInt64);
  AddField(file, "price", FieldType::kFloat64);
  AddField(file, "day", FieldType::kString);
  AddField(file, "word", FieldType::kString);
  AddField(file, "is_new", FieldType::kBool);
  file.text = "id,count,price,day,word,is_new\n";
  Digits digits;
  while (file.text.size() < kFileBytes) {
    const auto count = static_cast<int64_t>(digits.Below(2000)) - 1000;
    const uint64_t cents = digits.Below(1'000'000);
    const std::string point = std::to_string(100 + cents % 100).substr(1);
    const std::string day = "20" + std::to_string(10 + digits.Below(20)) + "-0" +
                            std::to_string(1 + digits.Below(9)) + "-" +
                            std::to_string(10 + digits.Below(19));
    const std::string word(3 + digits.Below(8), static_cast<char>('a' + digits.Below(26)));
    file.text += std::to_string(file.rows) + "," + std::to_string(count) + "," +
                 std::to_string(cents / 100) + "." + point + "," + day + "," + word +
                 (digits.Below(2) == 0 ? ",true\n" : ",false\n");
    file.integers += file.rows + count;
    file.floats += static_cast<double>(cents) / 100;
    file.string_bytes += day.size() + word.size();
    ++file.rows;
  }
  return file;
}

// About 1 KB of words with commas, and a line end or quotes in it.
std::string Paragraph(Digits& digits) {
  std::string text;
  while (text.size() < 1000) {
    text += std::string(2 + digits.Below(9), static_cast<char>('a' + digits.Below(26)));
    text += digits.Below(9) == 0 ? ", " : " ";
  }
  text += digits.Below(2) == 0 ? "\n" : "\"so\"";
  return text + std::to_string(digits.Below(1000));
}

// An id and a long text, in CSV in quotes, in JSON a string.
RowsFile LongTexts(bool is_json) {
  RowsFile file;
  file.name = is_json ? "jsonl_long" : "csv_long";
  file.format.format = is_json ? DatasetFormat::kJsonLines : DatasetFormat::kCsv;
  AddField(file, "id", FieldType::kInt64);
  AddField(file, "text", FieldType::kString);
  if (!is_json) file.text = "id,text\n";
  Digits digits;
  while (file.text.size() < kFileBytes) {
    const std::string paragraph = Paragraph(digits);
    file.text += is_json ? R"({"id": )" + std::to_string(file.rows) + R"(, "text": ")"
                         : std::to_string(file.rows) + ",\"";
    for (const char c : paragraph) {
      if (c == '"') file.text += is_json ? '\\' : '"';
      if (c == '\n' && is_json) {
        file.text += "\\n";
      } else {
        file.text += c;
      }
    }
    file.text += is_json ? "\"}\n" : "\"\n";
    file.integers += file.rows;
    file.string_bytes += paragraph.size();
    ++file.rows;
  }
  return file;
}

// Reads the file in pieces, as it would come from a disk, and clears the rows behind each.
template <typename Take>
void Read(const RowsFile& file, bool needs_digests, Take take) {
  CollectingOptions options;
  options.file = file.name;
  options.needs_digests = needs_digests;
  DatasetReader reader(file.format, file.schema, options);
  const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(file.text.data()),
                                       file.text.size());
  for (size_t at = 0; at < bytes.size(); at += kPieceBytes) {
    const size_t size = std::min(kPieceBytes, bytes.size() - at);
    Require(reader.Push(bytes.subspan(at, size)).has_value(), "the rows fit");
    take(reader.rows().batch());
    reader.rows().Clear();
  }
  Require(reader.Finish().has_value(), "the file ends in order");
  take(reader.rows().batch());
}

void CheckSums(const RowsFile& file) {
  int64_t rows = 0, integers = 0;
  double floats = 0;
  size_t string_bytes = 0;
  Read(file, false, [&](const RowBatch& batch) {
    rows += batch.rows;
    for (const Column& column : batch.columns) {
      for (int64_t row = 0; row < batch.rows; ++row) {
        if (column.type() == FieldType::kInt64) integers += column.Fixed<int64_t>(row);
        if (column.type() == FieldType::kFloat64) floats += column.Fixed<double>(row);
        if (column.type() == FieldType::kString) string_bytes += column.Bytes(row).size();
      }
    }
  });
  Require(rows == file.rows && integers == file.integers && floats == file.floats &&
              string_bytes == file.string_bytes,
          "the columns hold what was written");
}

double BytesPerSecond(const RowsFile& file, bool needs_digests) {
  int64_t rows = 0;
  const double seconds =
      Time([&] { Read(file, needs_digests, [&](const RowBatch& batch) { rows += batch.rows; }); });
  Require(rows == file.rows, "every row is read");
  return static_cast<double>(file.text.size()) / seconds;
}

}  // namespace

void Dataset(const Options& options) {
  for (const int kind : {0, 1, 2}) {
    const RowsFile file = kind == 0 ? ShortFields() : LongTexts(kind == 2);
    CheckSums(file);
    std::vector<double> plain, with_digests;
    for (int round = 0; round < options.rounds; ++round) {
      plain.push_back(BytesPerSecond(file, false));
      with_digests.push_back(BytesPerSecond(file, true));
    }
    Report(file.name, options,
           {{"mb_per_s", Median(plain) / 1e6},
            {"best_mb_per_s", *std::max_element(plain.begin(), plain.end()) / 1e6},
            {"with_digests_mb_per_s", Median(with_digests) / 1e6}});
  }
}

}  // namespace reprise::bench
