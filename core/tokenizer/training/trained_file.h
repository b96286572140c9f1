// Writes what was trained as a tokenizer.json.
#pragma once

#include <string>

#include "tokenizer/training/model_trainer.h"
#include "tokenizer/training/training_options.h"

namespace reprise {

// The text of a tokenizer.json in the layout in which Hugging Face's library saves one.
std::string WriteTrainedFile(const TokenizerTrainingOptions& options, const TrainedModel& model);

}  // namespace reprise
