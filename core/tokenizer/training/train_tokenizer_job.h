// Trains a tokenizer: a job from counted words to the text of a tokenizer.json.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/job.h"
#include "tokenizer/training/model_trainer.h"
#include "tokenizer/training/training_options.h"
#include "tokenizer/training/word_counter.h"

namespace reprise {

// The same words and options give the same bytes on every machine. An event tells each hundredth of
// the way.
class TrainTokenizerJob final : public Job {
 public:
  // The options are checked. Errors: invalid_argument where there is no word.
  static Result<std::unique_ptr<TrainTokenizerJob>> Create(const TokenizerTrainingOptions& options,
                                                           std::vector<CountedWord> words);

  // Errors: those of the trainers.
  Result<JobState> Step(int64_t work_units) override;

  // BPE: in tokens; Unigram: in visits of words.
  JobProgress progress() const { return trainer_->progress(); }
  // The tokenizer.json, once it is done; laid out as Hugging Face's library saves it.
  const std::string& tokenizer_json() const { return tokenizer_json_; }

 private:
  TrainTokenizerJob(const TokenizerTrainingOptions& options, std::unique_ptr<ModelTrainer> trainer)
      : options_(options), trainer_(std::move(trainer)) {}

  const TokenizerTrainingOptions options_;
  const std::unique_ptr<ModelTrainer> trainer_;
  int64_t told_percent_ = 0;
  bool is_done_ = false;
  std::string tokenizer_json_;
};

}  // namespace reprise
