// Plain text by lines, by paragraphs and whole.
#include <gtest/gtest.h>

#include "dataset/testing/reader.h"

namespace reprise {
namespace {

using namespace testing;
using Rows = std::vector<std::string>;

Rows ReadText(TextRowKind kind, const std::string& text) {
  DatasetSchema schema;
  schema.fields = {MakeField("text", FieldType::kString)};
  const ReadFile whole = ReadPieces(Text(kind), schema, text);
  EXPECT_EQ(whole.error, "");
  for (size_t piece = 1; piece <= 70; ++piece) {
    EXPECT_EQ(ReadPieces(Text(kind), schema, text, piece).rows, whole.rows) << piece;
  }
  return whole.rows;
}

TEST(TextRows, Lines) {
  EXPECT_EQ(ReadText(TextRowKind::kLine, "a\r\n\nb\rc\n"),
            (Rows{"\"a\"", "\"\"", "\"b\"", "\"c\""}));
  EXPECT_EQ(ReadText(TextRowKind::kLine, "\xEF\xBB\xBFlast"), (Rows{"\"last\""}));
  EXPECT_EQ(ReadText(TextRowKind::kLine, ""), Rows{});
  const std::string line(100, 'x');
  EXPECT_EQ(ReadText(TextRowKind::kLine, line + "\r\n" + line),
            (Rows{"\"" + line + "\"", "\"" + line + "\""}));
}

TEST(TextRows, Paragraphs) {
  EXPECT_EQ(ReadText(TextRowKind::kParagraph, "\n\na\nb\n\n \t\nc\r\n\r\nd"),
            (Rows{"\"a\nb\"", "\"c\"", "\"d\""}));
  EXPECT_EQ(ReadText(TextRowKind::kParagraph, "one\r\ntwo\r\n"), (Rows{"\"one\r\ntwo\""}));
  EXPECT_EQ(ReadText(TextRowKind::kParagraph, "\n \n"), Rows{});
}

TEST(TextRows, ParagraphsEndWithAnyLineEnd) {
  EXPECT_EQ(ReadText(TextRowKind::kParagraph, "a\rb\r\rc\r"), (Rows{"\"a\rb\"", "\"c\""}));
  EXPECT_EQ(ReadText(TextRowKind::kParagraph, "a\r\nb\r\n\r\nc"), (Rows{"\"a\r\nb\"", "\"c\""}));
  EXPECT_EQ(ReadText(TextRowKind::kParagraph, "\r\n a\r\n \t\n\rb\n\r\nc\r\r"),
            (Rows{"\" a\"", "\"b\"", "\"c\""}));
  EXPECT_EQ(ReadText(TextRowKind::kParagraph, "\r"), Rows{});
  const std::string line(100, 'x');
  EXPECT_EQ(ReadText(TextRowKind::kParagraph, line + "\r" + line + "\r\r\n" + line),
            (Rows{"\"" + line + "\r" + line + "\"", "\"" + line + "\""}));
}

struct NoRows final : TextRowHandler {
  Status Row(std::string_view, int64_t) override { return {}; }
  Status Refuse(int64_t, std::string_view, std::string_view) override { return {}; }
};

TEST(TextRows, LookAtEachByteOnce) {
  NoRows handler;
  const std::string piece(1000, 'x');
  for (const TextRowKind kind : {TextRowKind::kLine, TextRowKind::kParagraph}) {
    const auto cutter = MakeTextRowCutter(kind, &handler);
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(cutter->Push(AsBytes(piece)));
    ASSERT_TRUE(cutter->Push(AsBytes("\r" + piece)));
    ASSERT_TRUE(cutter->Finish());
    EXPECT_EQ(cutter->bytes_looked_at(), 1'001'000);
  }
}

TEST(TextRows, Whole) {
  EXPECT_EQ(ReadText(TextRowKind::kWhole, "a\n\nb\n"), (Rows{"\"a\n\nb\n\""}));
  EXPECT_EQ(ReadText(TextRowKind::kWhole, ""), Rows{});
}

TEST(TextRows, RefusesOtherBytes) {
  DatasetSchema schema;
  schema.fields = {MakeField("text", FieldType::kString)};
  EXPECT_EQ(ReadPieces(Text(TextRowKind::kLine), schema, "ok\nbad\xFF\n").error,
            "rows: row 1, column \"text\" (byte 6): expected UTF-8, found other bytes");
}

// Says which row was too long, of those that end within one push as of others.
struct LengthHandler final : TextRowHandler, CsvRowHandler {
  static Failure Long(int64_t byte) { return Fail(ErrorCode::kInvalidData, std::to_string(byte)); }
  Status Row(std::string_view, int64_t) override { return {}; }
  Status Refuse(int64_t byte, std::string_view, std::string_view) override { return Long(byte); }
  Status Row(const CsvRow&) override { return {}; }
  Status Unclosed(int64_t) override { return {}; }
  Status TooLong(int64_t byte) override { return Long(byte); }
};

TEST(TextRows, HaveAMostLength) {
  LengthHandler handler;
  for (const size_t size : {kMostRowBytes, kMostRowBytes + 1}) {
    const std::string text = "a\n" + std::string(size, 'x') + "\nb\n";
    const auto cutter = MakeTextRowCutter(TextRowKind::kLine, &handler);
    const Status lines = cutter->Push(testing::AsBytes(text));
    CsvScanner scanner({}, &handler);
    const Status csv = scanner.Push(testing::AsBytes(text));
    for (const Status* status : {&lines, &csv}) {
      ASSERT_EQ(status->has_value(), size == kMostRowBytes);
      if (!*status) {
        EXPECT_EQ(status->error().message, "2");
      }
    }
  }
}

}  // namespace
}  // namespace reprise
