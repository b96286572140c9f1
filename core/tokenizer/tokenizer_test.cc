// Whole files: what is refused and how it is told, encoding and decoding. Past 400 lines, since
// most are files and messages.
#include "tokenizer/tokenizer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "hash/sha256.h"
#include "tests/support/random_numbers.h"
#include "tests/support/test_files.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

using List = std::vector<int32_t>;
using TokenizerPtr = std::shared_ptr<const Tokenizer>;

TokenizerPtr ParseOrFail(std::string_view json) {
  auto tokenizer = Tokenizer::Parse(json, "tokenizer.json");
  EXPECT_TRUE(tokenizer.has_value()) << tokenizer.error().message;
  return tokenizer.value_or(nullptr);
}

TokenizerPtr Fixture(const std::string& name) {
  return ParseOrFail(ReadTestFile(FixturePath(name)));
}

// A file with the model `model` and, before it, further fields.
std::string File(std::string_view fields, std::string_view model) {
  return R"({"version":"1.0",)" + std::string(fields) + R"("model":)" + std::string(model) + "}";
}

constexpr std::string_view kSmall =
    R"({"type":"BPE","vocab":{"a":0,"b":1,"ab":2," ":3,"c":4,"abc":5},"merges":["a b","ab c"]})";

auto ParseSmall(const std::string& fields) {
  return Tokenizer::Parse(File(fields, kSmall), "tokenizer.json");
}

void ExpectRefused(std::string_view json, ErrorCode code, std::string_view message) {
  const auto tokenizer = Tokenizer::Parse(json, "tokenizer.json");
  ASSERT_FALSE(tokenizer.has_value()) << json;
  EXPECT_EQ(tokenizer.error().code, code);
  EXPECT_EQ(tokenizer.error().message, message);
  EXPECT_EQ(*tokenizer.error().Text("file"), "tokenizer.json");
}

TEST(Tokenizer, NamesWhatItDoesNotSupport) {
  constexpr auto kUnsupported = ErrorCode::kUnsupported;
  ExpectRefused(File(R"("pre_tokenizer":{"type":"Foo"},)", kSmall), kUnsupported,
                R"(tokenizer.json, $.pre_tokenizer.type: "Foo" is not supported)");
  ExpectRefused(File(R"("normalizer":{"type":"Sequence","normalizers":[{"type":"NFX"}]},)", kSmall),
                kUnsupported,
                R"(tokenizer.json, $.normalizer.normalizers[0].type: "NFX" is not supported)");
  ExpectRefused(File(R"("decoder":{"type":"Z"},)", kSmall), kUnsupported,
                R"(tokenizer.json, $.decoder.type: "Z" is not supported)");
  ExpectRefused(File(R"("post_processor":{"type":"X"},)", kSmall), kUnsupported,
                R"(tokenizer.json, $.post_processor.type: "X" is not supported)");
  ExpectRefused(File("", R"({"type":"Bigram","vocab":[]})"), kUnsupported,
                R"(tokenizer.json, $.model.type: "Bigram" is not supported)");
  ExpectRefused(File("", R"({"type":"BPE","dropout":0.1,"vocab":{},"merges":[]})"), kUnsupported,
                "tokenizer.json, $.model.dropout: ids drawn at random are not supported");
  ExpectRefused(
      File(R"("pre_tokenizer":{"type":"Digits","individual_digits":true,"base":16},)", kSmall),
      kUnsupported, "tokenizer.json, $.pre_tokenizer.base: this option is not supported");
  ExpectRefused(
      File(R"("normalizer":{"type":"Replace","pattern":{"Regex":"(a)\\1"},"content":""},)", kSmall),
      kUnsupported,
      "tokenizer.json, $.normalizer.pattern.Regex: a backreference is not supported, before byte 4 "
      "of the pattern");
}

TEST(Tokenizer, NamesWhatIsWrong) {
  constexpr auto kInvalid = ErrorCode::kInvalidTokenizer;
  ExpectRefused("{}", kInvalid, "tokenizer.json, $.model: expected an object, found nothing");
  ExpectRefused(R"({"model":{"type":3}})", kInvalid,
                "tokenizer.json, $.model.type: expected a string, found 3");
  ExpectRefused(R"([])", kInvalid, "tokenizer.json, $: expected an object, found an array");
  ExpectRefused(File("", R"({"type":"BPE","vocab":{"a":0,"b":0},"merges":[]})"), kInvalid,
                R"(tokenizer.json, $.model.vocab: "a" and "b" have the same id 0)");
  ExpectRefused(File("", R"({"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]})"), kInvalid,
                R"(tokenizer.json, $.model.merges[0]: "ab" is not in the vocabulary)");
  ExpectRefused(File("", R"({"type":"BPE","vocab":{"a":0},"merges":["a"]})"), kInvalid,
                R"(tokenizer.json, $.model.merges[0]: expected two tokens: "a b" or ["a", "b"])");
  ExpectRefused(File(R"("added_tokens":[{"id":1,"content":"x","single_word":false,"lstrip":false,
                     "rstrip":false,"normalized":false,"special":true}],)",
                     kSmall),
                kInvalid,
                R"(tokenizer.json, $.added_tokens[0].id: the id of "b" in the vocabulary is )"
                "used again");
  ExpectRefused(File(R"("pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a"},
                     "behavior":"Isolated","invert":false},)",
                     kSmall),
                kInvalid,
                "tokenizer.json, $.pre_tokenizer.pattern.Regex: there is a ( without its ), before "
                "byte 2 of the pattern");
  ExpectRefused(File("", R"({"type":"Unigram","vocab":[["a",0],["b"]]})"), kInvalid,
                R"(tokenizer.json, $.model.vocab[1]: expected ["token", score])");
  ExpectRefused(File("", R"({"type":"Unigram","unk_id":2,"vocab":[["a",0],["b",0]]})"), kInvalid,
                "tokenizer.json, $.model.unk_id: expected an integer from 0 to 1, found 2");
  ExpectRefused(
      File(R"("normalizer":{"type":"Precompiled","precompiled_charsmap":"AAA="},)", kSmall),
      kInvalid,
      "tokenizer.json, $.normalizer.precompiled_charsmap: this is no table of "
      "SentencePiece's rules");
  ExpectRefused(File(R"("pre_tokenizer":{"type":"Metaspace","replacement":"__"},)", kSmall),
                kInvalid,
                "tokenizer.json, $.pre_tokenizer.replacement: expected one character, found "
                R"("__")");
  for (const size_t letters : {4, 9, 40, 200'000}) {
    const auto long_mark = ParseSmall(R"("pre_tokenizer":{"type":"Metaspace","replacement":")" +
                                      std::string(letters, 'A') + "\"},");
    ASSERT_FALSE(long_mark.has_value());
    EXPECT_EQ(*long_mark.error().Text("path"), "$.pre_tokenizer.replacement");
  }
  const auto broken = Tokenizer::Parse(R"({"model": })", "tokenizer.json");
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error().code, ErrorCode::kInvalidJson);
  EXPECT_TRUE(broken.error().message.starts_with("tokenizer.json, byte 10: "));
}

// Each would take minutes if reading went on behind the first fault.
TEST(Tokenizer, RefusesManyFaultsAtTheFirst) {
  for (const auto& [name, parts] : {std::pair("normalizer", "normalizers"),
                                    {"decoder", "decoders"},
                                    {"pre_tokenizer", "pretokenizers"},
                                    {"post_processor", "processors"}}) {
    std::string faults = "0";
    for (int i = 0; i < 100'000; ++i) faults += ",0";
    std::string path = std::string("$.") + name;
    std::string component = faults;
    for (int depth = 0; depth < 60; ++depth) {
      component = R"({"type":"Sequence",")" + std::string(parts) + "\":[" + component + "]}";
      path += "." + std::string(parts) + "[0]";
    }
    const auto refused = ParseSmall("\"" + std::string(name) + "\":" + component + ",");
    ASSERT_FALSE(refused.has_value()) << name;
    EXPECT_EQ(*refused.error().Text("path"), path);
  }
}

TEST(Tokenizer, NamesTheFirstOfManyThingsThatAreWrong) {
  constexpr auto kInvalid = ErrorCode::kInvalidTokenizer;
  ExpectRefused(File(R"("normalizer":{"type":"Sequence","normalizers":[
                         {"type":"Strip","strip_left":1,"strip_right":2},{"type":"Foo"}]},
                     "decoder":7,)",
                     kSmall),
                kInvalid,
                "tokenizer.json, $.normalizer.normalizers[0].strip_left: expected true or false, "
                "found 1");
  // The model comes first; what was read of it would not do to go on with.
  ExpectRefused(File(R"("pre_tokenizer":{"type":"Sequence","pretokenizers":[{}]},)",
                     R"({"type":"WordPiece","unk_token":"x","vocab":[]})"),
                kInvalid,
                "tokenizer.json, $.model.continuing_subword_prefix: expected a string, found "
                "nothing");
  ExpectRefused(File(R"("pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Foo"}]},
                     "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{}}]},
                     "added_tokens":[{"id":-1}],"padding":{"pad_token":0},)",
                     kSmall),
                ErrorCode::kUnsupported,
                R"(tokenizer.json, $.pre_tokenizer.pretokenizers[0].type: "Foo" is not supported)");
  ExpectRefused(File(R"("post_processor":{"type":"TemplateProcessing","single":[
                         {"SpecialToken":{"id":"[A]"}},{"Sequence":{"id":"B"}}]},
                     "added_tokens":[{"id":-1}],)",
                     kSmall),
                kInvalid,
                "tokenizer.json, $.post_processor.special_tokens: expected an object, found "
                "nothing");
  ExpectRefused(File(R"("added_tokens":[{"id":-1,"content":3,"more":0}],"padding":1,)", kSmall),
                ErrorCode::kUnsupported,
                "tokenizer.json, $.added_tokens[0].more: this option is not supported");
  ExpectRefused(File(R"("padding":{"pad_token":0},)", kSmall), kInvalid,
                "tokenizer.json, $.padding.pad_token: expected a string, found 0");
  ExpectRefused(File("", R"({"type":"BPE","vocab":{"a":0},"merges":["a b","a c",3]})"), kInvalid,
                R"(tokenizer.json, $.model.merges[0]: "b" is not in the vocabulary)");
}

TEST(Tokenizer, RefusesTextThatIsNotUtf8AndIdsThatAreNoTokens) {
  const auto tokenizer = ParseOrFail(File("", kSmall));
  const auto encoded = tokenizer->Encode("ab\xFF", false);
  ASSERT_FALSE(encoded.has_value());
  EXPECT_EQ(encoded.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(encoded.error().message, "The text is not UTF-8 at byte 2");
  const auto decoded = tokenizer->Decode(List{0, 6}, false);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, ErrorCode::kTokenOutOfRange);
  EXPECT_FALSE(tokenizer->Decode(List{-1}, false).has_value());
  DecodeStream stream(tokenizer, false);
  EXPECT_EQ(stream.Push(0).value(), "a");
  EXPECT_FALSE(stream.Push(6).has_value());
  EXPECT_EQ(stream.Push(2).value(), " ab");  // without a decoder, spaces part the tokens
}

// The reference library takes such files and gives such ids.
TEST(Tokenizer, MayAddIdsThatAreNoTokens) {
  const auto tokenizer = ParseOrFail(
      R"({"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["a",-1]]},"post_processor":
      {"type":"RobertaProcessing","sep":["x",2147483647],"cls":["y",4],"trim_offsets":true,
      "add_prefix_space":false}})");
  const auto ids = tokenizer->Encode("a", true).value();
  EXPECT_EQ(ids, (List{4, 1, std::numeric_limits<int32_t>::max()}));
  EXPECT_EQ(tokenizer->id_limit(), int64_t{1} << 31);
  EXPECT_EQ(tokenizer->token_id_limit(), 2);
  EXPECT_EQ(tokenizer->vocab_size(), 2);
  // Tables of tokens have no room for ids that are none: these would take hours and gigabytes.
  EXPECT_EQ(tokenizer->AllTokens().size(), 2u);
  EXPECT_EQ(tokenizer->IdToToken(4), std::nullopt);
  const auto decoded = tokenizer->Decode(ids, false);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, ErrorCode::kTokenOutOfRange);
}

TEST(Tokenizer, KnowsTokensIdsAndItsHash) {
  const std::string json = ReadTestFile(FixturePath("models/stories-260k/tokenizer.json"));
  const auto tokenizer = ParseOrFail(json);
  EXPECT_EQ(tokenizer->TokenToId("</s>"), 2);
  EXPECT_EQ(tokenizer->IdToToken(2), "</s>");
  EXPECT_EQ(tokenizer->TokenToId("no such token"), std::nullopt);
  EXPECT_EQ(tokenizer->IdToToken(512), std::nullopt);
  EXPECT_EQ(tokenizer->IdToToken(-1), std::nullopt);
  EXPECT_EQ(tokenizer->id_limit(), 512);
  const auto special = tokenizer->special_tokens();
  ASSERT_EQ(special.size(), 3u);
  EXPECT_EQ(special[1]->content, "<s>");
  Sha256 sha256;
  sha256.Update({reinterpret_cast<const uint8_t*>(json.data()), json.size()});
  EXPECT_EQ(tokenizer->hash(), ToHex(sha256.Finish()));
}

// A file whose words are single letters, with one added token "<x>" of the given options.
TokenizerPtr WithAddedToken(std::string_view options, std::string_view normalizer = "null") {
  std::string token = R"({"id":6,"content":"<x>","single_word":false,"lstrip":false,)"
                      R"("rstrip":false,"normalized":false,"special":false})";
  const size_t at = token.find("\"" + std::string(options.substr(0, options.find(':'))) + "\"");
  if (!options.empty()) {
    const size_t value = token.find("false", at);
    token.replace(value, 5, "true");
  }
  return ParseOrFail(
      File(R"("added_tokens":[)" + token + R"(],"normalizer":)" + std::string(normalizer) + ",",
           kSmall));
}

TEST(AddedTokens, OptionsSayWhatTheyTake) {
  EXPECT_EQ(WithAddedToken("")->Encode("a <x> b<x>", false).value(), (List{0, 3, 6, 3, 1, 6}));
  EXPECT_EQ(WithAddedToken("lstrip")->Encode("a <x> b", false).value(), (List{0, 6, 3, 1}));
  EXPECT_EQ(WithAddedToken("rstrip")->Encode("a <x> b", false).value(), (List{0, 3, 6, 1}));
  EXPECT_EQ(WithAddedToken("rstrip")->Encode("<x> <x>", false).value(), (List{6, 6}));
  EXPECT_EQ(WithAddedToken("single_word")->Encode("a<x> <x> b", false).value(),
            (List{0, 3, 6, 3, 1}));
}

TEST(AddedTokens, NormalizedOnesAreSoughtInNormalisedText) {
  constexpr std::string_view kReplace =
      R"({"type":"Replace","pattern":{"String":"c"},"content":"x"})";
  EXPECT_EQ(WithAddedToken("normalized", kReplace)->Encode("a<c>", false).value(), (List{0, 6}));
  EXPECT_EQ(WithAddedToken("", kReplace)->Encode("a<c>", false).value(), List{0});
}

TEST(AddedTokens, AreNumberedFromTheVocabularysSizeOn) {
  constexpr std::string_view kOptions =
      R"("single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":false})";
  const auto token = [&](std::string_view head) {
    return "{" + std::string(head) + "," + std::string(kOptions);
  };
  const auto tokenizer = ParseOrFail(
      File("\"added_tokens\":[" + token(R"("id":70,"content":"<y>")") + "," +
               token(R"("id":2,"content":"ab")") + "," + token(R"("id":71,"content":"")") + "," +
               token(R"("id":9,"content":"<z>")") + "],",
           kSmall));
  EXPECT_EQ(tokenizer->Encode("<z>ab<y>", false).value(), (List{7, 2, 6}));
  EXPECT_EQ(tokenizer->id_limit(), 8);
}

TEST(AddedTokens, NormalizedOnesDecodeToTheirNormalisedText) {
  constexpr std::string_view kReplace =
      R"({"type":"Replace","pattern":{"String":"x"},"content":"y"})";
  const auto tokenizer = WithAddedToken("normalized", kReplace);
  EXPECT_EQ(tokenizer->Decode(List{6}, false).value(), "<y>");
  EXPECT_EQ(tokenizer->IdToToken(6), "<x>");
}

TEST(AddedTokens, SpecialOnesAreSkippedInText) {
  const auto tokenizer = Fixture("tokenizers/smollm-cut/tokenizer.json");
  const auto ids = tokenizer->Encode("<|im_start|>Hello<|im_end|>", false).value();
  EXPECT_EQ(ids[0], 1);
  EXPECT_EQ(ids.back(), 2);
  EXPECT_EQ(tokenizer->Decode(ids, true).value(), "Hello");
  EXPECT_EQ(tokenizer->Decode(ids, false).value(), "<|im_start|>Hello<|im_end|>");
}

std::string StreamText(const TokenizerPtr& tokenizer, const List& ids) {
  DecodeStream stream(tokenizer, true);
  std::string text;
  for (const int32_t id : ids) {
    const std::string piece = stream.Push(id).value();
    EXPECT_FALSE(FindInvalidUtf8(piece).has_value());
    text += piece;
  }
  return text + stream.Finish();
}

TEST(DecodeStream, GivesWhatDecodeGivesForAnyIds) {
  for (const std::string name :
       {"models/stories-260k/tokenizer.json", "tokenizers/gpt2-cut/tokenizer.json"}) {
    SCOPED_TRACE(name);
    const auto tokenizer = Fixture(name);
    List all;
    for (int32_t id = 0; id < tokenizer->token_id_limit(); ++id) {
      if (tokenizer->IdToToken(id)) all.push_back(id);
    }
    for (uint64_t seed = 1; seed <= 300; ++seed) {
      uint64_t state = seed;
      List ids(NextRandom(state) % 40);
      for (int32_t& id : ids) id = all[NextRandom(state) % all.size()];
      ASSERT_EQ(StreamText(tokenizer, ids), tokenizer->Decode(ids, true).value()) << seed;
    }
  }
}

TEST(DecodeStream, HoldsBackIncompleteCharacters) {
  const auto tokenizer = Fixture("models/stories-260k/tokenizer.json");
  const auto byte = [](int value) { return 3 + value; };  // the id of <0x00> is 3
  DecodeStream stream(tokenizer, true);
  EXPECT_EQ(stream.Push(byte(0xC3)).value(), "");
  EXPECT_EQ(stream.Push(byte(0xA9)).value(), "");
  EXPECT_EQ(stream.Push(*tokenizer->TokenToId("a")).value(), "éa");
  EXPECT_EQ(stream.Push(byte(0xC3)).value(), "");
  EXPECT_EQ(stream.Finish(), "\uFFFD");

  const auto gpt2 = Fixture("tokenizers/gpt2-cut/tokenizer.json");
  const auto ids = gpt2->Encode("é", false).value();
  DecodeStream bytes(gpt2, true);
  EXPECT_EQ(bytes.Push(*gpt2->TokenToId("Ã")).value(), "");
  EXPECT_EQ(bytes.Push(*gpt2->TokenToId("©")).value(), "é");
  EXPECT_EQ(bytes.Push(*gpt2->TokenToId("©")).value(), "\uFFFD");
  EXPECT_EQ(bytes.Finish(), "");
}

TEST(Decoder, StripTakesNoMoreThanItMay) {
  const auto decode = [](int start, int stop, std::string_view text, bool fuse) {
    const std::string strip = R"({"type":"Strip","content":"a","start":)" + std::to_string(start) +
                              R"(,"stop":)" + std::to_string(stop) + "}";
    const std::string decoder = R"("decoder":{"type":"Sequence","decoders":[)" +
                                std::string(fuse ? R"({"type":"Fuse"},)" : "") + strip + "]},";
    const auto tokenizer =
        ParseOrFail(File(decoder, R"({"type":"BPE","vocab":{"a":0,"b":1,"aab":2,"baa":3},)"
                                  R"("merges":[],"ignore_merges":true})"));
    List ids;
    for (const char c : text) {
      ids.push_back(c == 'a' ? 0 : c == 'b' ? 1 : c == '<' ? 2 : 3);
    }
    return tokenizer->Decode(ids, false).value();
  };
  EXPECT_EQ(decode(1, 0, "aab", true), "ab");
  EXPECT_EQ(decode(2, 2, "aaabaaa", true), "aba");
  EXPECT_EQ(decode(0, 2, "b>b>", true), "bbaabb");
  EXPECT_EQ(decode(0, 3, ">a", true), "b");
  EXPECT_EQ(decode(5, 5, "aaa", true), "");
  EXPECT_EQ(decode(1, 1, "<>", false), "abba");
  EXPECT_EQ(decode(1, 0, "ab", false), "b");
}

TEST(Tokenizer, TakesLongWords) {
  const auto gpt2 = Fixture("tokenizers/gpt2-cut/tokenizer.json");
  const auto stories = Fixture("models/stories-260k/tokenizer.json");
  for (const std::string unit : {"a", " ", "\n", "ab", "👨\u200d👩", "\u0301", "'"}) {
    std::string text;
    while (text.size() < 1 << 16) text += unit;
    const auto bytes = gpt2->Encode(text, false).value();
    EXPECT_EQ(gpt2->Decode(bytes, false).value(), text);
    const auto pieces = stories->Encode(text, false).value();
    EXPECT_EQ(stories->Decode(pieces, false).value(), text);
  }
}

// Where a control character goes, the marks beside it meet and change places.
TEST(Tokenizer, BertNormalizerOrdersMarksThatMeet) {
  const auto tokenizer = Tokenizer::Parse(
      R"({"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,
          "strip_accents":true,"lowercase":true},
          "model":{"type":"WordLevel","unk_token":"x",
                   "vocab":{"x":0,"\u302e\u1b44":1,"\u1b44\u302e":2}}})",
      "t.json");
  ASSERT_TRUE(tokenizer.has_value()) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->Encode("\u302e\x01\u1b44", false).value(), (List{2}));
}

// Stages call one another.
TEST(Tokenizer, RefusesDecodersWithoutEnd) {
  const auto decoders = [](int count) {
    std::string json = R"("decoder":{"type":"Sequence","decoders":[)";
    for (int i = 0; i < count; ++i) {
      json += R"({"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Fuse"}]},)";
    }
    json.back() = ']';
    return File(json + "},", kSmall);
  };
  EXPECT_EQ(ParseOrFail(decoders(128))->Decode(List{0, 1}, false).value(), "ab");
  ExpectRefused(decoders(129), ErrorCode::kInvalidTokenizer,
                "tokenizer.json, $.decoder.decoders: more than 256 decoders are not supported");
}

// The reference library needs the unk token only where no better way leads past the character.
TEST(Tokenizer, UnigramWithoutUnkTakesWhatItCan) {
  const auto tokenizer =
      ParseOrFail(File("", R"({"type":"Unigram","vocab":[["a",-1],["ax",-2],["b",-3]]})"));
  EXPECT_EQ(tokenizer->Encode("axb", false).value(), (List{1, 2}));
  EXPECT_EQ(tokenizer->Encode("xb", false).error().code, ErrorCode::kInvalidTokenizer);
}

TEST(Tokenizer, RefusesIdsFarAboveTheirNumber) {
  const auto tokenizer = Tokenizer::Parse(
      R"({"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":16777215}}})", "t.json");
  ASSERT_FALSE(tokenizer.has_value());
  EXPECT_EQ(tokenizer.error().code, ErrorCode::kInvalidTokenizer);
}

}  // namespace
}  // namespace reprise
