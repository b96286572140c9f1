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

}  // namespace
}  // namespace reprise
