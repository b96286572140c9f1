// The dataset of a run config: what is wrong in it is refused with its place.
#include "run/dataset_section.h"

#include <gtest/gtest.h>

#include <string>

#include "run/testing/refusal.h"

namespace reprise {
namespace {

using testing::ExpectRefusals;
using testing::Refusal;
using testing::RefusalOf;

// A config of a dataset alone, with these members besides its source.
std::string With(std::string_view members) {
  return R"({"version":1,"dataset":{"source":"a.csv",)" + std::string(members) + "}}";
}
std::string OfSource(std::string_view source) {
  return R"({"version":1,"dataset":{"source":)" + std::string(source) + "}}";
}
// One with a schema of these fields, and these members besides.
std::string WithFields(std::string_view fields, std::string_view members = "") {
  return With(R"("schema":{"version":1,"fields":[)" + std::string(fields) + "]}" +
              std::string(members));
}

constexpr std::string_view kTwoFields =
    R"({"name":"a","type":"string"},{"name":"b","type":"bool"})";

TEST(DatasetSection, AcceptsWhatCanBeReadAndSplit) {
  for (
      const std::string& json :
      {OfSource("\"a.csv\""), OfSource(R"(["a.csv","b/c d.csv.gz"])"), OfSource(R"(["a","b"])"),
       OfSource("\".hidden\""),
       With(R"("format":"tsv","compression":"gzip","delimiter":"\t","quote":"","header":false)"),
       With(R"("format":"text","textRows":"whole","onError":"skip","maxErrors":5.0)"),
       With(R"("format":"json","rowsPath":"a.b","columns":["a"],"split":{})"),
       std::string(
           R"({"version":1,"dataset":{"source":["a.json","b.json.zst"],"rowsPath":["a.b","c"]}})"),
       std::string(
           R"({"version":1,"dataset":{"source":"a.md","textRows":"line","schema":{"version":1,)"
           R"("fields":[{"name":"t","type":"string"},{"name":"u","type":"bool"}]},"columns":["t"]}})"),
       With(R"("split":{"ratios":{"train":0.9,"test":0.1},"seed":7,"method":"huggingface"})"),
       With(R"("split":{"ratios":{"train":0.9,"test":0.1},"method":"content","key":"a"})"),
       With(R"("split":{"counts":{"train":9e2,"test":0},"stratify":"a"})"),
       WithFields(kTwoFields, R"(,"columns":["b"],"split":{"ratios":{"all":1},"key":"b"})"),
       With(R"("quote":",","schema":{"version":1,"delimiter":";","fields":[)" +
            std::string(kTwoFields) + "]}"),
       With(R"("schema":{"version":1.0,"fields":[{"name":"a","type":{"list":"categorical"},)"
            R"("path":"x.y","categories":["p","q"]}],"splits":{"a":0.5,"b":0.5},"seed":7e0},)"
            R"("split":{"method":"shuffle"})")}) {
    const auto hash = CheckRunConfig(json, "c");
    EXPECT_TRUE(hash) << json << "\n" << hash.error().message;
  }
}

TEST(DatasetSection, FilesStayInsideTheConfigsFolder) {
  for (const std::string_view file : {"",
                                      ".",
                                      "..",
                                      "../a",
                                      "a/..",
                                      "a/../../b",
                                      "./a",
                                      "a/",
                                      "/a",
                                      "//a",
                                      "a//b",
                                      "C:a",
                                      "c:\\\\a",
                                      "a\\\\b",
                                      "\\\\\\\\server\\\\a",
                                      "file:///a",
                                      "https://example.org/a",
                                      "data:,a",
                                      "a\\u0000",
                                      "a\\n",
                                      "a/.. /b",
                                      ".. ",
                                      "...",
                                      "a./b"}) {
    const std::string text = "\"" + std::string(file) + "\"";
    const Error one = RefusalOf(OfSource(text));
    EXPECT_EQ(one.code, ErrorCode::kInvalidConfig) << file;
    EXPECT_EQ(*one.Text("path"), "$.dataset.source") << file;
    EXPECT_EQ(*RefusalOf(OfSource("[\"a\"," + text + "]")).Text("path"), "$.dataset.source[1]");
  }
}

TEST(DatasetSection, RefusesWithThePathWhatWasFoundAndWhatIsAllowed) {
  constexpr std::string_view kTypes =
      R"("string", "int32", "int64", "float32", "float64", "bool", "timestamp", "categorical" or )"
      R"("bytes")";
  const Refusal refusals[] = {
      {R"({"version":1,"dataset":"a.csv"})", "$.dataset", "an object", R"("a.csv")"},
      {OfSource("[]"), "$.dataset.source", "a list that is not empty", "an array"},
      {With(R"("delimiters":";")"), "$.dataset.delimiters",
       "absent (\"delimiter\" may be meant): known here are source, format, compression, schema, "
       "columns, delimiter, quote, header, textRows, rowsPath, onError, maxErrors, split",
       R"(";")"},
      {With(R"("delimiter":"")"), "$.dataset.delimiter", "one ASCII character that ends no line",
       R"("")"},
      // What its format has not, as it is given or as the names tell it.
      {With(R"("quote":",")"), "$.dataset.quote", "another character than delimiter", R"(",")"},
      {With(R"("delimiter":";","quote":";")"), "$.dataset.quote",
       "another character than delimiter", R"(";")"},
      {With(R"("textRows":"line")"), "$.dataset.textRows", "given with text only", R"("line")"},
      {With(R"("rowsPath":"a")"), "$.dataset.rowsPath", "given with json only", "a path"},
      {With(R"("format":"json","header":false)"), "$.dataset.header", "given with csv and tsv only",
       "false"},
      {R"({"version":1,"dataset":{"source":"a.jsonl.gz","delimiter":";"}})", "$.dataset.delimiter",
       "given with csv and tsv only", R"(";")"},
      {R"({"version":1,"dataset":{"source":"a","delimiter":";","textRows":"line"}})",
       "$.dataset.textRows", "given with text only", R"("line")"},
      {R"({"version":1,"dataset":{"source":"a.parquet","compression":"gzip"}})",
       "$.dataset.compression", "none of Parquet, whose parts are compressed", R"("gzip")"},
      {OfSource(R"(["a.csv","a.json"])"), "$.dataset.source", "files of one format",
       "csv and json"},
      {R"({"version":1,"dataset":{"source":"a.txt","schema":{"version":1,)"
       R"("fields":[{"name":"t","type":"bool"}]}}})",
       "$.dataset.schema", "one field of type string, which a text's rows are", "others"},
      {With(R"("split":{"ratios":{"a":1},"counts":{"a":1}})"), "$.dataset.split",
       "an object with only one of ratios, counts", "an object with ratios, counts"},
      // The schema's own.
      {WithFields(R"({"name":"a","type":"bool"},{"name":"b","type":"text"})"),
       "$.dataset.schema.fields[1].type", kTypes, R"("text")"},
      {WithFields(R"({"name":"a","type":{"list":{"list":"bool"}}})"),
       "$.dataset.schema.fields[0].type.list", kTypes, "an object"},
      {WithFields(R"({"name":"a","type":"bool"},{"name":"a","type":"bool"})"),
       "$.dataset.schema.fields[1].name", "a name that no other field has", R"("a")"},
      {WithFields(R"({"name":"a","type":"categorical","categories":["p","p"]})"),
       "$.dataset.schema.fields[0].categories", "an array of different strings", "an array"},
      {WithFields(R"({"name":"a","type":"bool","from":"any"})"), "$.dataset.schema.fields[0].from",
       "any, of a field of type string", R"("any")"},
      {With(R"("schema":{"version":1,"fields":[{"name":"a","type":"bool"}],"splits":{"b":0.5}})"),
       "$.dataset.schema.splits", "shares that sum to 1", "an object"},
      // Fields that are named.
      {WithFields(kTwoFields, R"(,"columns":["a","c"])"), "$.dataset.columns[1]",
       "one of the fields a, b", R"("c")"},
      {With(R"("columns":["b","a","b"])"), "$.dataset.columns[2]", "each name once", R"("b")"},
      {WithFields(kTwoFields, R"(,"columns":["b"],"split":{"key":"a"})"), "$.dataset.split.key",
       "one of the fields b", R"("a")"},
      {WithFields(kTwoFields, R"(,"split":{"stratify":"c"})"), "$.dataset.split.stratify",
       "one of the fields a, b", R"("c")"},
      {With(R"("columns":["b"],"split":{"key":"a"})"), "$.dataset.split.key", "one of the fields b",
       R"("a")"},
      // What no rows can be split by.
      {With(R"("split":{"ratios":{"a":0.5}})"), "$.dataset.split.ratios", "numbers whose sum is 1",
       "0.5"},
      {With(R"("split":{"ratios":{"a b":1.5}})"), R"($.dataset.split.ratios["a b"])",
       "a number above 0 and at most 1", "1.5"},
      {With(R"("split":{"ratios":{"":1}})"), "$.dataset.split.ratios", "a name of each part",
       R"("")"},
      {With(R"("split":{"counts":{"a":4294967295,"b":1}})"), "$.dataset.split.counts",
       "counts that sum to at most 4294967295", "4294967296"},
      {With(R"("split":{"counts":{"a":1},"method":"content"})"), "$.dataset.split.counts",
       "ratios, since the method 'content' can keep no counts", "counts"},
      {With(R"("split":{"ratios":{"train":0.5,"val":0.5},"method":"huggingface"})"),
       "$.dataset.split.ratios", "the parts train and test", R"("train", "val")"},
      {With(R"("split":{"ratios":{"a":1},"key":"k","stratify":"s"})"), "$.dataset.split.stratify",
       "none beside a key", "a field"},
      {With(R"("schema":{"version":1,"fields":[{"name":"a","type":"bool"}],"splits":{"b":1}},)"
            R"("split":{"method":"huggingface"})"),
       "$.dataset.schema.splits", "the parts train and test", R"("b")"},
  };
  ExpectRefusals(refusals);
}

TEST(DatasetSection, HasASchemaThatMayBeOfALaterVersion) {
  const Error error = RefusalOf(With(R"("schema":{"version":2,"columns":[]})"));
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_EQ(*error.Text("path"), "$.dataset.schema.version");
  for (const std::string_view schema : {"null", "[]", "7", "{}", R"({"version":"1"})"}) {
    EXPECT_EQ(RefusalOf(With("\"schema\":" + std::string(schema))).code, ErrorCode::kInvalidConfig);
  }
}

TEST(DatasetSection, HasSharesOfUpToAThousandParts) {
  const auto config = [](int parts) {
    std::string counts;
    for (int i = 0; i < parts; ++i) {
      counts += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":4000000";
    }
    return With(R"("split":{"counts":{)" + counts + "}}");
  };
  EXPECT_TRUE(CheckRunConfig(config(1000), "c"));
  EXPECT_EQ(*RefusalOf(config(1001)).Text("expected"), "1 to 1000 parts");
}

}  // namespace
}  // namespace reprise
