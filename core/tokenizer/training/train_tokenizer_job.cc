#include "tokenizer/training/train_tokenizer_job.h"

#include <utility>

#include "tokenizer/training/bpe_trainer.h"
#include "tokenizer/training/trained_file.h"
#include "tokenizer/training/unigram_trainer.h"

namespace reprise {
namespace {

// Visiting a symbol looks into tables of some megabytes: about 100 ns, where a unit takes about 10
// us.
constexpr int64_t kSymbolsPerUnit = 64;

}  // namespace

Result<std::unique_ptr<TrainTokenizerJob>> TrainTokenizerJob::Create(
    const TokenizerTrainingOptions& options, std::vector<CountedWord> words) {
  if (words.empty()) return RefuseArgument("texts", "at least one word to train on", "none");
  std::unique_ptr<ModelTrainer> trainer;
  switch (options.model) {
    case TrainedModelKind::kBpe:
      trainer = std::make_unique<BpeTrainer>(options, std::move(words));
      break;
    case TrainedModelKind::kUnigram:
      trainer = std::make_unique<UnigramTrainer>(options, std::move(words));
      break;
  }
  return std::unique_ptr<TrainTokenizerJob>(new TrainTokenizerJob(options, std::move(trainer)));
}

Result<JobState> TrainTokenizerJob::Step(int64_t work_units) {
  if (is_done_) return JobState::kDone;
  REPRISE_ASSIGN(is_done_, trainer_->Step(work_units * kSymbolsPerUnit));
  if (is_done_) {
    tokenizer_json_ = WriteTrainedFile(options_, trainer_->Take());
    return JobState::kDone;
  }
  const JobProgress now = progress();
  const int64_t percent = now.done * 100 / now.total;
  if (percent <= told_percent_) return JobState::kRunning;
  told_percent_ = percent;
  return JobState::kEvent;
}

}  // namespace reprise
