#include "tokenizer/unigram.h"

#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "base/small_code.h"
#include "tokenizer/byte_tokens.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

constexpr double kUnkPenalty = 10.0;

// The field `vocab`: [["token", score], …], where a token's place is its id.
REPRISE_SMALL Result<std::vector<std::pair<std::string_view, double>>> ReadEntries(
    const JsonFields& fields) {
  REPRISE_ASSIGN(const auto entries, fields.Array("vocab"));
  if (entries.size() > static_cast<size_t>(Vocabulary::kMaxTokens)) {
    return fields.Invalid("vocab", "more than 2^21 tokens");
  }
  std::vector<std::pair<std::string_view, double>> tokens;
  tokens.reserve(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    const bool is_pair = entries[i].is_array() && entries[i].array().size() == 2 &&
                         entries[i].array()[0].is_string() && entries[i].array()[1].is_number();
    if (!is_pair) {
      return fields.Invalid("vocab[" + std::to_string(i) + "]", "expected [\"token\", score]");
    }
    tokens.emplace_back(entries[i].array()[0].string(), entries[i].array()[1].number());
  }
  return tokens;
}

}  // namespace

REPRISE_SMALL Result<std::unique_ptr<Model>> UnigramModel::FromFields(const JsonFields& fields,
                                                                      const HashKey& key) {
  REPRISE_TRY(fields.OnlyFields({"type", "unk_id", "vocab", "byte_fallback"}));
  REPRISE_ASSIGN(const auto entries, ReadEntries(fields));
  std::optional<int32_t> unk_id;
  if (fields.Find("unk_id") != nullptr) {
    const auto last = static_cast<int64_t>(entries.size()) - 1;
    if (last < 0) return fields.Invalid("vocab", "the unk token is not in it");
    REPRISE_ASSIGN(const int64_t id, fields.Integer("unk_id", 0, last));
    unk_id = static_cast<int32_t>(id);
  }
  REPRISE_ASSIGN(const bool byte_fallback, fields.Boolean("byte_fallback", false));
  std::vector<std::string_view> texts;
  std::vector<double> scores;
  for (const auto& [text, score] : entries) {
    texts.push_back(text);
    scores.push_back(score);
  }
  return std::unique_ptr<Model>(
      new UnigramModel(Vocabulary::FromList(texts, key), std::move(scores), unk_id, byte_fallback));
}

REPRISE_SMALL UnigramModel::UnigramModel(Vocabulary vocabulary, std::vector<double> scores,
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

// best[i] is about the first i bytes.
Status UnigramModel::FindBest(std::string_view word, std::span<Best> best) const {
  const auto offer = [&](size_t start, size_t length, int32_t id, double score) {
    Best& there = best[start + length];
    const double sum = score + best[start].score;
    if (there.start == kNone || sum > there.score) {
      there = {sum, static_cast<int32_t>(start), id};
    }
  };
  for (size_t start = 0; start < word.size();) {
    const size_t character = Utf8Length(word[start]);
    bool has_character = false;
    std::optional<ByteTrie::Node> node = ByteTrie::kRoot;
    for (size_t at = start; at < word.size(); ++at) {
      node = trie_.Child(*node, word[at]);
      if (!node) break;
      const int32_t id = trie_.Value(*node);
      if (id == ByteTrie::kNoValue) continue;
      offer(start, at + 1 - start, id, scores_[static_cast<size_t>(id)]);
      if (at + 1 - start == character) has_character = true;
    }
    if (!has_character) {
      if (!unk_id_) return MissingUnk("unk_id", "missing", word.substr(start, character));
      offer(start, character, *unk_id_, unk_score_);
    }
    start += character;
  }
  return {};
}

// A run of unk tokens. It may be a token itself: one that is as bad as its parts.
Status UnigramModel::AppendRun(std::string_view run, std::vector<int32_t>& reversed) const {
  if (const std::optional<int32_t> id = vocabulary().Find(run)) {
    reversed.push_back(*id);
    return {};
  }
  const auto has_token = [&](char byte) {
    return byte_ids_[static_cast<unsigned char>(byte)] != kNone;
  };
  if (byte_fallback_ && std::all_of(run.begin(), run.end(), has_token)) {
    for (auto byte = run.rbegin(); byte != run.rend(); ++byte) {
      reversed.push_back(byte_ids_[static_cast<unsigned char>(*byte)]);
    }
    return {};
  }
  reversed.push_back(*unk_id_);
  return {};
}

Status UnigramModel::EncodeWord(std::string_view word, std::vector<int32_t>& ids,
                                std::vector<TextRange>* ranges) const {
  // Short words do without asking for memory.
  Best few[64];
  std::vector<Best> many;
  std::span<Best> best(few);
  if (word.size() >= best.size()) {
    many.resize(word.size() + 1);
    best = many;
  }
  REPRISE_TRY(FindBest(word, best));
  // From right to left, then turned around.
  const size_t first_id = ids.size(), first_range = ranges == nullptr ? 0 : ranges->size();
  for (size_t end = word.size(); end > 0;) {
    size_t start = static_cast<size_t>(best[end].start);
    if (best[end].id != unk_id_) {
      ids.push_back(best[end].id);
    } else {
      while (start > 0 && best[start].id == unk_id_) start = static_cast<size_t>(best[start].start);
      REPRISE_TRY(AppendRun(word.substr(start, end - start), ids));
    }
    if (ranges != nullptr) {
      ranges->resize(first_range + ids.size() - first_id,
                     {static_cast<uint32_t>(start), static_cast<uint32_t>(end)});
    }
    end = start;
  }
  std::reverse(ids.begin() + static_cast<std::ptrdiff_t>(first_id), ids.end());
  if (ranges != nullptr) {
    std::reverse(ranges->begin() + static_cast<std::ptrdiff_t>(first_range), ranges->end());
  }
  return {};
}

Status UnigramModel::Encode(std::string_view word, std::vector<int32_t>& ids) const {
  return EncodeWord(word, ids, nullptr);
}

Status UnigramModel::EncodeWithRanges(std::string_view word, std::vector<int32_t>& ids,
                                      std::vector<TextRange>& ranges) const {
  return EncodeWord(word, ids, &ranges);
}

std::string_view UnigramModel::TokenText(int32_t id, std::string_view part) const {
  return id == unk_id_ ? part : Model::TokenText(id, part);
}

REPRISE_SMALL std::vector<int32_t> UnigramModel::byte_fallback_ids() const {
  return byte_fallback_ ? PresentByteTokens(byte_ids_, kNone) : std::vector<int32_t>();
}

}  // namespace reprise
