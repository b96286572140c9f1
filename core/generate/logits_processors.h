// What happens to logits between the model and the draw, by transformers' definitions. Each
// function is one step; sampler.h puts them in order. All sums and orders are fixed, so that the
// same logits give the same result on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace reprise {

// The tokens that may still be drawn, ascending by id, and their scores. No score is NaN.
struct Candidates {
  std::vector<int32_t> ids;
  std::vector<float> scores;
};

// Divides a positive score by `penalty` and multiplies a negative one, once for each of `ids`,
// which are distinct (Keskar et al. 2019, "CTRL", section 4.1; with the sign rule of transformers).
void ApplyRepetitionPenalty(std::span<float> scores, std::span<const int32_t> ids, float penalty);

// For each of `ids`, which are distinct: subtracts its count times `frequency`, then `presence`.
// counts[id] is how often it was generated (OpenAI's API reference, "Frequency and presence
// penalties").
void ApplyCountPenalties(std::span<float> scores, std::span<const int32_t> ids,
                         std::span<const int32_t> counts, float frequency, float presence);

// Index of the largest score, the lowest of equal ones.
int32_t Argmax(std::span<const float> scores);

// Shifts the scores so that the largest is 0, and divides them by the temperature, which is above
// 0. The shift changes no probability; it keeps small temperatures from overflowing.
void ApplyTemperature(std::span<float> scores, double temperature);

// Keeps the k >= 1 largest scores, of those that tie at the border the lowest ids. transformers'
// TopKLogitsWarper keeps all of these: then more than k would be left, and k = 1 would draw.
void KeepTopK(Candidates& candidates, int64_t k);

// Keeps the smallest set of the likeliest whose probabilities sum to at least p, and at least one
// (TopPLogitsWarper). Of equal scores at the border those of the lowest ids stay. 0 < p < 1.
void KeepTopP(Candidates& candidates, double p);

// Keeps tokens of at least `min_p` times the likeliest's probability (MinPLogitsWarper).
void KeepMinP(Candidates& candidates, double min_p);

// Draws by the scores' softmax: the candidate in whose part of the cumulated sum, ascending by id,
// `uniform` of [0, 1) falls.
int32_t Draw(const Candidates& candidates, float uniform);

}  // namespace reprise
