// What the trainers of the models share: they work in small steps and give a vocabulary.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/job.h"
#include "base/status.h"

namespace reprise {

// What a model's trainer found. A token's place is its id.
struct TrainedModel {
  std::vector<std::string> tokens;
  std::vector<std::pair<int32_t, int32_t>> merges;  // BPE: in the order of their rank
  std::vector<double> scores;                       // Unigram: of each token
  std::optional<int32_t> unk_id;                    // Unigram
};

class ModelTrainer {
 public:
  virtual ~ModelTrainer() = default;

  // Visits about so many symbols of the words; true once it is done. After an error it must not be
  // called again. Errors: invalid_argument where the settings do not suit the words.
  virtual Result<bool> Step(int64_t symbols) = 0;
  virtual JobProgress progress() const = 0;
  // Once it is done.
  virtual TrainedModel Take() = 0;
};

}  // namespace reprise
