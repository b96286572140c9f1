// Different texts are counted right and not kept.
#include "dataset/field_stats.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json_reader.h"
#include "dataset/testing/reader.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace reprise {
namespace {

using testing::MakeField;

// The member "distinct", or -1 where there is none.
int64_t DistinctIn(const FieldStats& stats) {
  JsonWriter json;
  stats.Write(json);
  const auto value = ParseJson(std::move(json).Take(), "stats");
  const JsonValue* distinct = value ? value->Find("distinct") : nullptr;
  return distinct == nullptr ? -1 : distinct->integer();
}

int64_t DistinctOf(const std::vector<std::string>& texts) {
  const Field field = MakeField("value", FieldType::kBytes);
  Column column(field);
  for (const std::string& text : texts) column.AddBytes(text);
  FieldStats stats(field);
  stats.Add(column);
  return DistinctIn(stats);
}

std::string Bytes(const Sha256Digest& digest) { return {digest.begin(), digest.end()}; }

TEST(FieldStats, TellTextsOfAnyLengthApart) {
  std::vector<std::string> texts;
  for (const size_t length : {0U, 1U, 31U, 32U, 33U, 1'000U, 1'001U}) {
    texts.emplace_back(length, 'x');
    texts.push_back(std::string(length, 'x') + "y");
  }
  EXPECT_EQ(DistinctOf(texts), 14);
  texts.insert(texts.end(), texts.begin(), texts.end());
  EXPECT_EQ(DistinctOf(texts), 14);
  // A text that is another's digest.
  Sha256 hash;
  hash.Update(testing::AsBytes(texts[10]));
  EXPECT_EQ(DistinctOf({texts[10], Bytes(hash.Finish()), texts[10]}), 2);
}

TEST(FieldStats, CountDifferentTextsUpTo10000) {
  std::vector<std::string> texts;
  for (int i = 0; i < 10'000; ++i) texts.push_back(std::string(40, 'x') + std::to_string(i));
  texts.push_back(texts.front());
  EXPECT_EQ(DistinctOf(texts), 10'000);
  texts.push_back("one more");
  EXPECT_EQ(DistinctOf(texts), -1);
}

// Elsewhere nobody tells how much is in use.
#if defined(__GLIBC__)
TEST(FieldStats, KeepNoLongTexts) {
  const Field field = MakeField("text", FieldType::kString);
  FieldStats stats(field);
  const auto add = [&](int i) {
    Column column(field);
    column.AddBytes(std::string(100'000, 'x') + std::to_string(i));
    stats.Add(column);
  };
  add(0);
  const size_t before = mallinfo2().uordblks;
  for (int i = 1; i < 200; ++i) add(i);
  EXPECT_LT(mallinfo2().uordblks, before + 100'000);
  EXPECT_EQ(DistinctIn(stats), 200);
}
#endif

}  // namespace
}  // namespace reprise
