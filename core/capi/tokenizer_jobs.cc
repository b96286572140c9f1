#include "capi/tokenizer_jobs.h"

#include <numeric>
#include <optional>
#include <utility>

#include "base/byte_view.h"
#include "base/fill_in.h"
#include "base/json_writer.h"
#include "capi/options_reader.h"
#include "tokenizer/metrics.h"
#include "tokenizer/text_batch.h"

namespace reprise {
namespace {

// Bytes of text, or ids, that count as much work as 65,536 multiply-adds.
constexpr int64_t kSizeOfUnit = 64;
// Progress is told at most so often.
constexpr size_t kMostEvents = 100;

// Steps a batch and tells how far it is between steps.
class BatchObject : public JobObject {
 public:
  BatchObject(std::string_view type, ThreadPool* pool) : type_(type), pool_(pool) {}

  std::string EventJson() const override {
    return ProgressJson(
        type_, {static_cast<int64_t>(batch().done()), static_cast<int64_t>(batch().total())});
  }
  std::span<const uint8_t> values() const override { return BytesOf(words_); }

 protected:
  virtual TextBatch& batch() = 0;
  virtual const TextBatch& batch() const = 0;
  // What values() gives, once the batch is done. Errors: out_of_memory.
  virtual Result<GrowingArray<uint32_t>> Words() const = 0;

 private:
  Result<JobState> Advance(int64_t work_units) override {
    if (is_finished_) return TellOr(JobState::kDone, batch().total());
    const size_t step = batch().total() / kMostEvents + 1;
    if (batch().done() >= told_ + step) return TellOr(JobState::kEvent, batch().done());
    REPRISE_ASSIGN(is_finished_, batch().Step(work_units * kSizeOfUnit, *pool_));
    if (is_finished_) {
      REPRISE_ASSIGN(words_, Words());
    }
    return JobState::kRunning;
  }
  // An event where there is something to tell, else the state.
  JobState TellOr(JobState state, size_t done) {
    if (told_ == done) return state;
    told_ = done;
    return JobState::kEvent;
  }

  const std::string_view type_;
  ThreadPool* const pool_;
  bool is_finished_ = false;
  size_t told_ = 0;
  GrowingArray<uint32_t> words_;
};

class EncodeBatchObject final : public BatchObject {
 public:
  EncodeBatchObject(ThreadPool* pool, TextEncoder encoder, std::string_view texts,
                    std::span<const uint32_t> sizes)
      : BatchObject("tokenize", pool), batch_(std::move(encoder), texts, sizes) {}

  std::string ResultText() const override { return "{}"; }

 private:
  TextBatch& batch() override { return batch_; }
  const TextBatch& batch() const override { return batch_; }
  Result<GrowingArray<uint32_t>> Words() const override {
    return EncodingWords(batch_.encodings());
  }

  EncodeBatch batch_;
};

class DecodeBatchObject final : public BatchObject {
 public:
  DecodeBatchObject(ThreadPool* pool, std::shared_ptr<const Tokenizer> tokenizer,
                    std::span<const int32_t> ids, std::span<const uint32_t> counts,
                    bool skip_special_tokens)
      : BatchObject("decode", pool),
        batch_(std::move(tokenizer), {ids.begin(), ids.end()}, counts, skip_special_tokens) {}

  std::string ResultText() const override {
    std::string all;
    for (const std::string& text : batch_.texts()) all += text;
    return all;
  }

 private:
  TextBatch& batch() override { return batch_; }
  const TextBatch& batch() const override { return batch_; }
  Result<GrowingArray<uint32_t>> Words() const override {
    const MemoryWatch watch;
    GrowingArray<uint32_t> sizes;
    for (const std::string& text : batch_.texts()) {
      sizes.push_back(static_cast<uint32_t>(text.size()));
    }
    REPRISE_TRY(MemoryWatch::Check());
    return sizes;
  }

  DecodeBatch batch_;
};

void WriteFertility(JsonWriter& json, const TokenizerMetrics::Fertility& fertility) {
  json.Key("tokensPerWord").Double(fertility.tokens_per_word);
  json.Key("tokensPerCharacter").Double(fertility.tokens_per_character);
}

void WriteTokens(JsonWriter& json, std::string_view name, const Tokenizer& tokenizer,
                 std::span<const TokenizerMetrics::Token> tokens, bool with_counts) {
  json.Key(name).BeginArray();
  for (const TokenizerMetrics::Token& token : tokens) {
    json.BeginObject();
    json.Key("id").Int(token.id);
    json.Key("token").String(*tokenizer.IdToToken(token.id));
    if (with_counts) json.Key("count").Int(token.count);
    json.EndObject();
  }
  json.EndArray();
}

std::string MetricsJson(const Tokenizer& tokenizer, const TokenizerMetrics& metrics) {
  const TokenizationCounts& counts = metrics.counts;
  JsonWriter json;
  json.BeginObject();
  json.Key("texts").Int(counts.texts);
  json.Key("bytes").Int(counts.bytes);
  json.Key("characters").Int(counts.characters);
  json.Key("words").Int(counts.words);
  json.Key("tokens").Int(counts.tokens);
  json.Key("coverage").BeginObject();
  json.Key("text").Double(metrics.text_coverage);
  json.Key("vocabulary").Double(metrics.vocabulary_coverage);
  json.Key("unknownTokens").Int(counts.unknown_tokens);
  json.Key("byteFallbackTokens").Int(counts.byte_fallback_tokens);
  json.EndObject();
  json.Key("entropy").BeginObject();
  json.Key("bitsPerToken").Double(metrics.bits_per_token);
  json.Key("normalized").Double(metrics.normalized_entropy);
  json.EndObject();
  json.Key("fertility").BeginObject();
  WriteFertility(json, metrics.fertility);
  json.Key("byScript").BeginObject();
  for (const TokenizerMetrics::OfScript& script : metrics.by_script) {
    json.Key(script.name).BeginObject();
    WriteFertility(json, script.fertility);
    json.EndObject();
  }
  json.EndObject().EndObject();
  json.Key("compression").BeginObject();
  json.Key("bytesPerToken").Double(metrics.bytes_per_token);
  json.EndObject();
  WriteTokens(json, "longest", tokenizer, metrics.longest, /*with_counts=*/false);
  WriteTokens(json, "mostFrequent", tokenizer, metrics.most_frequent, /*with_counts=*/true);
  json.EndObject();
  return std::move(json).Take();
}

class MetricsObject final : public BatchObject {
 public:
  MetricsObject(ThreadPool* pool, std::shared_ptr<const Tokenizer> tokenizer,
                std::string_view texts, std::span<const uint32_t> sizes)
      : BatchObject("tokenize", pool),
        tokenizer_(std::move(tokenizer)),
        batch_(tokenizer_, texts, sizes) {}

  std::string ResultText() const override {
    const bool is_done = batch_.metrics().has_value();
    return is_done ? MetricsJson(*tokenizer_, *batch_.metrics()) : "{}";
  }

 private:
  TextBatch& batch() override { return batch_; }
  const TextBatch& batch() const override { return batch_; }
  Result<GrowingArray<uint32_t>> Words() const override { return GrowingArray<uint32_t>(); }

  const std::shared_ptr<const Tokenizer> tokenizer_;
  MetricsBatch batch_;
};

Status CheckSizes(std::string_view argument, std::span<const uint32_t> sizes, size_t total) {
  const uint64_t sum = std::accumulate(sizes.begin(), sizes.end(), uint64_t{0});
  if (sum == total) return {};
  return Fail(Error(ErrorCode::kInvalidArgument,
                    FillIn("{} add up to {}, not to the {} there are",
                           {argument, std::to_string(sum), std::to_string(total)}))
                  .With("argument", argument)
                  .With("expected", static_cast<int64_t>(total))
                  .With("found", static_cast<int64_t>(sum)));
}

Status ReadSide(const OptionsReader& reader, TextSide& side) {
  std::optional<std::string> name;
  REPRISE_TRY(reader.Read("side", name));
  if (!name || *name == "right") return {};
  if (*name != "left") return RefuseArgument("side", "left or right", *name);
  side = TextSide::kLeft;
  return {};
}

Status ReadTruncation(const OptionsReader& options, std::optional<Truncation>& truncation) {
  constexpr std::string_view kKnown[] = {"maxLength", "side"};
  REPRISE_ASSIGN(const auto reader, options.Object("truncation", kKnown));
  if (!reader) return {};
  std::optional<int64_t> max_length;
  REPRISE_TRY(reader->Read("maxLength", max_length));
  if (!max_length) return OptionsReader::Missing("truncation.maxLength", "a number of tokens");
  truncation = Truncation{*max_length};
  return ReadSide(*reader, truncation->side);
}

Status ReadPadding(const OptionsReader& options, std::optional<Padding>& padding) {
  constexpr std::string_view kKnown[] = {"length", "side", "padToken", "multipleOf"};
  REPRISE_ASSIGN(const auto reader, options.Object("padding", kKnown));
  if (!reader) return {};
  padding.emplace();
  REPRISE_TRY(reader->Read("length", padding->length));
  REPRISE_TRY(ReadSide(*reader, padding->side));
  REPRISE_TRY(reader->Read("padToken", padding->pad_token));
  std::optional<int64_t> multiple;
  REPRISE_TRY(reader->Read("multipleOf", multiple));
  if (multiple) padding->multiple_of = *multiple;
  return {};
}

void AppendRanges(std::span<const TextRange> ranges, GrowingArray<uint32_t>& words) {
  for (const TextRange range : ranges) {
    words.push_back(range.start);
    words.push_back(range.end);
  }
}

}  // namespace

Result<TextEncoder> MakeTextEncoder(std::shared_ptr<const Tokenizer> tokenizer,
                                    std::string_view options_json) {
  constexpr std::string_view kKnown[] = {"addSpecialTokens", "offsets", "allowSpecial",
                                         "truncation", "padding"};
  REPRISE_ASSIGN(const OptionsReader reader, OptionsReader::Parse(options_json, kKnown));
  EncodeOptions options;
  REPRISE_TRY(reader.Read("addSpecialTokens", options.add_special_tokens));
  REPRISE_TRY(reader.Read("offsets", options.offsets));
  REPRISE_TRY(reader.Read("allowSpecial", options.allow_special));
  REPRISE_TRY(ReadTruncation(reader, options.truncation));
  REPRISE_TRY(ReadPadding(reader, options.padding));
  return TextEncoder::Create(std::move(tokenizer), std::move(options));
}

Result<GrowingArray<uint32_t>> EncodingWords(std::span<const Encoding> encodings) {
  const MemoryWatch watch;
  size_t size = 0;
  for (const Encoding& encoding : encodings) {
    size += 3 + encoding.ids.size() + 4 * encoding.bytes.size();
  }
  GrowingArray<uint32_t> words;
  words.reserve(size);
  for (const Encoding& encoding : encodings) {
    words.push_back(static_cast<uint32_t>(encoding.ids.size()));
  }
  for (const Encoding& encoding : encodings) {
    words.push_back(static_cast<uint32_t>(encoding.removed));
  }
  for (const Encoding& encoding : encodings) {
    words.push_back(static_cast<uint32_t>(encoding.padded));
  }
  for (const Encoding& encoding : encodings) {
    for (const int32_t id : encoding.ids) words.push_back(static_cast<uint32_t>(id));
  }
  for (const Encoding& encoding : encodings) AppendRanges(encoding.bytes, words);
  for (const Encoding& encoding : encodings) AppendRanges(encoding.utf16, words);
  REPRISE_TRY(MemoryWatch::Check());
  return words;
}

Result<std::unique_ptr<JobObject>> MakeEncodeBatchJob(std::shared_ptr<const Tokenizer> tokenizer,
                                                      ThreadPool* pool, std::string_view texts,
                                                      std::span<const uint32_t> sizes,
                                                      std::string_view options_json) {
  REPRISE_TRY(CheckSizes("sizes", sizes, texts.size()));
  REPRISE_ASSIGN(TextEncoder encoder, MakeTextEncoder(std::move(tokenizer), options_json));
  const MemoryWatch watch;
  auto job = std::make_unique<EncodeBatchObject>(pool, std::move(encoder), texts, sizes);
  REPRISE_TRY(MemoryWatch::Check());
  return job;
}

Result<std::unique_ptr<JobObject>> MakeDecodeBatchJob(std::shared_ptr<const Tokenizer> tokenizer,
                                                      ThreadPool* pool,
                                                      std::span<const int32_t> ids,
                                                      std::span<const uint32_t> counts,
                                                      bool skip_special_tokens) {
  REPRISE_TRY(CheckSizes("counts", counts, ids.size()));
  const MemoryWatch watch;
  auto job = std::make_unique<DecodeBatchObject>(pool, std::move(tokenizer), ids, counts,
                                                 skip_special_tokens);
  REPRISE_TRY(MemoryWatch::Check());
  return job;
}

Result<std::unique_ptr<JobObject>> MakeMetricsJob(std::shared_ptr<const Tokenizer> tokenizer,
                                                  ThreadPool* pool, std::string_view texts,
                                                  std::span<const uint32_t> sizes) {
  REPRISE_TRY(CheckSizes("sizes", sizes, texts.size()));
  const MemoryWatch watch;
  auto job = std::make_unique<MetricsObject>(pool, std::move(tokenizer), texts, sizes);
  REPRISE_TRY(MemoryWatch::Check());
  return job;
}

}  // namespace reprise
