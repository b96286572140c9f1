// Run configs: what is right has its hash, what is wrong is refused with its place.
#include "run/run_config.h"

#include <gtest/gtest.h>

#include <string>

#include "hash/canonical_json.h"
#include "run/nearest_names.h"
#include "run/testing/refusal.h"
#include "tests/support/test_files.h"

namespace reprise {
namespace {

using testing::ExpectRefusals;
using testing::Refusal;
using testing::RefusalOf;

// A config with these members besides its version and model.
std::string With(std::string_view members) {
  return R"({"version":1,"model":{"folder":"m"},)" + std::string(members) + "}";
}
std::string OfModel(std::string_view model) {
  return R"({"version":1,"model":)" + std::string(model) + "}";
}
std::string InFolder(std::string_view json_text) {
  return OfModel(R"({"folder":)" + std::string(json_text) + "}");
}

TEST(RunConfig, OfEveryVersionEverReleasedIsRead) {
  const std::string text = ReadTestFile(FixturePath("runs/run-config-v1.json"));
  const auto hash = CheckRunConfig(text, "run-config-v1.json");
  ASSERT_TRUE(hash) << hash.error().message;
  EXPECT_EQ(*hash, "9ba59aa1ff24be5e31b5fcb40a763b4abc01d0862179b12d1c51a0bd428ce239");
}

TEST(RunConfig, HashIsOfItsOwnContentWhateverItsLayout) {
  const std::string plain = R"({"model":{"folder":"m"},"seed":7,"version":1})";
  const auto hash = CheckRunConfig(plain, "c");
  ASSERT_TRUE(hash) << hash.error().message;
  EXPECT_EQ(*hash, *HashJson(plain, "c"));
  EXPECT_EQ(
      *CheckRunConfig(" {\"version\" : 1.0,\n \"seed\":7e0,\"model\":{\"folder\":\"m\"}}", "c"),
      *hash);
  // A default that is written down is another content.
  EXPECT_NE(*CheckRunConfig(With(R"("seed":7,"sampling":{"topK":0})"), "c"), *hash);
}

TEST(RunConfig, AcceptsWhatRuns) {
  for (const std::string_view folder : {".", "m", "a/b/c", "a b", ".hidden", "..a", "ä/模型"}) {
    EXPECT_TRUE(CheckRunConfig(InFolder("\"" + std::string(folder) + "\""), "c")) << folder;
  }
  const std::string config = ReadTestFile(FixturePath("models/stories-260k/config.json"));
  EXPECT_TRUE(CheckRunConfig(OfModel("{\"config\":" + config + "}"), "c"));
  for (const std::string_view members :
       {R"("seed":9007199254740991)", R"("sampling":{})", R"("precision":{})",
        R"("sampling":{"temperature":0,"topK":0,"topP":1,"minP":0,"stop":[],"stopIds":[]})",
        R"("sampling":{"repetitionPenalty":1e-45,"logitBias":{"0":-3.4028234663852886e38}})"}) {
    EXPECT_TRUE(CheckRunConfig(With(members), "c")) << members;
  }
}

TEST(RunConfig, FoldersStayInsideTheConfigsOwn) {
  for (const std::string_view folder : {"",
                                        "..",
                                        "../m",
                                        "m/..",
                                        "m/../../n",
                                        "./m",
                                        "m/.",
                                        "m/",
                                        "/m",
                                        "/",
                                        "//m",
                                        "m//n",
                                        "~/m/",
                                        "C:m",
                                        "C:/m",
                                        "c:\\\\m",
                                        "m\\\\n",
                                        "..\\\\m",
                                        "\\\\\\\\server\\\\m",
                                        "file:///m",
                                        "https://example.org/m",
                                        "data:m",
                                        "m\\u0000",
                                        "m\\n",
                                        "m/.. /n",
                                        ".. ",
                                        "...",
                                        "m./n"}) {
    const Error error = RefusalOf(InFolder("\"" + std::string(folder) + "\""));
    EXPECT_EQ(error.code, ErrorCode::kInvalidConfig) << folder;
    EXPECT_EQ(*error.Text("path"), "$.model.folder") << folder;
  }
  EXPECT_FALSE(CheckRunConfig(InFolder("\"" + std::string(256, 'm') + "\""), "c"));
}

TEST(RunConfig, RefusesWithThePathWhatWasFoundAndWhatIsAllowed) {
  const Refusal refusals[] = {
      {"[]", "$", "an object", "an array"},
      {"7", "$", "an object", "7"},
      {R"({"version":1,"seed":7})", "$", "an object with model or dataset",
       "an object with version, seed"},
      {R"({"model":{"folder":"m"}})", "$.version", "an integer of at least 1", "nothing"},
      {R"({"version":"1","model":{"folder":"m"}})", "$.version", "an integer of at least 1",
       R"("1")"},
      {R"({"version":0,"model":{"folder":"m"}})", "$.version", "an integer of at least 1", "0"},
      {OfModel("\"m\""), "$.model", "an object", R"("m")"},
      {OfModel("{}"), "$.model", "an object with one of folder, config", "an object"},
      {OfModel(R"({"folder":"m","config":{}})"), "$.model", "an object with one of folder, config",
       "an object"},
      {InFolder("7"), "$.model.folder",
       R"(a folder inside the file's own, such as "models/story", or "." for that itself)", "7"},
      {OfModel(R"({"config":[]})"), "$.model.config", "an object", "an array"},
      {OfModel(R"({"folder":"m","url":"https://example.org"})"), "$.model.url",
       "absent: known here are folder, config", R"("https://example.org")"},
      {With(R"("backend":"cpu")"), "$.backend",
       "absent: known here are version, model, contextLength, precision, dataset, seed, sampling",
       R"("cpu")"},
      {With(R"("sampling":{"tempratuer":1})"), "$.sampling.tempratuer",
       "absent (\"temperature\" may be meant): known here are temperature, topK, topP, minP, "
       "repetitionPenalty, frequencyPenalty, presencePenalty, logitBias, maxTokens, stop, stopIds",
       "1"},
      {With(R"("context_length":8)"), "$.context_length",
       "absent (\"contextLength\" may be meant): known here are version, model, contextLength, "
       "precision, dataset, seed, sampling",
       "8"},
      {With(R"("precision":{"weights":"f16"})"), "$.precision.weights", R"("file")", R"("f16")"},
      {With(R"("precision":{"compute":"bf16"})"), "$.precision.compute", R"("f32")", R"("bf16")"},
      {With(R"("precision":{"ops":{}})"), "$.precision.ops",
       "absent: known here are weights, activations, compute", "an object"},
      {With(R"("seed":"42")"), "$.seed", "an integer from 0 to 9007199254740991", R"("42")"},
      {With(R"("seed":9007199254740992)"), "$.seed", "an integer from 0 to 9007199254740991",
       "9007199254740992"},
      {With(R"("seed":null)"), "$.seed", "an integer from 0 to 9007199254740991", "null"},
      {With(R"("contextLength":1e300)"), "$.contextLength", "an integer from 1 to 2147483647",
       "1e+300"},
      {With(R"("sampling":{"topP":1.5})"), "$.sampling.topP", "a number above 0 and at most 1",
       "1.5"},
      {With(R"("sampling":{"repetitionPenalty":1e300})"), "$.sampling.repetitionPenalty",
       "a number from 1e-45 to 3.4028234663852886e+38", "1e+300"},
      {With(R"("sampling":{"logitBias":{"5":1e39}})"), "$.sampling.logitBias.5",
       "a number from -3.4028234663852886e+38 to 3.4028234663852886e+38", "1e+39"},
      {With(R"("sampling":{"logitBias":{"-1":0}})"), R"($.sampling.logitBias["-1"])",
       "named by a token id in decimal", "0"},
      {With(R"("sampling":{"stop":"end"})"), "$.sampling.stop", "a list", R"("end")"},
      {With(R"("sampling":{"stop":["a",""]})"), "$.sampling.stop[1]", "a text that is not empty",
       R"("")"},
      {With(R"("sampling":{"stopIds":[1,2.5]})"), "$.sampling.stopIds[1]",
       "an integer from 0 to 2147483647", "2.5"},
      {With(R"("sampling":{"maxTokens":0})"), "$.sampling.maxTokens",
       "an integer from 1 to 9007199254740991", "0"},
  };
  ExpectRefusals(refusals);
}

TEST(RunConfig, RefusesByNameWhatComesLater) {
  for (const std::string_view value : {"{}", "null", "7"}) {
    const Error error = RefusalOf(With("\"training\":" + std::string(value)));
    EXPECT_EQ(error.code, ErrorCode::kUnsupported);
    EXPECT_EQ(*error.Text("path"), "$.training");
    EXPECT_NE(error.message.find("not in this version"), std::string::npos) << error.message;
  }
  const Error version = RefusalOf(R"({"version":2,"models":[]})");
  EXPECT_EQ(version.code, ErrorCode::kUnsupported);
  EXPECT_EQ(*version.Text("path"), "$.version");
}

TEST(RunConfig, HoldsDimensionsAgainstWhatRuns) {
  const std::string config = ReadTestFile(FixturePath("models/stories-260k/config.json"));
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string text = config;
    text.replace(text.find(from), from.size(), to);
    return RefusalOf(OfModel("{\"config\":" + text + "}"));
  };
  EXPECT_EQ(*changed("\"hidden_size\"", "\"hidden\"").Text("path"), "$.model.config.hidden_size");
  const Error type = changed("\"llama\"", "\"bert\"");
  EXPECT_EQ(type.code, ErrorCode::kUnsupported);
  EXPECT_EQ(*type.Text("path"), "$.model.config.model_type");
  EXPECT_EQ(*changed("\"rope_scaling\": null", R"("rope_scaling":{"type":"yarn"})").Text("path"),
            "$.model.config.rope_scaling.type");
  EXPECT_EQ(*changed("\"vocab_size\": 512", "\"vocab_size\": 1e99").Text("path"),
            "$.model.config.vocab_size");
}

TEST(RunConfig, RefusesWhatIsNoJson) {
  const std::string good = ReadTestFile(FixturePath("runs/run-config-v1.json"));
  const size_t end = good.rfind('}');
  for (size_t size = 0; size <= end; ++size) {
    ASSERT_EQ(RefusalOf(good.substr(0, size)).code, ErrorCode::kInvalidJson) << size;
  }
  const std::string deep(100'000, '[');
  for (const std::string& json :
       {deep, With("\"x\":" + deep), OfModel(R"({"config":{"x":)" + deep + "}}"),
        With(R"("seed":1,"seed":2)"),
        std::string(R"({"version":1,"model":{"folder":"a","folder":"b"}})"),
        With(R"("seed":1e999)"), With(R"("seed":NaN)"), "\xEF\xBB\xBF" + good, good + good}) {
    EXPECT_EQ(RefusalOf(json).code, ErrorCode::kInvalidJson) << json.substr(0, 100);
  }
}

TEST(NearestNames, AreThoseOfASlip) {
  const std::string_view known[] = {"topK", "topP", "minP", "temperature"};
  EXPECT_EQ(NearestNames("top_k", known), R"("topK")");
  EXPECT_EQ(NearestNames("topQ", known), R"("topK" or "topP")");
  EXPECT_EQ(NearestNames("tmeperature", known), R"("temperature")");
  EXPECT_EQ(NearestNames("Temperature", known), R"("temperature")");
  EXPECT_EQ(NearestNames("banana", known), "");
  EXPECT_EQ(NearestNames("", known), "");
  EXPECT_EQ(NearestNames(std::string(100'000, 't'), known), "");
}

}  // namespace
}  // namespace reprise
