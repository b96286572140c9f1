// The parts of a trained tokenizer.json around its model: how text is cut before the model and put
// together behind it.
#pragma once

#include <memory>

#include "base/json_writer.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/training/training_options.h"

namespace reprise {

// Each writes the value of the field that it is named for.
void WriteNormalizer(TrainedNormalizer normalizer, JsonWriter& json);
void WritePreTokenizer(TrainedPreTokenizer pre_tokenizer, JsonWriter& json);
void WritePostProcessor(TrainedPreTokenizer pre_tokenizer, JsonWriter& json);
void WriteDecoder(TrainedPreTokenizer pre_tokenizer, JsonWriter& json);

// The components themselves, as they will be read from the file; a normalizer may be null.
std::unique_ptr<const Normalizer> MakeNormalizer(TrainedNormalizer normalizer);
std::unique_ptr<const PreTokenizer> MakePreTokenizer(TrainedPreTokenizer pre_tokenizer);

}  // namespace reprise
