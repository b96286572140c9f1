#include "hash/canonical_json.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>

namespace reprise {
namespace {

std::string Canonical(std::string_view json) {
  const auto value = ParseJson(json, "test");
  EXPECT_TRUE(value) << value.error().message;
  return value ? CanonicalJson(*value) : "";
}

// RFC 8785, appendix B.
TEST(CanonicalJson, WritesTheNumbersOfTheStandard) {
  const struct {
    uint64_t bits;
    std::string_view text;
  } kNumbers[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (const auto& [bits, text] : kNumbers) {
    EXPECT_EQ(EcmaScriptNumber(std::bit_cast<double>(bits)), text);
  }
}

// RFC 8785, section 3.2.2 and 3.2.3.
TEST(CanonicalJson, WritesTheExamplesOfTheStandard) {
  EXPECT_EQ(Canonical(R"({
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    })"),
            R"({"literals":[null,true,false],)"
            R"("numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],)"
            R"("string":"€$\u000f\nA'B\"\\\\\"/"})");
  EXPECT_EQ(Canonical(R"({
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis"
    })"),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
            "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
            "\"\U0001F600\":\"Emoji: Grinning Face\","
            "\"\uFB33\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST(CanonicalJson, TakesIntegersForDoubles) {
  EXPECT_EQ(Canonical("[1, -0, 10, 9007199254740993, 1152921504606847000, 1e2]"),
            "[1,0,10,9007199254740992,1152921504606847000,100]");
}

TEST(CanonicalJson, IsIndifferentToOrderAndSpace) {
  const auto hash = [](std::string_view json) { return HashJson(json, "test").value_or("none"); };
  const std::string one = hash(R"({"b": [1.0, {}], "a": "x"})");
  EXPECT_EQ(one.size(), 64u);
  EXPECT_EQ(one, hash("{\"a\":\"\\u0078\",\n\"b\":[1,{ }]}"));
  EXPECT_NE(one, hash(R"({"b": [1.0, []], "a": "x"})"));
  // What sha256sum says of the two bytes.
  EXPECT_EQ(hash(" { } "), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

TEST(CanonicalJson, RefusesWhatIsNoJson) {
  const auto hash = HashJson(R"({"a": 1, "a": 1})", "twice.json");
  ASSERT_FALSE(hash);
  EXPECT_EQ(hash.error().code, ErrorCode::kInvalidJson);
  EXPECT_EQ(*hash.error().Text("file"), "twice.json");
}

}  // namespace
}  // namespace reprise
