// The calls of reprise.h that train tokenizers.
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capi/context.h"
#include "capi/job_object.h"
#include "capi/options_reader.h"
#include "capi/reprise.h"
#include "tokenizer/training/train_tokenizer_job.h"
#include "tokenizer/training/word_counter.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

// Collects texts for a training job.
struct TokenizerTrainerObject final : Object {
  static constexpr ObjectKind kKind = ObjectKind::kTokenizerTrainer;
  explicit TokenizerTrainerObject(TokenizerTrainingOptions training)
      : Object(kKind), options(std::move(training)), counter(options) {}
  const TokenizerTrainingOptions options;
  WordCounter counter;
  bool is_finished = false;
};

class TrainTokenizerObject final : public JobObject {
 public:
  explicit TrainTokenizerObject(std::unique_ptr<TrainTokenizerJob> job) : job_(std::move(job)) {}

  std::string EventJson() const override { return ProgressJson("train", job_->progress()); }
  std::string ResultText() const override {
    return job_->tokenizer_json().empty() ? "{}" : job_->tokenizer_json();
  }

 private:
  Result<JobState> Advance(int64_t work_units) override { return job_->Step(work_units); }

  std::unique_ptr<TrainTokenizerJob> job_;
};

// The value that a word stands for; `expected` lists the words in errors.
template <typename Value>
Result<Value> ReadWord(const OptionsReader& reader, std::string_view name,
                       std::initializer_list<std::pair<std::string_view, Value>> words,
                       std::optional<Value> absent) {
  REPRISE_ASSIGN(const std::optional<std::string> given, reader.Text(name));
  std::string expected;
  for (const auto& [word, value] : words) {
    if (given == word) return value;
    expected += (expected.empty() ? "\"" : " or \"") + std::string(word) + "\"";
  }
  if (!given && absent) return *absent;
  return RefuseArgument(name, expected, given ? "\"" + *given + "\"" : "nothing");
}

// The texts of initialAlphabet, one character each, as ascending code points.
Result<std::vector<char32_t>> ReadCharacters(const std::vector<std::string>& texts) {
  std::vector<char32_t> characters;
  for (size_t i = 0; i < texts.size(); ++i) {
    size_t at = 0;
    if (!texts[i].empty()) characters.push_back(ReadUtf8(texts[i], at));
    if (texts[i].empty() || at != texts[i].size()) {
      return RefuseArgument("initialAlphabet[" + std::to_string(i) + "]", "one character",
                            "\"" + texts[i] + "\"");
    }
  }
  std::ranges::sort(characters);
  const auto repeated = std::ranges::unique(characters);
  characters.erase(repeated.begin(), repeated.end());
  return characters;
}

Status ReadWords(const OptionsReader& reader, TokenizerTrainingOptions* options) {
  using enum TrainedModelKind;
  using enum TrainedPreTokenizer;
  using enum TrainedNormalizer;
  REPRISE_ASSIGN(options->model, ReadWord<TrainedModelKind>(
                                     reader, "model", {{"bpe", kBpe}, {"unigram", kUnigram}}, {}));
  REPRISE_ASSIGN(
      options->pre_tokenizer,
      ReadWord<TrainedPreTokenizer>(
          reader, "preTokenizer",
          {{"byte_level", kByteLevel}, {"metaspace", kMetaspace}, {"whitespace", kWhitespace}},
          options->model == kBpe ? kByteLevel : kMetaspace));
  REPRISE_ASSIGN(options->normalizer,
                 ReadWord<TrainedNormalizer>(
                     reader, "normalizer",
                     {{"nfc", kNfc}, {"nfd", kNfd}, {"nfkc", kNfkc}, {"nfkd", kNfkd}}, kNone));
  return {};
}

Result<TokenizerTrainingOptions> ReadTrainingOptions(std::string_view json) {
  REPRISE_ASSIGN(const OptionsReader reader,
                 OptionsReader::Parse(json, {"model", "vocabSize", "specialTokens", "minFrequency",
                                             "preTokenizer", "normalizer", "maxTokenLength",
                                             "unkToken", "initialAlphabet", "limitAlphabet"}));
  TokenizerTrainingOptions options;
  REPRISE_TRY(ReadWords(reader, &options));
  REPRISE_ASSIGN(const std::optional<int64_t> vocab_size, reader.Integer("vocabSize"));
  if (!vocab_size) return OptionsReader::Missing("vocabSize", "an integer");
  options.vocab_size = *vocab_size;
  REPRISE_ASSIGN(const std::optional<int64_t> min_frequency, reader.Integer("minFrequency"));
  options.min_frequency = min_frequency.value_or(0);
  REPRISE_ASSIGN(const std::optional<int64_t> max_length, reader.Integer("maxTokenLength"));
  if (max_length) {
    options.max_token_length = *max_length;
  } else if (options.model == TrainedModelKind::kUnigram) {
    options.max_token_length = 16;
  }
  REPRISE_ASSIGN(options.limit_alphabet, reader.Integer("limitAlphabet"));
  REPRISE_ASSIGN(options.unk_token, reader.Text("unkToken"));
  if (!options.unk_token && options.model == TrainedModelKind::kUnigram) {
    options.unk_token = "<unk>";
  }
  REPRISE_ASSIGN(auto special_tokens, reader.Texts("specialTokens"));
  if (special_tokens) options.special_tokens = std::move(*special_tokens);
  REPRISE_ASSIGN(const auto alphabet, reader.Texts("initialAlphabet"));
  if (alphabet) {
    REPRISE_ASSIGN(options.initial_alphabet, ReadCharacters(*alphabet));
  } else if (options.pre_tokenizer == TrainedPreTokenizer::kByteLevel) {
    options.initial_alphabet = ByteLevelAlphabet();
  }
  REPRISE_TRY(CheckTrainingOptions(options));
  return options;
}

Result<TokenizerTrainerObject*> FindOpenTrainer(reprise_context& context, int32_t handle) {
  REPRISE_ASSIGN(TokenizerTrainerObject * trainer, context.Find<TokenizerTrainerObject>(handle));
  if (trainer->is_finished) {
    return Fail(ErrorCode::kInvalidArgument, "the tokenizer trainer has given its words to a job");
  }
  return trainer;
}

}  // namespace
}  // namespace reprise

using reprise::Result;
using reprise::TokenizerTrainerObject;

int32_t reprise_tokenizer_trainer_create(reprise_context* context, const char* options,
                                         size_t options_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(auto read, reprise::ReadTrainingOptions({options, options_size}));
    return context->Add(std::make_unique<TokenizerTrainerObject>(std::move(read)));
  });
}

int32_t reprise_tokenizer_trainer_add(reprise_context* context, int32_t trainer, const char* text,
                                      size_t size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(TokenizerTrainerObject * object, reprise::FindOpenTrainer(*context, trainer));
    REPRISE_TRY(object->counter.Add({text, size}));
    return 0;
  });
}

int32_t reprise_tokenizer_trainer_train(reprise_context* context, int32_t trainer) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(TokenizerTrainerObject * object, reprise::FindOpenTrainer(*context, trainer));
    object->is_finished = true;
    REPRISE_ASSIGN(auto job,
                   reprise::TrainTokenizerJob::Create(object->options, object->counter.Take()));
    return context->Add(std::make_unique<reprise::TrainTokenizerObject>(std::move(job)));
  });
}
