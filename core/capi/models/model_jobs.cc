#include "capi/models/model_jobs.h"

#include <string_view>
#include <utility>

#include "base/byte_view.h"
#include "base/json_writer.h"
#include "capi/models/generate_options.h"
#include "capi/models/run_facts.h"
#include "generate/forward_job.h"
#include "generate/generate_job.h"
#include "generate/score_job.h"
#include "run/replay_job.h"

namespace reprise {

namespace {

// The job of a model, which has no other one and outlives it.
class ModelJobObject : public JobObject {
 public:
  explicit ModelJobObject(ModelObject* model) : model_(model) { model->has_job = true; }
  ~ModelJobObject() override { model_->has_job = false; }

 private:
  virtual Job& job() = 0;
  Result<JobState> Advance(int64_t work_units) override { return job().Step(work_units); }

  ModelObject* model_;
};

void WriteIdLogprob(JsonWriter& json, const IdLogprob& one) {
  json.Key("id").Int(one.id);
  json.Key("logprob").Double(static_cast<double>(one.logprob));
}

void WriteChosenLogprob(JsonWriter& json, const ChosenLogprob& logprob) {
  json.BeginObject();
  WriteIdLogprob(json, logprob.chosen);
  json.Key("top").BeginArray();
  for (const IdLogprob& one : logprob.top) {
    json.BeginObject();
    WriteIdLogprob(json, one);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
}

std::string TokenJson(const TokenEvent& event) {
  JsonWriter json;
  json.BeginObject();
  json.Key("type").String("token");
  json.Key("id").Int(event.id);
  json.Key("text").String(event.text);
  if (event.logprob) {
    json.Key("logprob");
    WriteChosenLogprob(json, *event.logprob);
  }
  json.EndObject();
  return std::move(json).Take();
}

class GenerateObject final : public ModelJobObject {
 public:
  GenerateObject(ModelObject* model, std::shared_ptr<const Tokenizer> tokenizer,
                 std::unique_ptr<GenerateJob> job, int64_t threads)
      : ModelJobObject(model),
        model_(model),
        tokenizer_(std::move(tokenizer)),
        job_(std::move(job)),
        threads_(threads) {}

  std::string EventJson() const override {
    if (const auto* progress = std::get_if<JobProgress>(&job_->event())) {
      return ProgressJson("prefill", *progress);
    }
    return TokenJson(std::get<TokenEvent>(job_->event()));
  }

  std::string ResultText() const override {
    const GenerateResult& result = job_->result();
    JsonWriter json;
    json.BeginObject();
    json.Key("text").String(result.text);
    json.Key("tokens").BeginArray();
    for (const int32_t id : result.tokens) json.Int(id);
    json.EndArray();
    json.Key("finishReason").String(FinishReasonName(result.finish_reason));
    if (job_->options().logprobs) {
      json.Key("logprobs").BeginArray();
      for (const ChosenLogprob& logprob : result.logprobs) WriteChosenLogprob(json, logprob);
      json.EndArray();
    }
    json.EndObject();
    return std::move(json).Take();
  }

  Result<std::string> RecordText(std::string_view facts) const override {
    if (!job_->options().records) return JobObject::RecordText(facts);
    REPRISE_ASSIGN(RunFacts read, ReadRunFacts(facts, *model_, tokenizer_.get(), threads_));
    return WriteRecord(RecordGeneration(*job_, std::move(read.inputs), std::move(read.host)));
  }

 private:
  Job& job() override { return *job_; }
  const ModelObject* model_;
  std::shared_ptr<const Tokenizer> tokenizer_;  // may be null
  std::unique_ptr<GenerateJob> job_;
  int64_t threads_;
};

class ReplayObject final : public ModelJobObject {
 public:
  ReplayObject(ModelObject* model, std::unique_ptr<ReplayJob> job)
      : ModelJobObject(model), job_(std::move(job)) {}

  std::string EventJson() const override { return ProgressJson("replay", job_->progress()); }
  std::string ResultText() const override {
    return job_->is_done() ? ReplayResultJson(job_->result()) : std::string("{}");
  }

 private:
  Job& job() override { return *job_; }
  std::unique_ptr<ReplayJob> job_;
};

class ScoreObject final : public ModelJobObject {
 public:
  ScoreObject(ModelObject* model, std::unique_ptr<ScoreJob> job)
      : ModelJobObject(model), job_(std::move(job)) {}

  std::string EventJson() const override { return ProgressJson("score", job_->progress()); }
  std::string ResultText() const override {
    JsonWriter json;
    json.BeginObject().Key("loss").Double(job_->loss()).EndObject();
    return std::move(json).Take();
  }
  std::span<const uint8_t> values() const override { return BytesOf(job_->logprobs()); }

 private:
  Job& job() override { return *job_; }
  std::unique_ptr<ScoreJob> job_;
};

class ForwardObject final : public ModelJobObject {
 public:
  ForwardObject(ModelObject* model, std::unique_ptr<ForwardJob> job)
      : ModelJobObject(model), job_(std::move(job)), vocab_size_(model->lm->config().vocab_size) {}

  std::string EventJson() const override { return ProgressJson("forward", job_->progress()); }
  std::string ResultText() const override {
    JsonWriter json;
    json.BeginObject().Key("shape").BeginArray();
    json.Int(job_->rows()).Int(vocab_size_);
    json.EndArray().EndObject();
    return std::move(json).Take();
  }
  std::span<const uint8_t> values() const override { return BytesOf(job_->logits()); }

 private:
  Job& job() override { return *job_; }
  std::unique_ptr<ForwardJob> job_;
  int64_t vocab_size_;
};

// A model that is loaded and has no other job.
Status CheckReady(const ModelObject& model) {
  if (model.state != ModelObject::State::kReady) {
    return Fail(ErrorCode::kInvalidArgument, "the model is not loaded yet");
  }
  if (model.has_job) return Fail(ErrorCode::kBusy, "another job uses the model");
  return {};
}

}  // namespace

Result<std::unique_ptr<JobObject>> MakeGenerateJob(ModelObject* model,
                                                   std::shared_ptr<const Tokenizer> tokenizer,
                                                   std::span<const int32_t> ids,
                                                   std::string_view options_json, int64_t threads) {
  REPRISE_TRY(CheckReady(*model));
  REPRISE_ASSIGN(GenerateOptions options, ReadGenerateOptions(options_json, model->stop_ids));
  REPRISE_ASSIGN(auto job,
                 GenerateJob::Create(model->lm.get(), tokenizer, ids, std::move(options)));
  return std::make_unique<GenerateObject>(model, std::move(tokenizer), std::move(job), threads);
}

Result<std::unique_ptr<JobObject>> MakeReplayJob(ModelObject* model,
                                                 std::shared_ptr<const Tokenizer> tokenizer,
                                                 RunRecord record, std::string_view facts,
                                                 int64_t threads) {
  REPRISE_TRY(CheckReady(*model));
  REPRISE_ASSIGN(RunFacts read, ReadRunFacts(facts, *model, tokenizer.get(), threads));
  REPRISE_ASSIGN(
      auto job, ReplayJob::Create(model->lm.get(), std::move(tokenizer), std::move(record),
                                  std::move(read.inputs), std::move(read.host), read.other_inputs));
  return std::make_unique<ReplayObject>(model, std::move(job));
}

Result<std::unique_ptr<JobObject>> MakeScoreJob(ModelObject* model, std::span<const int32_t> ids) {
  REPRISE_TRY(CheckReady(*model));
  REPRISE_ASSIGN(auto job, ScoreJob::Create(model->lm.get(), ids));
  return std::make_unique<ScoreObject>(model, std::move(job));
}

Result<std::unique_ptr<JobObject>> MakeForwardJob(ModelObject* model, std::span<const int32_t> ids,
                                                  bool last_only, MemoryBudget* budget) {
  REPRISE_TRY(CheckReady(*model));
  REPRISE_ASSIGN(auto job, ForwardJob::Create(model->lm.get(), ids, last_only, budget));
  return std::make_unique<ForwardObject>(model, std::move(job));
}

}  // namespace reprise
