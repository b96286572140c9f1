// Bad input through the C interface: always a typed error that names the place, never a crash, and
// nothing left behind.
#include <gtest/gtest.h>

#include <limits>

#include "random/philox.h"
#include "tests/support/test_context.h"

namespace reprise {
namespace {

using Ids = std::vector<int32_t>;

class HostileInput : public testing::Test {
 protected:
  std::string StoryFile(const std::string& name) {
    return ReadTestFile(FixturePath("models/stories-260k/" + name));
  }
  // A weights file of this JSON header.
  static std::string Safetensors(const std::string& header, const std::string& data = "") {
    std::string file(8, '\0');
    const uint64_t size = header.size();
    std::memcpy(file.data(), &size, 8);
    return file + header + data;
  }
  // The error of loading a whole weights file into a story model.
  std::string LoadError(const std::string& bytes, size_t piece = 1000) {
    const int32_t model = context_.Model(config_);
    EXPECT_GT(model, 0) << context_.result();
    int32_t answer = context_.Push(model, bytes, piece);
    if (answer == 0) answer = reprise_model_finish(context_.get(), model);
    const std::string code(context_.Error(answer).Find("code")->string());
    message_ = context_.json().Find("message")->string();
    tensor_ = context_.Field("tensor");
    file_ = context_.Field("file");
    // After its error the model can only be released.
    context_.ExpectError(reprise_model_finish(context_.get(), model), "invalid_argument");
    context_.ExpectError(reprise_model_generation_config(context_.get(), model, "{}", 2, "g", 1),
                         "invalid_argument");
    context_.ExpectError(context_.Score(model, Ids{1, 2}), "invalid_argument");
    context_.Release(model);
    context_.ExpectEmpty();
    return code;
  }

  TestContext context_;
  const std::string config_ = StoryFile("config.json");
  std::string message_, tensor_, file_;
};

TEST_F(HostileInput, SafetensorsHeadersThatLie) {
  const std::string norm = "model.norm.weight";
  const std::string data(256, '\0');
  const auto entry = [&](const std::string& dtype, const std::string& shape,
                         const std::string& offsets) {
    return Safetensors("{\"" + norm + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape +
                           R"(,"data_offsets":)" + offsets + "}}",
                       data);
  };
  EXPECT_EQ(LoadError(""), "invalid_safetensors");
  EXPECT_EQ(LoadError("1234567"), "invalid_safetensors");
  EXPECT_EQ(LoadError(std::string(8, '\0')), "invalid_json");
  EXPECT_EQ(LoadError(Safetensors("{")), "invalid_json");
  EXPECT_EQ(LoadError(Safetensors("[]")), "invalid_safetensors");
  EXPECT_EQ(LoadError(Safetensors("{}")), "missing_tensor");
  EXPECT_EQ(LoadError(entry("F32", "[64]", "[0, 512]")), "invalid_safetensors");
  EXPECT_EQ(tensor_, norm);
  EXPECT_EQ(LoadError(entry("F32", "[64]", "[-1, 255]")), "invalid_safetensors");
  EXPECT_EQ(LoadError(entry("F32", "[64]", "[256, 0]")), "invalid_safetensors");
  EXPECT_EQ(LoadError(entry("F32", "[64]", "[0, 252]")), "invalid_safetensors");
  EXPECT_EQ(LoadError(entry("F32", "[9223372036854775807, 2]", "[0, 256]")), "invalid_safetensors");
  EXPECT_EQ(LoadError(entry("I64", "[32]", "[0, 256]")), "dtype_mismatch");
  EXPECT_EQ(LoadError(entry("F32", "[8, 8]", "[0, 256]")), "shape_mismatch");
  EXPECT_EQ(tensor_, norm);
  EXPECT_EQ(file_, "model.safetensors");
  EXPECT_EQ(LoadError(entry("F16", "[128]", "[0, 256]")), "shape_mismatch");
  EXPECT_EQ(LoadError(entry("F32", "[64]", "[0, 256]")), "missing_tensor");
  EXPECT_EQ(LoadError(entry("F32", "[64]", "[0, 256]") + "more"), "invalid_safetensors");
}

TEST_F(HostileInput, SafetensorsHeadersOfHugeLength) {
  for (const uint64_t size : {uint64_t{100'000'001}, uint64_t{1} << 40, UINT64_MAX}) {
    std::string file(64, ' ');
    std::memcpy(file.data(), &size, 8);
    EXPECT_EQ(LoadError(file), "invalid_safetensors");
  }
  // A length that the announced file could hold takes no memory before its bytes come.
  const int32_t model = context_.Model(config_);
  ASSERT_EQ(reprise_model_begin_file(context_.get(), model, "m", 1, 9e15), 0);
  const uint64_t size = 100'000'000;
  EXPECT_EQ(reprise_model_push(context_.get(), model, reinterpret_cast<const uint8_t*>(&size), 8),
            0);
  EXPECT_EQ(reprise_model_push(context_.get(), model, reinterpret_cast<const uint8_t*>("{}"), 2),
            0);
  context_.ExpectError(reprise_model_end_file(context_.get(), model), "invalid_safetensors");
  context_.Release(model);
}

TEST_F(HostileInput, TensorsTooManyAndTooFew) {
  const std::string file = StoryFile("model.safetensors");
  std::string renamed = file;
  renamed.replace(renamed.find("model.norm.weight"), 17, "model.norm.wEight");
  EXPECT_EQ(LoadError(renamed, 4096), "unexpected_tensor");
  EXPECT_EQ(tensor_, "model.norm.wEight");
  EXPECT_EQ(LoadError(file.substr(0, file.size() - 1), 4096), "invalid_safetensors");
  EXPECT_EQ(LoadError(file + "x", 4096), "invalid_safetensors");
  // The same tensors twice.
  const int32_t model = context_.Model(config_);
  ASSERT_EQ(context_.Push(model, file), 0);
  context_.ExpectError(context_.Push(model, file), "invalid_safetensors");
  context_.Release(model);
}

TEST_F(HostileInput, RandomlyDamagedWeights) {
  const std::string file = StoryFile("model.safetensors");
  uint64_t header_size = 0;
  std::memcpy(&header_size, file.data(), 8);
  const RandomSource random = *RandomSource::Create(11, RandomStream::kInit);
  uint64_t position = 0;
  int refused = 0;
  for (int round = 0; round < 300; ++round) {
    std::string damaged = file;
    for (uint32_t i = 0; i <= random.Bits(position) % 4; ++i) {
      damaged[random.Bits(position + 1) % (8 + header_size)] =
          static_cast<char>(random.Bits(position + 2));
      position += 3;
    }
    const int32_t model = context_.Model(config_);
    int32_t answer = context_.Push(model, damaged, 300'001);
    if (answer == 0) answer = reprise_model_finish(context_.get(), model);
    if (answer < 0) ++refused;
    if (answer < 0) context_.Error(answer);
    context_.Release(model);
  }
  // Damage to a blank or to metadata goes unnoticed, as it may.
  EXPECT_GT(refused, 250);
  for (int round = 0; round < 200; ++round) {
    std::string noise(random.Bits(position++) % 200, '\0');
    for (char& byte : noise) byte = static_cast<char>(random.Bits(position++));
    // Mostly a length that fits, so that the noise is read as a header.
    if (noise.size() > 8 && round % 4 != 0) {
      const uint64_t size = noise.size() - 8;
      std::memcpy(noise.data(), &size, 8);
    }
    LoadError(noise, 7);
  }
}

TEST_F(HostileInput, Configs) {
  const auto error = [&](std::string_view config) {
    return std::string(context_.Error(context_.Model(config)).Find("code")->string());
  };
  EXPECT_EQ(error(""), "invalid_json");
  EXPECT_EQ(error(R"({"model_type": "llama", })"), "invalid_json");
  EXPECT_EQ(context_.Field("file"), "config.json");
  EXPECT_EQ(context_.Field("byte"), "24");
  EXPECT_EQ(error("[]"), "invalid_config");
  EXPECT_EQ(error(R"({"model_type": "llama"})"), "invalid_config");
  EXPECT_EQ(context_.Field("path"), "$.vocab_size");
  EXPECT_EQ(error(R"({"model_type": "bert", "vocab_size": 5})"), "unsupported");
  EXPECT_EQ(context_.Field("path"), "$.model_type");
  EXPECT_EQ(error(std::string(100'000, '[')), "invalid_json");
}

TEST(HostileMemory, ConfigsOfImpossibleSizes) {
  TestContext context(1e9);
  const auto error = [&](const std::string& vocab_size, const std::string& hidden_size,
                         const std::string& layers, const std::string& context_length) {
    const std::string config =
        R"({"model_type": "llama", "num_attention_heads": 1, "intermediate_size": 2147483647,
            "vocab_size": )" +
        vocab_size + R"(, "hidden_size": )" + hidden_size + R"(, "num_hidden_layers": )" + layers +
        R"(, "max_position_embeddings": )" + context_length + "}";
    return std::string(context.Error(context.Model(config)).Find("code")->string());
  };
  const std::string largest = "2147483646";
  EXPECT_EQ(error(largest, largest, "1", "8"), "invalid_config");
  EXPECT_EQ(context.Field("path"), "$");
  EXPECT_EQ(error("8", "8", largest, "8"), "invalid_config");
  EXPECT_EQ(context.Field("path"), "$.num_hidden_layers");
  EXPECT_EQ(error("8", largest, "1", largest), "invalid_config");
  EXPECT_EQ(error("8", "8", "4096", largest), "out_of_memory");
  EXPECT_EQ(error(largest, "8", "1", "8"), "out_of_memory");
  EXPECT_EQ(error("8", "8", "1", "8"), "out_of_memory");
  context.ExpectEmpty();
}

TEST_F(HostileInput, ModelOptions) {
  const auto error = [&](std::string_view options) {
    const std::string code(context_.Error(context_.Model(config_, options)).Find("code")->string());
    return code + " " + context_.Field("argument");
  };
  EXPECT_EQ(error("{}"), "invalid_argument backend");
  EXPECT_EQ(error(R"({"backend": "abacus"})"), "invalid_argument backend");
  EXPECT_EQ(error(R"({"backend": 1})"), "invalid_argument backend");
  EXPECT_EQ(error(R"({"backend": "cpu", "contextLength": 0})"), "invalid_argument contextLength");
  EXPECT_EQ(error(R"({"backend": "cpu", "contextLength": 513})"), "invalid_argument contextLength");
  EXPECT_EQ(error(R"({"backend": "cpu", "contextLength": 1.5})"), "invalid_argument contextLength");
  EXPECT_EQ(error(R"({"backend": "cpu", "context": 5})"), "invalid_argument context");
  EXPECT_EQ(error(R"({"backend": "cpu")"), "invalid_json ");
  EXPECT_EQ(error("3"), "invalid_argument options");
}

TEST_F(HostileInput, Tokenizers) {
  const auto error = [&](std::string_view json) {
    return std::string(context_.Error(context_.Tokenizer(json)).Find("code")->string());
  };
  const std::string good = StoryFile("tokenizer.json");
  EXPECT_EQ(error(""), "invalid_json");
  EXPECT_EQ(error(good.substr(0, good.size() / 2)), "invalid_json");
  EXPECT_EQ(context_.Field("file"), "tokenizer.json");
  EXPECT_NE(context_.Field("byte"), "");
  EXPECT_EQ(error("{}"), "invalid_tokenizer");
  std::string unknown = good;
  const std::string none = R"("pre_tokenizer": null)";
  ASSERT_NE(unknown.find(none), std::string::npos);
  unknown.replace(unknown.find(none), none.size(), R"("pre_tokenizer": {"type": "Guess"})");
  EXPECT_EQ(error(unknown), "unsupported");
  EXPECT_EQ(context_.Field("path"), "$.pre_tokenizer.type");
  const int32_t tokenizer = context_.StoryTokenizer();
  const Ids outside = {5, 512};
  context_.ExpectError(reprise_tokenizer_decode(context_.get(), tokenizer, outside.data(), 2, 0),
                       "token_out_of_range");
  EXPECT_EQ(context_.Field("position"), "1");
  context_.ExpectError(reprise_tokenizer_encode(context_.get(), tokenizer, "a\xff", 2, 0),
                       "invalid_argument");
  EXPECT_EQ(context_.Field("byte"), "1");
  context_.Release(tokenizer);
}

TEST_F(HostileInput, GenerateOptions) {
  const int32_t model = context_.StoryModel(R"({"backend": "cpu", "contextLength": 8})");
  const auto error = [&](std::string_view options, const Ids& ids = {1}) {
    const JsonValue found = context_.Error(context_.Generate(model, 0, ids, options));
    return std::string(found.Find("code")->string()) + " " + context_.Field("argument");
  };
  EXPECT_EQ(error("{}"), "invalid_argument seed");
  EXPECT_EQ(error(R"({"seed": -1})"), "invalid_argument seed");
  EXPECT_EQ(error(R"({"seed": 9007199254740992})"), "invalid_argument seed");
  EXPECT_EQ(error(R"({"seed": 0.5})"), "invalid_argument seed");
  EXPECT_EQ(error(R"({"seed": "1"})"), "invalid_argument seed");
  EXPECT_EQ(context_.Field("found"), "\"1\"");
  EXPECT_EQ(error(R"({"seed": 1, "temperature": -1})"), "invalid_argument temperature");
  EXPECT_EQ(error(R"({"seed": 1, "temperature": null})"), "invalid_argument temperature");
  EXPECT_EQ(error(R"({"seed": 1, "temperature": 1e999})"), "invalid_json ");
  EXPECT_EQ(error(R"({"seed": 1, "seed": 2})"), "invalid_json ");
  EXPECT_EQ(error(R"({"seed": 1, "top_k": 5})"), "invalid_argument top_k");
  EXPECT_EQ(error(R"({"seed": 1, "topK": -5})"), "invalid_argument topK");
  EXPECT_EQ(error(R"({"seed": 1, "maxTokens": 0})"), "invalid_argument maxTokens");
  EXPECT_EQ(error(R"({"seed": 1, "logprobs": 21})"), "invalid_argument logprobs");
  EXPECT_EQ(error(R"({"seed": 1, "stop": "x"})"), "invalid_argument stop");
  EXPECT_EQ(error(R"({"seed": 1, "stop": ["x"]})"), "invalid_argument stop");  // no tokenizer
  EXPECT_EQ(error(R"({"seed": 1, "stopIds": ["x"]})"), "invalid_argument stopIds");
  EXPECT_EQ(error(R"({"seed": 1, "stopIds": [512]})"), "token_out_of_range stopIds");
  EXPECT_EQ(error(R"({"seed": 1, "logitBias": [1]})"), "invalid_argument logitBias");
  EXPECT_EQ(error(R"({"seed": 1, "logitBias": {"01": 1}})"), "invalid_argument logitBias");
  EXPECT_EQ(error(R"({"seed": 1, "logitBias": {"1": "x"}})"), "invalid_argument logitBias");
  EXPECT_EQ(error(R"({"seed": 1, "logitBias": {"512": 1}})"), "token_out_of_range logitBias");
  EXPECT_EQ(error(R"({"seed": 1})", {1, 512}), "token_out_of_range prompt");
  EXPECT_EQ(context_.Field("position"), "1");
  EXPECT_EQ(error(R"({"seed": 1})", {-1}), "token_out_of_range prompt");
  EXPECT_EQ(error(R"({"seed": 1})", Ids(9, 1)), "context_overflow prompt");
  context_.ExpectError(context_.Generate(model, 0, {}, R"({"seed": 1})"), "invalid_argument");
  context_.ExpectError(context_.Score(model, Ids{1}), "invalid_argument");
  context_.ExpectError(context_.Forward(model, Ids(9, 1)), "context_overflow");
  // The model goes on as if nothing had been.
  const int32_t job = context_.Forward(model, Ids(8, 1));
  ASSERT_GT(job, 0) << context_.result();
  context_.ExpectError(reprise_job_step(context_.get(), job, 0), "invalid_argument");
  context_.Drive(job);
  context_.Release(job);
  context_.Release(model);
}

TEST_F(HostileInput, CallsInTheWrongOrder) {
  const int32_t model = context_.Model(config_);
  const uint8_t byte = 0;
  context_.ExpectError(reprise_model_push(context_.get(), model, &byte, 1), "invalid_argument");
  context_.ExpectError(reprise_model_end_file(context_.get(), model), "invalid_argument");
  context_.ExpectError(context_.Score(model, Ids{1, 2}), "invalid_argument");
  context_.ExpectError(context_.Generate(model, 0, Ids{1}, R"({"seed": 1})"), "invalid_argument");
  // These were refused, not tried: the model can still be loaded.
  ASSERT_EQ(reprise_model_begin_file(context_.get(), model, "m", 1, 100), 0);
  context_.ExpectError(reprise_model_begin_file(context_.get(), model, "m", 1, 100),
                       "invalid_argument");
  context_.ExpectError(reprise_model_finish(context_.get(), model), "invalid_argument");
  context_.Release(model);
  const int32_t loaded = context_.StoryModel();
  context_.ExpectError(reprise_model_finish(context_.get(), loaded), "invalid_argument");
  context_.ExpectError(context_.Push(loaded, "x"), "invalid_argument");
  EXPECT_GT(context_.Score(loaded, Ids{1, 2}), 0);
  context_.Release(loaded + 1);
  context_.Release(loaded);
  for (const double bytes : {-1.0, 0.5, 1e300, std::numeric_limits<double>::quiet_NaN()}) {
    const int32_t other = context_.Model(config_);
    context_.ExpectError(reprise_model_begin_file(context_.get(), other, "m", 1, bytes),
                         "invalid_argument");
    context_.Release(other);
  }
}

// One weight that is no number: nothing can be chosen, and nothing scored.
TEST_F(HostileInput, LogitsThatAreNotFinite) {
  std::string file = StoryFile("model.safetensors");
  uint64_t header_size = 0;
  std::memcpy(&header_size, file.data(), 8);
  const auto header = ParseJson(std::string_view(file).substr(8, header_size), "header");
  ASSERT_TRUE(header);
  const auto begin = header->Find("model.norm.weight")->Find("data_offsets")->array()[0].integer();
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    std::memcpy(file.data() + 8 + header_size + begin, &value, 4);
    const int32_t model = context_.Model(config_);
    ASSERT_EQ(context_.Push(model, file), 0) << context_.result();
    ASSERT_EQ(reprise_model_finish(context_.get(), model), 0);
    const auto expect_refusal = [&](int32_t job) {
      int32_t state = REPRISE_RUNNING;
      while (state >= 0 && state != REPRISE_DONE) {
        state = reprise_job_step(context_.get(), job, 1000);
      }
      context_.ExpectError(state, "unsupported");
      EXPECT_EQ(context_.Field("position"), "0");
      context_.Release(job);
    };
    expect_refusal(context_.Generate(model, 0, Ids{1, 403}, R"({"seed": 1})"));
    expect_refusal(context_.Score(model, Ids{1, 403, 407}));
    context_.Release(model);
  }
}

// Every limit from nothing to what is needed: an error that says both numbers, or success.
TEST(HostileMemory, SaysWhatIsNeededAndWhatThereIs) {
  const std::string config = ReadTestFile(FixturePath("models/stories-260k/config.json"));
  const std::string weights = ReadTestFile(FixturePath("models/stories-260k/model.safetensors"));
  int failed = 0, loaded = 0;
  for (double limit = 1000; limit < 5e6; limit *= 1.7) {
    TestContext context(limit);
    const int32_t model = context.CreateModel(config);
    int32_t answer = model < 0 ? model : context.Prepare(model);
    if (answer == 0) answer = context.Push(model, weights);
    if (answer == 0) answer = reprise_model_finish(context.get(), model);
    if (answer < 0) {
      ++failed;
      context.ExpectError(answer, "out_of_memory");
      EXPECT_GT(std::stoll(context.Field("needs_bytes")), std::stoll(context.Field("has_bytes")));
    } else {
      ++loaded;
    }
    if (model > 0) context.Release(model);
  }
  EXPECT_GT(failed, 5);
  EXPECT_GT(loaded, 0);
}

TEST(HostileMemory, TheEstimateIsWhatLoadingTakes) {
  const std::string config = ReadTestFile(FixturePath("models/stories-260k/config.json"));
  TestContext context;
  const std::string options = R"({"backend": "cpu", "contextLength": 100, "weights": "f32"})";
  ASSERT_EQ(reprise_estimate_memory(context.get(), config.data(), config.size(), "config.json", 11,
                                    options.data(), options.size()),
            0);
  const JsonValue estimate = context.json();
  EXPECT_EQ(estimate.Find("parameters")->integer(), 260'032);
  const int64_t expected = estimate.Find("weightsBytes")->integer() +
                           estimate.Find("cacheBytes")->integer() +
                           estimate.Find("activationsBytes")->integer();
  const int32_t model = context.StoryModel(R"({"backend": "cpu", "contextLength": 100})");
  ASSERT_EQ(reprise_info(context.get()), 0);
  EXPECT_EQ(context.json().Find("memory")->Find("usedBytes")->integer(), expected);
  context.Release(model);
  const std::string wrong = R"({"backend": "cpu", "weights": "q4"})";
  context.ExpectError(reprise_estimate_memory(context.get(), config.data(), config.size(),
                                              "config.json", 11, wrong.data(), wrong.size()),
                      "invalid_argument");
}

}  // namespace
}  // namespace reprise
