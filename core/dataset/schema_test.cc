// Schemas as JSON, values as texts, and the digests of rows.
#include "dataset/schema.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dataset/testing/reader.h"
#include "dataset/value_text.h"

namespace reprise {
namespace {

using namespace testing;

std::string WriteAgain(std::string_view text) {
  const auto value = ParseJson(text, "schema.json");
  if (!value) return value.error().message;
  const auto schema = ReadDatasetSchema(*value, "schema.json");
  if (!schema) return schema.error().message;
  JsonWriter json;
  WriteDatasetSchema(*schema, json);
  return std::move(json).Take();
}

TEST(DatasetSchema, ReadsWhatItWrites) {
  const std::string_view text =
      R"({"version":1,"fields":[{"name":"a","type":"string","optional":true,"from":"any"},)"
      R"({"name":"b","type":{"list":"int64"},"path":["x","y.z"],"modality":"tokens"},)"
      R"({"name":"c","type":"categorical","categories":["p","q"]}],"otherFields":"ignore","delimiter":";",)"
      R"("text":"a","splits":{"train":0.9,"test":0.1},"seed":7})";
  EXPECT_EQ(WriteAgain(text), text);
  EXPECT_EQ(WriteAgain(R"({"version":1,"fields":[{"name":"b","type":"bool","path":"x.y"}]})"),
            R"({"version":1,"fields":[{"name":"b","type":"bool","path":["x","y"]}]})");
}

TEST(DatasetSchema, ReadsIntegersHoweverTheyAreWritten) {
  EXPECT_EQ(WriteAgain(
                R"({"version":1.0,"fields":[{"name":"a","type":"bool"}],"seed":9007199254740991})"),
            R"({"version":1,"fields":[{"name":"a","type":"bool"}],"seed":9007199254740991})");
  EXPECT_EQ(WriteAgain(R"({"version":1,"fields":[{"name":"a","type":"bool"}],"seed":7e0})"),
            R"({"version":1,"fields":[{"name":"a","type":"bool"}],"seed":7})");
}

TEST(DatasetSchema, NamesItsPlaceInAnotherFile) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"[]", "$.dataset.schema"},
      {R"({"fields":[]})", "$.dataset.schema.version"},
      {R"({"version":2})", "$.dataset.schema.version"},
      {R"({"version":1})", "$.dataset.schema.fields"},
      {R"({"version":1,"a b":1})", R"($.dataset.schema["a b"])"},
      {R"({"version":1,"fields":[{"name":"a","type":7}]})", "$.dataset.schema.fields[0].type"},
      {R"({"version":1,"fields":[{"name":"a","type":"bool"}],"text":1})", "$.dataset.schema.text"},
      {R"({"version":1,"fields":[{"name":"a","type":"bool"}],"splits":{"a b":2}})",
       R"($.dataset.schema.splits["a b"])"},
  };
  for (const auto& [text, path] : cases) {
    const auto schema = ReadDatasetSchema(*ParseJson(text, "c"), "c", "$.dataset.schema");
    ASSERT_FALSE(schema) << text;
    EXPECT_EQ(*schema.error().Text("path"), path) << text;
  }
}

TEST(DatasetSchema, RefusesWithThePath) {
  const std::pair<std::string, std::string> cases[] = {
      {R"([])", "schema.json: $ must be an object"},
      {R"({"fields":[]})", "schema.json: $.version must be 1"},
      {R"({"version":2,"fields":[]})",
       "schema.json: $.version: this build reads version 1, found 2"},
      {R"({"version":1,"fields":[]})",
       "schema.json: $.fields must be an array of 1 to 4096 fields"},
      {R"({"version":1,"fields":[{"name":"a","type":"text"}]})",
       "schema.json: $.fields[0].type must be"},
      {R"({"version":1,"fields":[{"name":"a","type":"bool"},{"name":"a","type":"bool"}]})",
       "schema.json: $.fields[1].name must be a name that no other field has"},
      {R"({"version":1,"fields":[{"name":"a","type":"bool","kind":1}]})",
       "schema.json: $.fields[0].kind must be none but"},
      {R"({"version":1,"fields":[{"name":"a","type":"categorical"}]})",
       "schema.json: $.fields[0].categories must be"},
      {R"({"version":1,"fields":[{"name":"a","type":"bool","from":"any"}]})",
       "schema.json: $.fields[0].from must be"},
      {R"({"version":1,"fields":[{"name":"a","type":"bool"}],"text":"b"})",
       "schema.json: $.text must be the name of a field"},
      {R"({"version":1,"fields":[{"name":"a","type":"bool"}],"splits":{"train":0.5}})",
       "schema.json: $.splits must be shares that sum to 1"},
      {R"({"version":1,"fields":[{"name":"a","type":"bool"}],"seed":-1})",
       "schema.json: $.seed must be an integer from 0"},
      {R"({"version":1,"fields":[{"name":"a","type":"bool"}],"seed":9007199254740992})",
       "schema.json: $.seed must be an integer from 0"},
      {R"({"version":1,"fields":[{"name":"a","type":"bool"}],"seed":0.5})",
       "schema.json: $.seed must be an integer from 0"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_TRUE(WriteAgain(text).starts_with(message)) << WriteAgain(text);
  }
}

TEST(ValueText, Numbers) {
  for (const char* text :
       {"", "-", "+", "1 ", " 1", "1.0", "0x1", "--1", "+-1", "9223372036854775808",
        "-9223372036854775809", "99999999999999999999999"}) {
    EXPECT_FALSE(IntegerFromText(text)) << text;
  }
  EXPECT_EQ(IntegerFromText("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(IntegerFromText("+0007"), 7);
  for (const char* text :
       {"", ".", "-", "1e", "1e+", "e5", "1.2.3", "1f", "0x1p3", "1e400", "--1", "infinit"}) {
    EXPECT_FALSE(FloatFromText(text)) << text;
  }
  const std::pair<const char*, double> floats[] = {
      {"0.1", 0.1},
      {"-.5", -0.5},
      {"5.", 5},
      {"+1e3", 1000},
      {"007.25", 7.25},
      {"1E-5", 1e-5},
      {"-0", -0.0},
      {"00", 0},
      {"1.e2", 100},
      {".5e1", 5},
      {"123456789012345678", 123456789012345678.0},
      {"0.30000000000000004", 0.30000000000000004},
      {"1.7976931348623157e308", 1.7976931348623157e308},
      {"5e-324", 5e-324},
      {"-Infinity", -HUGE_VAL}};
  for (const auto& [text, value] : floats) {
    const auto found = FloatFromText(text);
    ASSERT_TRUE(found) << text;
    EXPECT_EQ(std::bit_cast<uint64_t>(*found), std::bit_cast<uint64_t>(value)) << text;
  }
  EXPECT_FALSE(Float32From(3.4028236e38));
  EXPECT_EQ(*Float32From(3.4028235e38), 3.4028235e38f);
}

TEST(ValueText, Times) {
  const std::pair<const char*, const char*> times[] = {
      {"1970-01-01", "1970-01-01T00:00:00Z"},
      {"2000-02-29T12:34", "2000-02-29T12:34:00Z"},
      {"0001-01-01 00:00:00.000001z", "0001-01-01T00:00:00.000001Z"},
      {"2024-03-10T01:30:00.25-05:00", "2024-03-10T06:30:00.25Z"},
      {"9999-12-31T23:59:59+0000", "9999-12-31T23:59:59Z"},
      {"0000-02-29", "0000-02-29T00:00:00Z"},
      {"0001-01-01T00:00:00+00:01", "0000-12-31T23:59:00Z"},
      {"9999-12-31T23:59:59.999999-00:01", "+010000-01-01T00:00:59.999999Z"},
      {"+002024-02-29", "2024-02-29T00:00:00Z"},
      {"-000001-12-31T23:59:59Z", "-000001-12-31T23:59:59Z"},
      {"+292278-01-01T00:00+12:00", "+292277-12-31T12:00:00Z"},
      {"-290308-12-21T19:59:05.224192Z", "-290308-12-21T19:59:05.224192Z"},
      {"+294247-01-10T04:00:54.775807Z", "+294247-01-10T04:00:54.775807Z"}};
  for (const auto& [text, again] : times) {
    const auto time = TimestampFromText(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(TimestampText(*time), again);
  }
  for (const char* text : {"2001-02-29",
                           "2001-13-01",
                           "2001-1-1",
                           "2001-01-01T",
                           "2001-01-01T24:00",
                           "2001-01-01T00:00:60",
                           "2001-01-01T00:00:00.",
                           "2001-01-01T00:00:00.1234567",
                           "2001-01-01T00:00:00+1",
                           "2001-01-01x",
                           "2001/01/01",
                           "-000000-01-01",
                           "02001-01-01",
                           "+12001-01-01",
                           "-2001-01-01",
                           "2001-00-01",
                           "2001-01-00",
                           "1900-02-29",
                           "2001-04-31",
                           "-290308-12-21T19:59:05.224191Z",
                           "+294247-01-10T04:00:54.775808Z",
                           "+294247-01-10T04:00:54.775807-00:01",
                           "+999999-12-31",
                           "-999999-01-01"}) {
    EXPECT_FALSE(TimestampFromText(text)) << text;
  }
}

TEST(ValueText, EveryTimeIsReadAsItIsWritten) {
  uint64_t bits = 1;
  for (int i = 0; i < 10'000; ++i) {
    bits = 6364136223846793005 * bits + 1442695040888963407;  // Knuth's MMIX
    const int64_t time = static_cast<int64_t>(bits) >> (i % 64);
    EXPECT_EQ(TimestampFromText(TimestampText(time)), time) << TimestampText(time);
  }
  constexpr int64_t kDay = int64_t{86'400} * 1'000'000;
  for (int64_t day = -1'000'000; day <= 4'000'000; day += 17) {
    EXPECT_EQ(TimestampFromText(TimestampText(day * kDay)), day * kDay);
  }
}

// RFC 4648, section 10.
TEST(ValueText, Base64) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    ByteBuffer out;
    EXPECT_TRUE(AppendBase64(text, out));
    EXPECT_EQ(std::string(out.data(), out.data() + out.size()), bytes);
    EXPECT_EQ(Base64Text(bytes), text);
  }
  ByteBuffer out;
  for (const char* text : {"Z", "Zg=", "Zg", "Zh==", "Z===", "=Zg=", "Zg==Zg==", "Z g="}) {
    EXPECT_FALSE(AppendBase64(text, out)) << text;
  }
}

// The digest as the header defines it, of bytes written here by hand.
TEST(RowDigest, IsThatOfItsDefinition) {
  DatasetSchema schema;
  schema.fields = {MakeField("s", FieldType::kString), MakeField("n", FieldType::kInt32),
                   MakeField("f", FieldType::kFloat32), MakeField("o", FieldType::kBool, true)};
  const ReadFile read = ReadPieces(JsonLines(), schema, R"({"s":"hi","n":-2,"f":0.5})");
  const std::string bytes(
      "\x04\x02\0\0\0\0\0\0\0hi\x02\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x03\0\0\0\0\0\0\xE0\x3F\0", 30);
  Sha256 row, rows;
  row.Update(AsBytes(bytes));
  rows.Update(row.Finish());
  EXPECT_EQ(read.hash, ToHex(rows.Finish()));
}

TEST(RowDigest, IsTheSameInEveryFormat) {
  DatasetSchema schema;
  schema.fields = {MakeField("n", FieldType::kInt64), MakeField("x", FieldType::kFloat64),
                   MakeField("s", FieldType::kString)};
  const std::string csv = ReadPieces(Csv(), schema, "s,n,x\n\"a,b\",1,2\n\xC3\xA9,-3,1e-7\n").hash;
  EXPECT_EQ(ReadPieces(Tsv(), schema, "n\tx\ts\n1\t2.0\ta,b\n-3\t0.0000001\t\xC3\xA9\n").hash, csv);
  EXPECT_EQ(
      ReadPieces(Json(), schema, R"([{"n":1,"x":2,"s":"a,b"},{"n":-3,"x":1e-7,"s":"\u00e9"}])")
          .hash,
      csv);
  EXPECT_NE(ReadPieces(Csv(), schema, "s,n,x\n\"a,b\",1,2\n\xC3\xA9,-3,1e-8\n").hash, csv);
}

TEST(Columns, TruncateForgetsAllOfARow) {
  Field field = MakeField("l", FieldType::kString, true);
  field.is_list = true;
  Column column(field);
  column.AddBytes("a");
  column.AddBytes("b");
  column.EndList();
  column.AddAbsent();
  column.EndList();
  column.AddBytes("c");
  column.AddBytes("d");
  column.Truncate(3);
  EXPECT_EQ(column.rows(), 3);
  EXPECT_EQ(column.absent(), 1);
  EXPECT_EQ(Shown(column, field, 0), "[\"a\",\"b\"]");
  EXPECT_EQ(Shown(column, field, 1), "-");
  EXPECT_EQ(Shown(column, field, 2), "[]");
  column.Truncate(1);
  EXPECT_EQ(column.absent(), 0);
  EXPECT_TRUE(column.validity().empty());
  column.AddBytes("e");
  column.EndList();
  EXPECT_EQ(Shown(column, field, 1), "[\"e\"]");
}

TEST(DatasetSchema, HasOnePathForAValue) {
  const auto read = [](const std::string& fields) {
    const auto value = ParseJson(R"({"version":1,"fields":[)" + fields + "]}", "s.json");
    return ReadDatasetSchema(*value, "s.json");
  };
  const std::string a = R"({"name":"a","type":"string","from":"any"})";
  const std::pair<std::string, std::string> cases[] = {
      {a + R"(,{"name":"b","type":"int64","path":"a.b"})", "one inside it, of \"b\""},
      {R"({"name":"b","type":"int64","path":["a","b"]},)" + a, "one that holds it, of \"a\""},
      {a + R"(,{"name":"n","type":"int64","path":"a"})", "the same one, of \"n\""},
  };
  for (const auto& [fields, found] : cases) {
    const auto schema = read(fields);
    ASSERT_FALSE(schema.has_value()) << fields;
    EXPECT_EQ(schema.error().code, ErrorCode::kInvalidConfig);
    EXPECT_EQ(*schema.error().Text("path"), "$.fields[1].path");
    EXPECT_EQ(*schema.error().Text("found"), found);
  }
  EXPECT_TRUE(
      read(a + R"(,{"name":"a.b","type":"int64"},{"name":"b","type":"int64","path":"b.a"})"));
}

TEST(DatasetSchema, KnowsADelimiter) {
  for (const char* delimiter : {R"("")", R"(";;")", R"("\n")", R"("\u00e9")", "1"}) {
    const auto value =
        ParseJson(R"({"version":1,"fields":[{"name":"a","type":"bool"}],"delimiter":)" +
                      std::string(delimiter) + "}",
                  "s.json");
    EXPECT_EQ(*ReadDatasetSchema(*value, "s.json").error().Text("path"), "$.delimiter");
  }
}

TEST(ByteBuffer, NotesMemoryThatCannotBeHad) {
  MemoryShortage shortage;
  ByteBuffer buffer(&shortage);
  buffer.Append("kept");
  for (const size_t size : {SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 2 - 4096}) {
    shortage.needed_bytes = 0;
    EXPECT_EQ(buffer.Extend(size), nullptr);
    const Status status = shortage.Check();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kOutOfMemory);
  }
  EXPECT_EQ(std::string(buffer.data(), buffer.data() + buffer.size()), "kept");
  buffer.Append(std::string(1000, 'x'));  // It asks for no more.
  EXPECT_EQ(buffer.size(), 4u);
}

TEST(RowCollector, ForgetsARowThatLacksMemory) {
  DatasetSchema schema;
  schema.fields = {MakeField("s", FieldType::kString), MakeField("n", FieldType::kInt64, true)};
  CollectingOptions options;
  options.needs_digests = true;
  RowCollector rows(schema, options);
  rows.column(0).AddBytes("first");
  rows.column(1).AddInt64(1);
  ASSERT_TRUE(rows.EndRow());
  EXPECT_EQ(rows.column(0).bytes().Extend(SIZE_MAX / 2 - 4096), nullptr);
  rows.column(0).EndBytes();
  rows.column(1).AddAbsent();
  const Status status = rows.EndRow();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kOutOfMemory);
  EXPECT_EQ(rows.batch().rows, 1);
  EXPECT_EQ(rows.digests().size(), 1u);
  EXPECT_EQ(Shown(rows.column(0), schema.fields[0], 0), "\"first\"");
  EXPECT_EQ(Shown(rows.column(1), schema.fields[1], 0), "1");
}

}  // namespace
}  // namespace reprise
