// For tests: a tokenizer's ids and texts against lists that a peer wrote.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/json_reader.h"
#include "tests/support/test_files.h"
#include "tokenizer/encoding.h"
#include "tokenizer/tokenizer.h"
#include "unicode/utf8.h"

namespace reprise {

inline JsonValue ReadJson(const std::string& path) {
  auto tree = ParseJson(ReadTestFile(path), path);
  EXPECT_TRUE(tree.has_value()) << tree.error().message;
  return tree.has_value() ? *std::move(tree) : JsonValue();
}

inline std::shared_ptr<const Tokenizer> ReadTokenizer(const std::string& path) {
  auto tokenizer = Tokenizer::Parse(ReadTestFile(path), "tokenizer.json");
  EXPECT_TRUE(tokenizer.has_value()) << tokenizer.error().message;
  return tokenizer.value_or(nullptr);
}

inline std::vector<int32_t> Ids(const JsonValue& list) {
  std::vector<int32_t> ids;
  for (const JsonValue& id : list.array()) ids.push_back(static_cast<int32_t>(id.integer()));
  return ids;
}

inline std::string Stream(const std::shared_ptr<const Tokenizer>& tokenizer,
                          std::span<const int32_t> ids, bool skip_special_tokens) {
  DecodeStream stream(tokenizer, skip_special_tokens);
  std::string text;
  for (const int32_t id : ids) {
    const auto piece = stream.Push(id);
    EXPECT_TRUE(piece.has_value()) << id;
    text += piece.value_or("");
  }
  return text + stream.Finish();
}

// The names of a peer's lists, which follow the list of strings.
struct ResultLists {
  const char* ids;
  const char* ids_special;
  const char* decoded;
  const char* decoded_skip;
};
constexpr ResultLists kReferenceLists{"ids", "ids_special", "decoded", "decoded_skip"};

// Compares a tokenizer with a peer's lists on every string.
inline void ExpectResults(const std::shared_ptr<const Tokenizer>& tokenizer,
                          const JsonValue& strings, const JsonValue& expected,
                          const ResultLists& lists) {
  const auto element = [&](const char* list, size_t i) -> const JsonValue& {
    return expected.Find(list)->array()[i];
  };
  ASSERT_GT(strings.array().size(), 0u);
  ASSERT_EQ(expected.Find(lists.ids)->array().size(), strings.array().size());
  for (size_t i = 0; i < strings.array().size(); ++i) {
    const std::string_view text = strings.array()[i].string();
    SCOPED_TRACE(std::to_string(i) + ": " + std::string(text));
    const auto ids = tokenizer->Encode(text, false);
    ASSERT_TRUE(ids.has_value()) << ids.error().message;
    EXPECT_EQ(*ids, Ids(element(lists.ids, i)));
    const auto special = Ids(element(lists.ids_special, i));
    EXPECT_EQ(tokenizer->Encode(text, true).value(), special);
    const std::string_view decoded = element(lists.decoded, i).string();
    const std::string_view decoded_skip = element(lists.decoded_skip, i).string();
    EXPECT_EQ(tokenizer->Decode(special, false).value(), decoded);
    EXPECT_EQ(tokenizer->Decode(special, true).value(), decoded_skip);
    EXPECT_EQ(Stream(tokenizer, special, false), decoded);
    EXPECT_EQ(Stream(tokenizer, special, true), decoded_skip);
  }
}

// Compares the offsets of one text, without or with special tokens, with a peer's pairs of
// characters.
inline void ExpectOffsets(const std::shared_ptr<const Tokenizer>& tokenizer, std::string_view text,
                          bool add_special_tokens, const JsonValue& pairs) {
  SCOPED_TRACE(text);
  const auto encoder =
      TextEncoder::Create(tokenizer, {.add_special_tokens = add_special_tokens, .offsets = true});
  ASSERT_TRUE(encoder.has_value());
  const auto encoding = encoder->Encode(text);
  ASSERT_TRUE(encoding.has_value()) << encoding.error().message;
  EXPECT_EQ(encoding->ids, tokenizer->Encode(text, add_special_tokens).value());
  // The byte and the UTF-16 unit at which each character starts, and the text ends.
  std::vector<uint32_t> bytes;
  std::vector<uint32_t> units;
  uint32_t unit = 0;
  for (size_t at = 0; at < text.size();) {
    bytes.push_back(static_cast<uint32_t>(at));
    units.push_back(unit);
    unit += ReadUtf8(text, at) > 0xFFFF ? 2 : 1;
  }
  bytes.push_back(static_cast<uint32_t>(text.size()));
  units.push_back(unit);
  ASSERT_EQ(encoding->bytes.size(), pairs.array().size());
  ASSERT_EQ(encoding->utf16.size(), pairs.array().size());
  for (size_t i = 0; i < pairs.array().size(); ++i) {
    const auto pair = pairs.array()[i].array();
    const auto start = static_cast<size_t>(pair[0].integer());
    const auto end = static_cast<size_t>(pair[1].integer());
    ASSERT_LT(end, bytes.size()) << "token " << i;
    EXPECT_EQ(encoding->bytes[i], (TextRange{bytes[start], bytes[end]})) << "token " << i;
    EXPECT_EQ(encoding->utf16[i], (TextRange{units[start], units[end]})) << "token " << i;
  }
}

}  // namespace reprise
