// How a Unigram model is read: what runs once a tokenizer.
#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "base/fill_in.h"
#include "tokenizer/byte_tokens.h"
#include "tokenizer/unigram.h"

namespace reprise {
namespace {

constexpr double kUnkPenalty = 10.0;

// The field `vocab`: [["token", score], …], where a token's place is its id.
void ReadEntries(const JsonFields& fields, std::vector<std::string_view>& texts,
                 std::vector<double>& scores) {
  const auto entries = fields.Array("vocab");
  if (entries.size() > static_cast<size_t>(Vocabulary::kMaxTokens)) {
    return fields.Invalid("vocab", "more than 2^21 tokens");
  }
  texts.reserve(entries.size());
  scores.reserve(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto pair = entries[i].is_array() ? entries[i].array() : std::span<const JsonValue>();
    if (pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number()) {
      return fields.Invalid(FillIn("vocab[{}]", {std::to_string(i)}),
                            "expected [\"token\", score]");
    }
    texts.push_back(pair[0].string());
    scores.push_back(pair[1].number());
  }
}

}  // namespace

std::unique_ptr<Model> UnigramModel::FromFields(const JsonFields& fields, const HashKey& key) {
  fields.OnlyFields("type unk_id vocab byte_fallback");
  std::vector<std::string_view> texts;
  std::vector<double> scores;
  ReadEntries(fields, texts, scores);
  std::optional<int32_t> unk_id;
  if (fields.Has("unk_id")) {
    const auto last = static_cast<int64_t>(texts.size()) - 1;
    if (last < 0) fields.Invalid("vocab", "the unk token is not in it");
    unk_id = static_cast<int32_t>(fields.Integer("unk_id", 0, last));
  }
  const bool byte_fallback = fields.Boolean("byte_fallback", false);
  if (!fields.ok()) return nullptr;
  return std::unique_ptr<Model>(
      new UnigramModel(Vocabulary::FromList(texts, key), std::move(scores), unk_id, byte_fallback));
}

UnigramModel::UnigramModel(Vocabulary vocabulary, std::vector<double> scores,
                           std::optional<int32_t> unk_id, bool byte_fallback)
    : Model(std::move(vocabulary)),
      scores_(std::move(scores)),
      unk_id_(unk_id),
      byte_fallback_(byte_fallback),
      trie_(this->vocabulary().Texts()),
      byte_ids_(FindByteTokens(this->vocabulary(), kNone)) {
  double lowest = std::numeric_limits<double>::infinity();
  for (const double score : scores_) lowest = std::min(lowest, score);
  unk_score_ = lowest - kUnkPenalty;
}

}  // namespace reprise
